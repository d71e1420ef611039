// The failure of an answer that does not fit into one message.

import { FailedCall } from "./status.js";

const MIB = 1024 * 1024;

export function tooLarge(bytes: number, most: number, endpoints: number): FailedCall {
  return new FailedCall("LIMIT_REACHED", {
    what: `the answer has ${(bytes / MIB).toFixed(1)} MiB, and one message takes ${most / MIB} MiB`,
    why: [`it tells of ${endpoints} endpoints`],
    now: "nothing was changed",
    next: ["ask for less: a service, more labels, one group", "watch instead: a watch is answered in parts"],
    metadata: { limit: String(most), size: String(bytes), endpoints: String(endpoints) },
  });
}

// One renewal of a lease that another server may have been granted.

import { TheseusError } from "../model/errors.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Parts } from "./parts.js";
import { within } from "./within.js";

const DEADLINE: Milliseconds = 2 * SECOND;

/** False when the lease is over. STORE_UNREACHABLE when nobody answers in time. */
export async function keepAliveOnce({ wire, clock }: Pick<Parts, "wire" | "clock">, lease: bigint): Promise<boolean> {
  const stream = wire.leaseKeepAlive(lease);
  let isAnswered = false;
  try {
    stream.send();
    const answer = await within(clock, DEADLINE, stream[Symbol.asyncIterator]().next());
    if (answer.kind === "timeout" || answer.value.done === true) throw noAnswer();
    isAnswered = true;
    return answer.value.value.ttlSeconds > 0;
  } finally {
    stream.close(!isAnswered);
  }
}

function noAnswer(): TheseusError {
  return new TheseusError("STORE_UNREACHABLE", {
    what: "the store does not answer",
    why: ["a renewal had no answer in time"],
    now: "nothing was changed",
    next: ["theseus server status"],
    retryable: true,
  });
}

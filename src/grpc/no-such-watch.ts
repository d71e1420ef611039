// The failure of an acknowledgement that nothing waits for.

import { FailedCall } from "./status.js";

export function noSuchWatch(watchId: string): FailedCall {
  return new FailedCall("NO_SUCH_WATCH", {
    what: "there is no such watch",
    why: ["it has ended, and nothing waits for its acknowledgement; or its server is gone"],
    now: "nothing was changed",
    metadata: { watch_id: watchId },
  });
}

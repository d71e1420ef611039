// The failures of a lookup that needs a newer state than this server has, and does not get it in time.

import { TheseusError } from "../model/errors.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import { FailedCall } from "./status.js";

/** For at_least_revision. */
export function notSeen({ asked, seen, age }: { asked: bigint; seen: bigint; age: Milliseconds }): FailedCall {
  return new FailedCall("STILL_RUNNING", {
    what: `revision ${asked} was waited for, and this server is at ${seen}`,
    why: [heard(age)],
    now: "nothing was changed",
    next: ["theseus server status", "without at_least_revision the answer is that of now"],
    metadata: { at_least_revision: String(asked), revision: String(seen) },
    retryable: true,
  });
}

/** For one that has to be linearizable. */
export function unconfirmed(age: Milliseconds): TheseusError {
  return new TheseusError("STORE_UNREACHABLE", {
    what: "the store did not say in time whether this server is up to date",
    why: [heard(age)],
    now: "nothing was changed; the same lookup from the mirror is answered",
    next: ["theseus server status"],
    retryable: true,
  });
}

function heard(age: Milliseconds): string {
  return `it last heard from the store ${(age / SECOND).toFixed(1)} s ago`;
}

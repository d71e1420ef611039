// What etcd3 and gRPC throw, translated once into the words of the house. Goes by the class and text of the error,
// since etcd3 drops the code; must not know keys.

import { type ErrorFacts, type Reason, TheseusError } from "../model/errors.js";

/** What was tried: a call that may have written has an unknown outcome when its answer is lost. */
export type Attempted = { readonly call: string; readonly writes: boolean; readonly endpoint: string };

/** Nothing of the call left this machine: no connection was there to carry it. */
const NEVER_SENT =
  /No connection established|Name resolution failed|Waiting for LB pick|waiting for (metadata filters|name resolution)|Channel closed before call started/;
const REFUSED_CALLER =
  /user name is empty|user name not found|authentication failed|permission denied|invalid auth token|Unauthenticated|auth token/i;
const TOO_LARGE = /request is too large|too many operations|message larger than/;

/** Classes that mean "no answer": the transport failed, or etcd gave up waiting for its own quorum. */
const NO_ANSWER = new Set([
  "GRPCUnavailableError",
  "GRPCDeadlineExceededError",
  "GRPCCancelledError",
  "GRPCInternalError",
  "GRPCUnknownError",
  "GRPCAbortedError",
  "GRPCDataLossError",
  "ClientClosedError",
]);

/** True when the same call may go to another endpoint, write or not: this one never got it. */
export function neverSent(error: unknown): boolean {
  return error instanceof Error && (nameOf(error) === "ClientClosedError" || NEVER_SENT.test(error.message));
}

/**
 * The reason for a failed call: STORE_UNREACHABLE (nothing was changed), OUTCOME_UNKNOWN (perhaps it was), STORE_FULL,
 * PAGE_TOKEN_EXPIRED, INVALID_REQUEST (too much at once), CONFLICT (the lease of a write is over), else INTERNAL.
 */
export function translate(error: unknown, attempted: Attempted): TheseusError {
  if (error instanceof TheseusError) return error;
  const known = error instanceof Error ? reasonOf(error) : undefined;
  if (known !== undefined) return new TheseusError(known, factsOf(known, error, attempted));
  if (error instanceof Error && NO_ANSWER.has(nameOf(error))) return noAnswer(error, attempted);
  return new TheseusError("INTERNAL", {
    what: `etcd refused "${attempted.call}" in a way that Theseus does not know`,
    why: [textOf(error)],
    cause: error,
  });
}

/** A lease that etcd does not know (any more). */
export function isLeaseGone(error: unknown): boolean {
  return error instanceof Error && nameOf(error) === "EtcdLeaseInvalidError";
}

function reasonOf(error: Error): Reason | undefined {
  if (REFUSED_CALLER.test(error.message)) return "STORE_UNREACHABLE";
  if (TOO_LARGE.test(error.message)) return "INVALID_REQUEST";
  if (isLeaseGone(error)) return "CONFLICT";
  switch (nameOf(error)) {
    case "GRPCOutOfRangeError":
      return "PAGE_TOKEN_EXPIRED";
    case "GRPCResourceExhastedError":
      return /database space exceeded/.test(error.message) ? "STORE_FULL" : "STORE_UNREACHABLE";
    default:
      return undefined;
  }
}

const WORDS: Partial<Record<Reason, Omit<ErrorFacts, "cause">>> = {
  STORE_UNREACHABLE: {
    what: "Theseus cannot read or write its store",
    now: "nothing was changed; running containers and the last discovery answers are not affected",
    next: ["theseus server status", "on the machines of etcd: systemctl status etcd"],
    retryable: true,
  },
  STORE_FULL: {
    what: "the store is full: etcd takes no more writes",
    now: "nothing was changed; running containers and lookups are not affected",
    next: ["etcdctl compact REVISION; etcdctl defrag; etcdctl alarm disarm"],
  },
  PAGE_TOKEN_EXPIRED: { what: "the store has forgotten that revision", now: "nothing was changed" },
  INVALID_REQUEST: { what: "this is more than the store takes in one transaction", now: "nothing was changed" },
  CONFLICT: { what: "the lease of this write is over", now: "nothing was changed", retryable: true },
};

function factsOf(reason: Reason, error: unknown, attempted: Attempted): ErrorFacts {
  const words = WORDS[reason] ?? { what: "the store failed" };
  return { ...words, why: [`etcd at ${attempted.endpoint}: ${textOf(error)}`], cause: error };
}

function noAnswer(error: Error, attempted: Attempted): TheseusError {
  if (!attempted.writes || neverSent(error)) {
    return new TheseusError("STORE_UNREACHABLE", factsOf("STORE_UNREACHABLE", error, attempted));
  }
  return new TheseusError("OUTCOME_UNKNOWN", {
    what: "the answer of the store was lost",
    why: [`etcd at ${attempted.endpoint}: ${textOf(error)}`],
    now: "the change may or may not have been stored",
    next: ["run the same command again: with the same request id it has one effect"],
    retryable: true,
    cause: error,
  });
}

const nameOf = (error: Error): string => error.constructor.name;

function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const said = text.replace(/^\d+ [A-Z_]+: /, "").replace(/ Resolution note: $/, "");
  if (/^(?:Channel closed|Channel has been shut down|Connection dropped)/.test(said)) return "the connection broke";
  if (/^Deadline exceeded/.test(said)) return "no answer in time";
  return said.replace(/^No connection established\. Last error: (?:Error: )?(.*?)\.?$/, "$1");
}

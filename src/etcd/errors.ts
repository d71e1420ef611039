// What etcd3 and gRPC throw, translated once into the words of the house. Goes by the class and text of the error,
// since etcd3 drops the code; must not know keys.

import { type ErrorFacts, type Reason, TheseusError } from "../model/errors.js";
import { roomInEtcd } from "../model/full-store.js";
import { plainWords, remedies } from "./error-words.js";

/** What was tried: a call that may have written has an unknown outcome when its answer is lost. */
export type Attempted = { readonly call: string; readonly writes: boolean; readonly endpoint: string };

/** Nothing of the call left this machine: no connection was there to carry it. */
const NEVER_SENT =
  /No connection established|Name resolution failed|Waiting for LB pick|waiting for (metadata filters|name resolution)|Channel closed before call started/;
/** It was refused before it had any effect. */
const REFUSED_CALLER =
  /user name is empty|user name not found|authentication failed|permission denied|invalid auth token|Unauthenticated|auth token|corrupt cluster|UNIMPLEMENTED/i;
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
    why: [plainWords(error)],
    cause: error,
  });
}

/** A backup that ended before it was whole, with or without an error. */
export function brokenBackup(error: unknown, attempted: Attempted): TheseusError {
  const failure = error === undefined ? undefined : translate(error, attempted);
  if (error instanceof Error && /permission denied/.test(error.message)) return refusedBackup(error, attempted);
  return new TheseusError("STORE_UNREACHABLE", {
    ...WORDS.STORE_UNREACHABLE,
    what: "the backup ended before it was whole",
    why: failure?.facts.why ?? [`etcd at ${attempted.endpoint}: it sent less than its whole data`],
    cause: error,
  });
}

function refusedBackup(cause: Error, { endpoint }: Attempted): TheseusError {
  return new TheseusError("STORE_UNREACHABLE", {
    what: "etcd gives the user of this server no backup",
    why: [`etcd at ${endpoint}: a backup is only for users with the role root`],
    now: "nothing was changed",
    next: [`etcdctl --endpoints=${endpoint} user grant-role USER root, for the user given by --etcd-user`],
    cause,
  });
}

/** Said by etcd itself, over a connection that is as good as ever. */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && /etcdserver: |message larger than/.test(error.message);
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
    next: ["theseus server status"],
    retryable: true,
  },
  STORE_FULL: {
    what: "the store is full: etcd takes no more writes",
    now: "nothing was changed; running containers and lookups are not affected",
    retryable: true,
  },
  PAGE_TOKEN_EXPIRED: { what: "the store has forgotten that revision", now: "nothing was changed" },
  INVALID_REQUEST: { what: "this is more than the store takes in one transaction", now: "nothing was changed" },
  CONFLICT: { what: "the lease of this write is over", now: "nothing was changed", retryable: true },
};

const ON_ETCD = ["on the machines of etcd: systemctl status etcd"];

function factsOf(reason: Reason, error: unknown, { endpoint }: Attempted): ErrorFacts {
  const words = WORDS[reason] ?? { what: "the store failed" };
  const next = nextSteps(reason, error, endpoint);
  return {
    ...words,
    why: [`etcd at ${endpoint}: ${plainWords(error)}`],
    ...(next.length > 0 && { next }),
    cause: error,
  };
}

function nextSteps(reason: Reason, error: unknown, endpoint: string): readonly string[] {
  if (reason === "STORE_FULL") return roomInEtcd(endpoint);
  const first = WORDS[reason]?.next ?? [];
  return reason === "STORE_UNREACHABLE" ? [...first, ...(remedies(error) ?? ON_ETCD)] : first;
}

function noAnswer(error: Error, attempted: Attempted): TheseusError {
  if (!attempted.writes || neverSent(error)) {
    return new TheseusError("STORE_UNREACHABLE", factsOf("STORE_UNREACHABLE", error, attempted));
  }
  return new TheseusError("OUTCOME_UNKNOWN", {
    what: "the answer of the store was lost",
    why: [`etcd at ${attempted.endpoint}: ${plainWords(error)}`],
    now: "the change may or may not have been stored",
    next: ["run the same command again: with the same request id it has one effect"],
    retryable: true,
    cause: error,
  });
}

const nameOf = (error: Error): string => error.constructor.name;

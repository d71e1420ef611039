// Refusals of the embedded store in the words of the house; the same reasons that etcd/errors.ts gives for an etcd.

import { type ErrorFacts, type Reason, TheseusError } from "../model/errors.js";
import { CODE, EtcdRefusal } from "./api.js";
import { UnknownOutcome } from "./refusals.js";

const WORDS: Partial<Record<Reason, Omit<ErrorFacts, "cause">>> = {
  STORE_UNREACHABLE: {
    what: "Theseus cannot read or write its store",
    now: "nothing was changed; running containers and the last discovery answers are not affected",
    next: ["theseus server status"],
    retryable: true,
  },
  OUTCOME_UNKNOWN: {
    what: "the store could not say whether it has kept this",
    now: "the change may or may not have been stored",
    next: ["run the same command again: with the same request id it has one effect"],
    retryable: true,
  },
  STORE_FULL: {
    what: "the store is full: it takes no more writes",
    now: "nothing was changed; running containers and lookups are not affected",
    next: ["wait a quarter of an hour: what is older than 10 minutes is given back; theseus server status"],
    retryable: true,
  },
  PAGE_TOKEN_EXPIRED: { what: "the store has forgotten that revision", now: "nothing was changed" },
  INVALID_REQUEST: { what: "this is more than the store takes in one transaction", now: "nothing was changed" },
  CONFLICT: { what: "the lease of this write is over", now: "nothing was changed", retryable: true },
};

/** What a wire throws for what the store threw: never anything but a TheseusError. */
export function translate(error: unknown, call: string): TheseusError {
  if (error instanceof TheseusError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const reason = error instanceof EtcdRefusal ? reasonOf(error) : undefined;
  if (reason !== undefined) {
    const words = WORDS[reason] ?? { what: "the store failed" };
    return new TheseusError(reason, { ...words, why: [`the embedded store: ${text}`], cause: error });
  }
  return new TheseusError("INTERNAL", {
    what: `the embedded store refused "${call}" in a way that Theseus does not know`,
    why: [text],
    cause: error,
  });
}

function reasonOf(error: EtcdRefusal): Reason | undefined {
  if (error instanceof UnknownOutcome) return "OUTCOME_UNKNOWN";
  switch (error.code) {
    case CODE.unavailable:
      return "STORE_UNREACHABLE";
    case CODE.resourceExhausted:
      return "STORE_FULL";
    case CODE.outOfRange:
      return "PAGE_TOKEN_EXPIRED";
    case CODE.notFound:
      return "CONFLICT";
    case CODE.invalidArgument:
      return /too large|too many operations/.test(error.message) ? "INVALID_REQUEST" : undefined;
    default:
      return undefined;
  }
}

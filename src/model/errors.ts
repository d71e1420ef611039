// The one error of the house. Foreign errors become one at the edge of the folder that touches the foreign thing.

import type { GroupRef } from "./reference.js";

/** Names of theseus.v1.ErrorReason without the prefix; grpc/status.ts holds the two together by type. */
export const REASONS = [
  "INTERNAL",
  "INVALID_REQUEST",
  "BAD_LABEL",
  "BAD_NAME",
  "PAGE_TOKEN_EXPIRED",
  "NO_SUCH_NAMESPACE",
  "NO_SUCH_SERVICE",
  "NO_SUCH_GROUP",
  "NO_SUCH_CONTAINER",
  "NO_SUCH_HOST",
  "GROUP_EXISTS",
  "NAMESPACE_EXISTS",
  "CONTAINER_EXISTS",
  "SERVICE_NOT_EMPTY",
  "NAMESPACE_NOT_EMPTY",
  "GROUP_REMOVING",
  "GROUP_CLOSED",
  "CONFLICT",
  "REQUEST_ID_REUSED",
  "HOST_ACCESS_REFUSED",
  "NOT_YET_EFFECTIVE",
  "NO_HOST_FITS",
  "PORT_TAKEN",
  "IMAGE_NOT_FOUND",
  "IMAGE_DENIED",
  "REGISTRY_UNREACHABLE",
  "IMAGE_PLATFORM",
  "COMMAND_NOT_FOUND",
  "CONTAINER_EXITED",
  "CONTAINER_UNHEALTHY",
  "CONTAINER_REFUSED",
  "NETWORK_NOT_FOUND",
  "HOST_UNREACHABLE",
  "ENGINE_CHANGED",
  "STORE_UNREACHABLE",
  "STORE_FULL",
  "OUTCOME_UNKNOWN",
  "NOT_READY",
  "STORE_DAMAGED",
  "NO_SUCH_REVISION",
  "NO_ROLLOUT",
  "CANCELLED",
] as const;
export type Reason = (typeof REASONS)[number];

/** One field that is wrong, path as in the group file or the request. */
export type Violation = { readonly field: string; readonly text: string };

export type ErrorFacts = {
  /** The first line: what happened, naming the thing as the user typed it; at most 100 characters. */
  readonly what: string;
  /** The cause in the operator's terms; one entry a line. */
  readonly why?: readonly string[];
  /** What is true now: was anything changed, what is serving. */
  readonly now?: string;
  /** Commands that work as printed. */
  readonly next?: readonly string[];
  /** Values that appear in the texts, for programs. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly violations?: readonly Violation[];
  readonly group?: GroupRef;
  readonly retryable?: boolean;
  readonly cause?: unknown;
};

export class TheseusError extends Error {
  readonly reason: Reason;
  readonly facts: ErrorFacts;
  readonly retryable: boolean;

  constructor(reason: Reason, facts: ErrorFacts) {
    super(facts.what, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "TheseusError";
    this.reason = reason;
    this.facts = facts;
    this.retryable = facts.retryable ?? false;
  }
}

export function isReason(error: unknown, ...reasons: Reason[]): error is TheseusError {
  return error instanceof TheseusError && reasons.includes(error.reason);
}

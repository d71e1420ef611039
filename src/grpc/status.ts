// TheseusError -> gRPC status. The one place that gives a reason its code; status-details.ts packs the rest.
// Knows nothing of handlers or calls.

import { status as Code, Metadata } from "@grpc/grpc-js";
import { ErrorReason } from "../../clients/gen/theseus/v1/error_reason.js";
import { type ErrorFacts, TheseusError } from "../model/errors.js";
import type { Failure, WireReason } from "./failure.js";
import { encodeDetails } from "./status-details.js";

/** What grpc-js takes as the end of a failed call. */
export type WireStatus = { readonly code: Code; readonly details: string; readonly metadata: Metadata };

const CODES: Record<WireReason, Code> = {
  INTERNAL: Code.INTERNAL,
  INVALID_REQUEST: Code.INVALID_ARGUMENT,
  BAD_LABEL: Code.INVALID_ARGUMENT,
  BAD_NAME: Code.INVALID_ARGUMENT,
  PAGE_TOKEN_EXPIRED: Code.INVALID_ARGUMENT,
  NO_SUCH_NAMESPACE: Code.NOT_FOUND,
  NO_SUCH_SERVICE: Code.NOT_FOUND,
  NO_SUCH_GROUP: Code.NOT_FOUND,
  NO_SUCH_CONTAINER: Code.NOT_FOUND,
  NO_SUCH_HOST: Code.NOT_FOUND,
  GROUP_EXISTS: Code.ALREADY_EXISTS,
  NAMESPACE_EXISTS: Code.ALREADY_EXISTS,
  CONTAINER_EXISTS: Code.ALREADY_EXISTS,
  SERVICE_NOT_EMPTY: Code.FAILED_PRECONDITION,
  NAMESPACE_NOT_EMPTY: Code.FAILED_PRECONDITION,
  GROUP_REMOVING: Code.FAILED_PRECONDITION,
  GROUP_CLOSED: Code.FAILED_PRECONDITION,
  CONFLICT: Code.ABORTED,
  REQUEST_ID_REUSED: Code.ABORTED,
  HOST_ACCESS_REFUSED: Code.PERMISSION_DENIED,
  NOT_YET_EFFECTIVE: Code.INVALID_ARGUMENT,
  NO_HOST_FITS: Code.RESOURCE_EXHAUSTED,
  PORT_TAKEN: Code.RESOURCE_EXHAUSTED,
  IMAGE_NOT_FOUND: Code.FAILED_PRECONDITION,
  IMAGE_DENIED: Code.FAILED_PRECONDITION,
  REGISTRY_UNREACHABLE: Code.UNAVAILABLE,
  IMAGE_PLATFORM: Code.FAILED_PRECONDITION,
  COMMAND_NOT_FOUND: Code.FAILED_PRECONDITION,
  CONTAINER_EXITED: Code.FAILED_PRECONDITION,
  CONTAINER_UNHEALTHY: Code.FAILED_PRECONDITION,
  CONTAINER_REFUSED: Code.FAILED_PRECONDITION,
  NETWORK_NOT_FOUND: Code.FAILED_PRECONDITION,
  HOST_UNREACHABLE: Code.UNAVAILABLE,
  ENGINE_CHANGED: Code.FAILED_PRECONDITION,
  STORE_UNREACHABLE: Code.UNAVAILABLE,
  STORE_FULL: Code.RESOURCE_EXHAUSTED,
  OUTCOME_UNKNOWN: Code.UNKNOWN,
  NOT_READY: Code.UNAVAILABLE,
  STORE_DAMAGED: Code.FAILED_PRECONDITION,
  NO_SUCH_REVISION: Code.NOT_FOUND,
  NO_ROLLOUT: Code.FAILED_PRECONDITION,
  CANCELLED: Code.CANCELLED,
  NO_SUCH_CALL: Code.UNIMPLEMENTED,
  STILL_RUNNING: Code.DEADLINE_EXCEEDED,
  NO_SUCH_WATCH: Code.NOT_FOUND,
  NOT_ENOUGH: Code.DEADLINE_EXCEEDED,
  LIMIT_REACHED: Code.RESOURCE_EXHAUSTED,
};

/** The proto enum's value; compiles only while every reason of the model is in the enum. */
export function protoReason(reason: WireReason): ErrorReason {
  return ErrorReason[reason];
}

export function failure(reason: WireReason, facts: ErrorFacts): Failure {
  return { reason, code: CODES[reason], facts, retryable: facts.retryable ?? false };
}

/** Whatever was thrown, as a failure. What is not a TheseusError is a bug: its text stays in the log. */
export function failureOf(thrown: unknown, requestId: string): Failure {
  if (thrown instanceof FailedCall) return thrown.failure;
  if (thrown instanceof TheseusError) {
    return { reason: thrown.reason, code: CODES[thrown.reason], facts: thrown.facts, retryable: thrown.retryable };
  }
  return failure("INTERNAL", {
    what: `the server failed inside; request ${requestId}`,
    why: ["this is a bug of the server, not of the request"],
    now: "it is not known whether anything was changed",
    next: [`look for ${requestId} in the log of the server`],
    cause: thrown,
  });
}

/** A failure with a reason that the model does not have; thrown only inside grpc/. */
export class FailedCall extends Error {
  readonly failure: Failure;
  constructor(reason: WireReason, facts: ErrorFacts) {
    super(facts.what);
    this.failure = failure(reason, facts);
  }
}

export function toWireStatus(failed: Failure, requestId: string): WireStatus {
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", encodeDetails(failed, requestId));
  return { code: failed.code, details: headerText(failed.facts.what), metadata };
}

/** Half a surrogate pair would make the percent-encoding of the status line throw. */
function headerText(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, "\u{fffd}").slice(0, 1024);
}

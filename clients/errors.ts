// The one error of the clients. What the server said in grpc-status-details-bin becomes plain fields; what
// grpc-js says when there was no answer becomes one of three reasons of our own.

import { type ServiceError, status } from "@grpc/grpc-js";
import { BadRequest, ErrorInfo, RequestInfo, RetryInfo } from "./gen/google/rpc/error_details.js";
import { Status } from "./gen/google/rpc/status.js";
import type { ErrorReason } from "./gen/theseus/v1/error_reason.js";

/** The stable code of a failure: the names of theseus.v1.ErrorReason. A newer server may send one that is not listed. */
export type Reason = Exclude<keyof typeof ErrorReason, "UNSPECIFIED" | "UNRECOGNIZED">;

/** One field of the request that is wrong. */
export interface Violation {
  readonly field: string;
  readonly text: string;
}

export interface ErrorParts {
  /** The gRPC status code. */
  readonly code: number;
  readonly reason: Reason;
  readonly message: string;
  readonly why?: readonly string[];
  readonly now?: string;
  readonly next?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly violations?: readonly Violation[];
  readonly requestId?: string;
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** Every rejected call rejects with this. `why`, `now` and `next` are made for people, once, on the server. */
export class TheseusClientError extends Error {
  readonly code: number;
  readonly reason: Reason;
  readonly why: readonly string[];
  readonly now: string | undefined;
  readonly next: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly Violation[];
  readonly requestId: string | undefined;
  /** Sending the same request again later may succeed. */
  readonly retryable: boolean;

  constructor(parts: ErrorParts) {
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = "TheseusClientError";
    this.code = parts.code;
    this.reason = parts.reason;
    this.why = parts.why ?? [];
    this.now = parts.now;
    this.next = parts.next ?? [];
    this.metadata = parts.metadata ?? {};
    this.violations = parts.violations ?? [];
    this.requestId = parts.requestId;
    this.retryable = parts.retryable ?? false;
  }
}

/** What is known of the call that failed. */
export interface Sent {
  readonly address: string;
  readonly path: string;
  /** Changes nothing on the server. */
  readonly reads: boolean;
}

/** True when the request never left this process, so that sending it elsewhere cannot do it twice. */
export function wasNeverSent(error: ServiceError): boolean {
  if (error.code === status.UNAVAILABLE) return error.details.startsWith("No connection established");
  return error.code === status.DEADLINE_EXCEEDED && /Waiting for (LB pick|name resolution)/.test(error.details);
}

/** Translates what grpc-js rejects with. Never throws: details that cannot be read are left out. */
export function fromServiceError(error: ServiceError, sent: Sent): TheseusClientError {
  const said = readDetails(error);
  return said === undefined ? withoutDetails(error, sent) : fromDetails(error, said);
}

interface Details {
  readonly info: ErrorInfo;
  readonly violations: readonly Violation[];
  readonly requestId: string | undefined;
  readonly retry: boolean;
}

function readDetails(error: ServiceError): Details | undefined {
  const bytes = error.metadata?.get("grpc-status-details-bin")[0];
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    return unpack(Status.decode(bytes));
  } catch {
    return undefined;
  }
}

function unpack(decoded: Status): Details | undefined {
  let info: ErrorInfo | undefined;
  let requestId: string | undefined;
  let retry = false;
  const violations: Violation[] = [];
  for (const { typeUrl, value } of decoded.details) {
    const type = typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
    if (type === "google.rpc.ErrorInfo") info = ErrorInfo.decode(value);
    else if (type === "google.rpc.RequestInfo") requestId = RequestInfo.decode(value).requestId;
    else if (type === "google.rpc.RetryInfo") retry = RetryInfo.decode(value) !== undefined;
    else if (type === "google.rpc.BadRequest")
      for (const { field, description } of BadRequest.decode(value).fieldViolations)
        violations.push({ field, text: description });
  }
  return info === undefined ? undefined : { info, violations, requestId, retry };
}

function fromDetails(error: ServiceError, { info, violations, requestId, retry }: Details): TheseusClientError {
  const { why, now, next, ...metadata } = info.metadata;
  const id = requestId ?? metadata["request_id"];
  return new TheseusClientError({
    code: error.code,
    // A reason that this client does not know yet is still the right one to show.
    reason: info.reason as Reason,
    message: error.details,
    why: lines(why),
    next: lines(next),
    metadata,
    violations,
    retryable: retry || error.code === status.UNAVAILABLE,
    cause: error,
    ...(now ? { now } : {}),
    ...(id ? { requestId: id } : {}),
  });
}

function lines(text: string | undefined): string[] {
  return text ? text.split("\n").filter((line) => line !== "") : [];
}

function withoutDetails(error: ServiceError, sent: Sent): TheseusClientError {
  const { code } = error;
  if (wasNeverSent(error)) return unreachable(error, sent);
  if (code === status.CANCELLED) return aborted(error);
  if (code === status.UNIMPLEMENTED) return noSuchCall(error, sent);
  const silent = code === status.UNAVAILABLE || code === status.DEADLINE_EXCEEDED;
  if (silent) return sent.reads ? unreachable(error, sent) : outcomeUnknown(error, sent);
  return new TheseusClientError({
    code,
    reason: code === status.INVALID_ARGUMENT ? "INVALID_REQUEST" : "INTERNAL",
    message: error.details || `the call failed with gRPC code ${code}`,
    cause: error,
  });
}

/** Nothing answers at the address. */
export function unreachable(cause: { readonly details: string }, { address }: Sent): TheseusClientError {
  return new TheseusClientError({
    code: status.UNAVAILABLE,
    reason: "SERVER_UNREACHABLE",
    message: `no answer from a Theseus server at ${address}`,
    why: [plainCause(cause.details)],
    now: "nothing was changed by this call. running containers are not affected",
    next: ["theseus server start --dev     if none is running here; else look at --server and THESEUS_SERVER"],
    retryable: true,
    cause,
  });
}

function plainCause(details: string): string {
  const last = /Last error: (?:Error: )?(.*?)\.?( Resolution note:.*)?$/s.exec(details);
  if (last?.[1]) return last[1];
  if (/Waiting for/.test(details)) return "the address takes connections, and nothing there speaks gRPC";
  if (/^Deadline exceeded/.test(details)) return "no answer within the deadline of this call";
  return details === "" ? "the connection broke" : details;
}

function outcomeUnknown(cause: ServiceError, { address }: Sent): TheseusClientError {
  return new TheseusClientError({
    code: status.UNKNOWN,
    reason: "OUTCOME_UNKNOWN",
    message: `the change was sent to ${address}, and its answer was lost`,
    why: [plainCause(cause.details)],
    now: "the change may or may not have been stored",
    next: ["run the same command again; what is already so stays as it is"],
    retryable: true,
    cause,
  });
}

/** What a call is ended with by its caller. */
export function aborted(cause?: unknown): TheseusClientError {
  return new TheseusClientError({
    code: status.CANCELLED,
    reason: "CANCELLED",
    message: "the call was cancelled",
    cause,
  });
}

function noSuchCall(cause: ServiceError, { address, path }: Sent): TheseusClientError {
  return new TheseusClientError({
    code: status.UNIMPLEMENTED,
    reason: "NO_SUCH_CALL",
    message: `the server at ${address} does not know the call ${path}`,
    why: ["it is of another version, or this address serves discovery alone"],
    now: "nothing was changed",
    next: ["theseus version"],
    cause,
  });
}

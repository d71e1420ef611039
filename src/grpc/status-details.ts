// The bytes of grpc-status-details-bin: a google.rpc.Status with exactly one ErrorInfo, and whatever else fits.
//
// ErrorInfo.metadata carries the lines people see, made once here for CLI, API and viewer:
//   why   the causes, one a line (joined by "\n"); left out when BadRequest would not fit beside it
//   now   what is true at this moment
//   next  commands that work as printed, one a line
//   fields  of a conflict the paths of the fields that others have changed, one a line, a hundred and how many more; also
//           as violations FIELD_CHANGED
//   retryable  "true" when the same call may succeed later without a change
// All other keys are values that appear in the texts. The first line is google.rpc.Status.message.

import {
  BadRequest,
  ErrorInfo,
  PreconditionFailure,
  RequestInfo,
  ResourceInfo,
  RetryInfo,
} from "../../clients/gen/google/rpc/error_details.js";
import { Status } from "../../clients/gen/google/rpc/status.js";
import type { ErrorFacts, Violation } from "../model/errors.js";
import { formatGroup } from "../model/reference.js";
import type { Failure, WireReason } from "./failure.js";

const DOMAIN = "theseus";
/** HTTP/2 peers take 64 KiB of headers at most, and this grows by a third on its way. */
const LARGEST = 32 * 1024;
/** Values in metadata that are left in where there is no room for all. */
const SHORT = 1024;
const RETRY_DELAY_SECONDS = 2n;

/** Detail kinds that name a missing or existing thing, by reason. */
const RESOURCE_TYPES: Partial<Record<WireReason, string>> = {
  NO_SUCH_NAMESPACE: "theseus.v1.Namespace",
  NO_SUCH_SERVICE: "theseus.v1.Service",
  NO_SUCH_GROUP: "theseus.v1.Group",
  NO_SUCH_CONTAINER: "theseus.v1.Container",
  NO_SUCH_HOST: "theseus.v1.Host",
  GROUP_EXISTS: "theseus.v1.Group",
  NAMESPACE_EXISTS: "theseus.v1.Namespace",
  CONTAINER_EXISTS: "theseus.v1.Container",
};

const PRECONDITIONS: ReadonlySet<WireReason> = new Set([
  "SERVICE_NOT_EMPTY",
  "NAMESPACE_NOT_EMPTY",
  "GROUP_REMOVING",
  "GROUP_CLOSED",
  "CONFLICT",
]);

type Any = { typeUrl: string; value: Buffer };
type Encodes<T> = { encode(message: T): { finish(): Uint8Array } };

/** Never larger than headers may be: texts that do not fit are counted instead. */
export function encodeDetails(failed: Failure, requestId: string): Buffer {
  const whole = encode(failed, requestId, true, failed.facts.violations ?? []);
  if (whole.length <= LARGEST) return whole;
  const violations = [...(failed.facts.violations ?? [])];
  while (violations.length > 0) {
    const left = (failed.facts.violations?.length ?? 0) - violations.length;
    const shown = left === 0 ? violations : [...violations, { field: "", text: `and ${left} more` }];
    const bytes = encode(failed, requestId, false, shown);
    if (bytes.length <= LARGEST) return bytes;
    violations.length = Math.floor(violations.length / 2);
  }
  const bytes = encode({ ...failed, facts: withoutLong(failed.facts) }, requestId, false, []);
  if (bytes.length <= LARGEST) return bytes;
  return encode({ ...failed, facts: { what: failed.facts.what.slice(0, SHORT) } }, requestId, false, []);
}

/** Who it was about and what to do stays. */
function withoutLong({ what, now, next, group, metadata = {} }: ErrorFacts): ErrorFacts {
  const short = Object.entries(metadata).filter(([, value]) => value.length <= SHORT);
  return {
    what: what.slice(0, SHORT),
    ...(now === undefined ? {} : { now }),
    ...(next === undefined ? {} : { next }),
    ...(group === undefined ? {} : { group }),
    metadata: Object.fromEntries(short),
  };
}

function encode(failed: Failure, requestId: string, why: boolean, violations: readonly Violation[]): Buffer {
  const details = [
    pack("ErrorInfo", ErrorInfo, {
      reason: failed.reason,
      domain: DOMAIN,
      metadata: metadataOf(failed, why),
    }),
    pack("RequestInfo", RequestInfo, { requestId, servingData: "" }),
    ...badRequest(failed.reason, violations),
    ...precondition(failed),
    ...resource(failed),
    ...retry(failed),
  ];
  return Buffer.from(Status.encode({ code: failed.code, message: failed.facts.what, details }).finish());
}

function metadataOf(failed: Failure, why: boolean): Record<string, string> {
  const { facts } = failed;
  return {
    ...facts.metadata,
    ...(why && facts.why !== undefined && facts.why.length > 0 ? { why: facts.why.join("\n") } : {}),
    ...(facts.now === undefined ? {} : { now: facts.now }),
    ...(facts.next === undefined || facts.next.length === 0 ? {} : { next: facts.next.join("\n") }),
    ...(failed.retryable ? { retryable: "true" } : {}),
  };
}

function badRequest(reason: WireReason, violations: readonly Violation[]): Any[] {
  if (violations.length === 0) return [];
  const fieldViolations = violations.map(({ field, text }) => ({
    field,
    description: text,
    reason,
    localizedMessage: undefined,
  }));
  return [pack("BadRequest", BadRequest, { fieldViolations })];
}

function precondition(failed: Failure): Any[] {
  if (!PRECONDITIONS.has(failed.reason)) return [];
  const violation = {
    type: failed.reason,
    subject: subjectOf(failed),
    description: failed.facts.why?.join("; ") ?? failed.facts.what,
  };
  return [pack("PreconditionFailure", PreconditionFailure, { violations: [violation, ...changedSince(failed)] })];
}

/** Of a conflict each field that differs from what the caller has seen. */
function changedSince(failed: Failure): { type: string; subject: string; description: string }[] {
  const subject = subjectOf(failed);
  const fields = failed.facts.metadata?.["fields"]?.split("\n") ?? [];
  return fields.map((description) => ({ type: "FIELD_CHANGED", subject, description }));
}

function resource(failed: Failure): Any[] {
  const resourceType = RESOURCE_TYPES[failed.reason];
  if (resourceType === undefined) return [];
  const info = { resourceType, resourceName: subjectOf(failed), owner: "", description: failed.facts.what };
  return [pack("ResourceInfo", ResourceInfo, info)];
}

function subjectOf(failed: Failure): string {
  const { group, metadata } = failed.facts;
  const { name } = metadata ?? {};
  return name ?? (group === undefined ? "" : `${group.namespace}/${formatGroup(group)}`);
}

function retry(failed: Failure): Any[] {
  if (!failed.retryable) return [];
  return [pack("RetryInfo", RetryInfo, { retryDelay: { seconds: RETRY_DELAY_SECONDS, nanos: 0 } })];
}

function pack<T>(name: string, codec: Encodes<T>, message: T): Any {
  return { typeUrl: `type.googleapis.com/google.rpc.${name}`, value: Buffer.from(codec.encode(message).finish()) };
}

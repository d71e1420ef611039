// What each failure means to a script: reason -> exit code, complete by type. Loads nothing.

import type { Reason } from "../errors.js";

export const EXIT = {
  ok: 0,
  internal: 1,
  usage: 2,
  changes: 3,
  notFound: 4,
  conflict: 5,
  noFit: 6,
  rolloutFailed: 7,
  rolledBack: 8,
  deadline: 9,
  unreachable: 10,
  denied: 11,
  partial: 12,
  superseded: 13,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Codes that only the CLI says, besides those of theseus.v1.ErrorReason. */
export type Code = Reason | "SUPERSEDED" | "PARTIAL" | "EMPTY";

const BY_CODE: { readonly [C in Code]: ExitCode } = {
  INTERNAL: EXIT.internal,
  INVALID_REQUEST: EXIT.usage,
  BAD_LABEL: EXIT.usage,
  BAD_NAME: EXIT.usage,
  PAGE_TOKEN_EXPIRED: EXIT.usage,
  NO_SUCH_NAMESPACE: EXIT.notFound,
  NO_SUCH_SERVICE: EXIT.notFound,
  NO_SUCH_GROUP: EXIT.notFound,
  NO_SUCH_CONTAINER: EXIT.notFound,
  NO_SUCH_HOST: EXIT.notFound,
  GROUP_EXISTS: EXIT.conflict,
  NAMESPACE_EXISTS: EXIT.conflict,
  CONTAINER_EXISTS: EXIT.conflict,
  SERVICE_NOT_EMPTY: EXIT.conflict,
  NAMESPACE_NOT_EMPTY: EXIT.conflict,
  GROUP_REMOVING: EXIT.conflict,
  GROUP_CLOSED: EXIT.conflict,
  CONFLICT: EXIT.conflict,
  REQUEST_ID_REUSED: EXIT.conflict,
  HOST_ACCESS_REFUSED: EXIT.denied,
  NOT_YET_EFFECTIVE: EXIT.usage,
  NO_HOST_FITS: EXIT.noFit,
  PORT_TAKEN: EXIT.noFit,
  IMAGE_NOT_FOUND: EXIT.rolloutFailed,
  IMAGE_DENIED: EXIT.rolloutFailed,
  REGISTRY_UNREACHABLE: EXIT.rolloutFailed,
  IMAGE_PLATFORM: EXIT.rolloutFailed,
  COMMAND_NOT_FOUND: EXIT.rolloutFailed,
  CONTAINER_EXITED: EXIT.rolloutFailed,
  CONTAINER_UNHEALTHY: EXIT.rolloutFailed,
  CONTAINER_REFUSED: EXIT.rolloutFailed,
  NETWORK_NOT_FOUND: EXIT.rolloutFailed,
  HOST_UNREACHABLE: EXIT.unreachable,
  ENGINE_CHANGED: EXIT.unreachable,
  STORE_UNREACHABLE: EXIT.unreachable,
  STORE_FULL: EXIT.unreachable,
  OUTCOME_UNKNOWN: EXIT.unreachable,
  NOT_READY: EXIT.unreachable,
  STORE_DAMAGED: EXIT.conflict,
  SERVER_UNREACHABLE: EXIT.unreachable,
  STILL_RUNNING: EXIT.deadline,
  NOTHING_READY: EXIT.notFound,
  USAGE: EXIT.usage,
  CANCELLED: EXIT.interrupted,
  CONFIRMATION_NEEDED: EXIT.usage,
  DENIED: EXIT.denied,
  NO_SUCH_CALL: EXIT.internal,
  NO_SUCH_WATCH: EXIT.notFound,
  NOT_ENOUGH: EXIT.deadline,
  LIMIT_REACHED: EXIT.unreachable,
  NO_SUCH_REVISION: EXIT.notFound,
  NO_ROLLOUT: EXIT.conflict,
  ROLLOUT_FAILED: EXIT.rolloutFailed,
  ROLLED_BACK: EXIT.rolledBack,
  ROLLBACK_FAILED: EXIT.rolloutFailed,
  SUPERSEDED: EXIT.superseded,
  PARTIAL: EXIT.partial,
  EMPTY: EXIT.notFound,
};

/** A code that this program does not know yet counts as internal. */
export function exitCode(code: string): ExitCode {
  return Object.hasOwn(BY_CODE, code) ? BY_CODE[code as Code] : EXIT.internal;
}

/** All codes with the same exit code, for the help page. */
export function codesOf(exit: ExitCode): readonly string[] {
  return Object.entries(BY_CODE)
    .filter(([, value]) => value === exit)
    .map(([code]) => code);
}

/** The rows of `theseus help exit-codes`. */
export const MEANINGS: readonly (readonly [ExitCode, string, string])[] = [
  [EXIT.ok, "ok", "done, or nothing to do"],
  [EXIT.internal, "internal", "a bug of ours; the request id finds it in the server's log"],
  [EXIT.usage, "usage", "bad flag, bad file, bad value; nothing was changed"],
  [EXIT.changes, "changes", "only with --detailed-exitcode on plan and apply: there are, or were, changes"],
  [EXIT.notFound, "not-found", "what was named does not exist, or nothing is ready"],
  [EXIT.conflict, "conflict", "exists already, changed meanwhile, or something is in the way"],
  [EXIT.noFit, "no-fit", "at least one container cannot be placed"],
  [EXIT.rolloutFailed, "rollout-failed", "new containers cannot be had or do not stay up; what serves goes on serving"],
  [EXIT.rolledBack, "rolled-back", "the rollout failed, or was aborted, and the last stable revision is back"],
  [EXIT.deadline, "deadline", "we stopped waiting; the work goes on"],
  [EXIT.unreachable, "unreachable", "no answer from Theseus, its store, or any Docker Engine"],
  [EXIT.denied, "denied", "not signed in or not allowed"],
  [EXIT.partial, "partial", "several objects asked, some failed; each is listed"],
  [EXIT.superseded, "superseded", "a newer change replaced the one waited for"],
  [EXIT.interrupted, "interrupted", "Ctrl-C; the message says whether work goes on"],
  [EXIT.terminated, "terminated", "SIGTERM"],
];

// How a call may end, whatever was sent: which codes each method has, and what else has to be true of each.

import type { Outcome } from "./caller.js";
import type { Case } from "./cases.js";

/** Besides an answer and INVALID_ARGUMENT, which every method has. */
const CODES: Readonly<Record<string, readonly string[]>> = {
  Lookup: [],
  Watch: [],
  Acknowledge: ["NOT_FOUND"],
  ListServices: [],
  ListGroups: [],
  GetGroup: ["NOT_FOUND"],
  ListContainers: ["NOT_FOUND"],
  GetContainer: ["NOT_FOUND"],
  Register: ["NOT_FOUND", "ALREADY_EXISTS", "FAILED_PRECONDITION"],
  Renew: ["NOT_FOUND", "ALREADY_EXISTS"],
  UpdateRegistration: ["NOT_FOUND", "ALREADY_EXISTS"],
  Deregister: ["ALREADY_EXISTS"],
  CreateGroup: ["NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "FAILED_PRECONDITION", "ABORTED"],
  UpdateGroup: ["NOT_FOUND", "PERMISSION_DENIED", "FAILED_PRECONDITION", "ABORTED"],
  ApplyGroups: ["NOT_FOUND", "PERMISSION_DENIED", "FAILED_PRECONDITION", "ABORTED"],
  RemoveGroup: ["NOT_FOUND", "ABORTED"],
  RemoveService: ["NOT_FOUND", "FAILED_PRECONDITION", "ABORTED"],
  CreateNamespace: ["ALREADY_EXISTS", "ABORTED"],
  GetNamespace: ["NOT_FOUND"],
  ListNamespaces: [],
  RemoveNamespace: ["NOT_FOUND", "FAILED_PRECONDITION", "ABORTED"],
  ListHosts: [],
  GetHost: ["NOT_FOUND"],
  GetServerStatus: [],
  GetRecovery: [],
  Recover: ["ABORTED"],
  BackUpStore: [],
  // The server of this proof has no engine.
  ReadLogs: ["NOT_FOUND", "UNAVAILABLE"],
  GetRollout: ["NOT_FOUND"],
  ListRevisions: ["NOT_FOUND"],
  PauseRollout: ["NOT_FOUND", "FAILED_PRECONDITION", "ABORTED"],
  ResumeRollout: ["NOT_FOUND", "FAILED_PRECONDITION", "ABORTED"],
  PromoteRollout: ["NOT_FOUND", "FAILED_PRECONDITION", "ABORTED"],
  AbortRollout: ["NOT_FOUND", "FAILED_PRECONDITION", "ABORTED"],
  UndoGroup: ["NOT_FOUND", "PERMISSION_DENIED", "FAILED_PRECONDITION", "ABORTED"],
  RestartGroup: ["NOT_FOUND", "FAILED_PRECONDITION", "ABORTED"],
  ListEvidence: ["NOT_FOUND"],
  // Nothing may have happened yet.
  ReadEvents: ["OK", "NOT_FOUND"],
  // As with the logs.
  ReadStats: ["NOT_FOUND", "UNAVAILABLE"],
};

/** The server's limit of one message; grpc-js refuses more by itself. */
const LARGEST_REQUEST = 256 * 1024;
/** The two that wait for more than themselves have it in words of their own: "not enough", "still running". */
const OUT_OF_TIME = "DEADLINE_EXCEEDED";
const BEGUN = new Set(["OK", "MESSAGE"]);
export const LONGEST_MS = 1000;

/** What is wrong with how this ended, in words; undefined when nothing is. */
export function complaint(one: Case, outcome: Outcome): string | undefined {
  const { code, reason } = outcome;
  if (!allowedCodes(one).has(code)) return `${code} is no answer to that`;
  if (BEGUN.has(code) || code === OUT_OF_TIME || isTooLarge(one)) return undefined;
  return reason === "" ? `${code} without a reason` : undefined;
}

/** It took longer than anything may that does not ask to wait. */
export function isSlow({ waits }: Case, { milliseconds }: Outcome): boolean {
  return !waits && milliseconds > LONGEST_MS;
}

function allowedCodes(one: Case): Set<string> {
  const { method, reads, waits } = one;
  if (isTooLarge(one)) return new Set(["RESOURCE_EXHAUSTED"]);
  if (!reads) return new Set(["INVALID_ARGUMENT"]);
  const own = CODES[method.name];
  if (own === undefined) throw new Error(`how ${method.name} may end is not written down`);
  const late = waits ? [OUT_OF_TIME] : [];
  return new Set([method.streams ? "MESSAGE" : "OK", "INVALID_ARGUMENT", ...own, ...late]);
}

const isTooLarge = ({ bytes }: Case): boolean => bytes.length > LARGEST_REQUEST;

/** Methods whose ends nobody has thought of, and ends of methods that are not there. */
export function unwritten(names: readonly string[]): string[] {
  const missing = names.filter((name) => !Object.hasOwn(CODES, name));
  const surplus = Object.keys(CODES).filter((name) => !names.includes(name));
  return [...missing, ...surplus].map((name) => `how ${name} may end: written down, or there, but not both`);
}

// The one error of the CLI, and its two forms: four lines for people, one JSON line for programs. Loads nothing heavy.

import { type ExitCode, exitCode } from "./exit-codes.js";
import { wrapped } from "./output/wrap.js";

export interface FailureParts {
  /** The first line: what happened, naming the thing as the user typed it. */
  readonly what: string;
  readonly why?: readonly string[];
  /** What is true now. */
  readonly now?: string;
  /** Commands that work as printed. */
  readonly next?: readonly string[];
  readonly requestId?: string;
  readonly retryable?: boolean;
  readonly cause?: unknown;
  /** More for programs, beside the other fields of the JSON form. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Where it is not that of the code. */
  readonly exit?: ExitCode;
}

export class Failure extends Error {
  /** Usually a Code; a newer server may send one that this program does not know. */
  readonly code: string;
  readonly parts: FailureParts;

  constructor(code: string, parts: FailureParts) {
    super(parts.what, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = "Failure";
    this.code = code;
    this.parts = parts;
  }

  get exit(): ExitCode {
    return this.parts.exit ?? exitCode(this.code);
  }
}

/** A mistake on the command line: exit 2, nothing was sent. */
export function usage(what: string, why: readonly string[] = [], next: readonly string[] = []): Failure {
  return new Failure("USAGE", { what, why, now: "nothing was sent or changed", next });
}

/** What TheseusClientError has, read without loading it. */
interface ClientErrorLike extends Error {
  readonly reason: string;
  readonly why: readonly string[];
  readonly now: string | undefined;
  readonly next: readonly string[];
  readonly violations: readonly { readonly field: string; readonly text: string }[];
  readonly requestId: string | undefined;
  readonly retryable: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

function isClientError(error: unknown): error is ClientErrorLike {
  return error instanceof Error && error.name === "TheseusClientError";
}

/** Anything thrown becomes a Failure; what nobody expected becomes INTERNAL with the message and no stack. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (isClientError(error)) return fromClientError(error);
  const message = error instanceof Error ? error.message : String(error);
  return new Failure("INTERNAL", {
    what: "theseus met an error that nobody expected",
    why: [message],
    now: "it is not known whether anything was changed",
    next: ["theseus get groups", "THESEUS_DEBUG=1 prints where it happened"],
    cause: error,
  });
}

function fromClientError(error: ClientErrorLike): Failure {
  const fields = error.violations.map(({ field, text }) => (field === "" ? text : `${field}: ${text}`));
  const missing = fields.filter((line) => !error.why.some((why) => why.includes(line)));
  return new Failure(error.reason, {
    what: error.message,
    why: error.why.length > 0 && fields.length === 0 ? error.why : [...error.why, ...missing],
    next: error.next,
    retryable: error.retryable,
    cause: error.cause,
    ...(error.now === undefined ? {} : { now: error.now }),
    ...(error.requestId === undefined ? {} : { requestId: error.requestId }),
    ...(error.reason === "CONFLICT" ? { details: conflictDetails(error) } : {}),
  });
}

/** For programs: who was first, and which fields are other than they were when it was looked. */
function conflictDetails({ metadata }: ClientErrorLike): Record<string, unknown> {
  const { expected, actual, actor, fields } = metadata;
  return {
    ...(expected === undefined ? {} : { expectedRev: Number(expected) }),
    ...(actual === undefined ? {} : { actualRev: Number(actual) }),
    ...(actor === undefined ? {} : { actor }),
    ...(fields === undefined ? {} : { fields: fields.split("\n") }),
  };
}

/** True for an error of the server with this reason. */
export function hasReason(error: unknown, ...reasons: string[]): boolean {
  if (error instanceof Failure) return reasons.includes(error.code);
  return isClientError(error) && reasons.includes(error.reason);
}

const CODE_COLUMN = 74;
/** Before the lines below the first. */
const MARGIN = 8;

/**
 * "error: what   [CODE]" and the lines why, now, next, id.
 * @param columns of a terminal: longer lines are broken, but for those of `next`, which are to be taken as they stand.
 */
export function failureText(
  failure: Failure,
  paint: (text: string) => string = (text) => text,
  columns = Number.POSITIVE_INFINITY,
): string {
  const { what, why = [], now, next = [], requestId } = failure.parts;
  const column = Math.min(CODE_COLUMN, columns - failure.code.length - " []".length);
  const first = wrapped(`${`error: ${what}`.padEnd(column)} [${failure.code}]`, columns).join("\n");
  const lines = [`${paint("error:")}${first.slice("error:".length)}`];
  const fitting = (text: string): string[] => text.split("\n").flatMap((line) => wrapped(line, columns - MARGIN));
  lines.push(...block("why", why.flatMap(fitting)));
  lines.push(...block("now", now ? fitting(now) : []));
  lines.push(...block("next", next));
  if (requestId) lines.push(...block("id", [`req ${requestId}`]));
  return `${lines.join("\n")}\n`;
}

function block(name: string, texts: readonly string[]): string[] {
  const lines = texts.flatMap((text) => text.split("\n"));
  return lines.map((line, index) => `  ${(index === 0 ? name : "").padEnd(MARGIN - 2)}${line}`);
}

/** One line; durations in seconds, nothing that is unknown. */
export function failureJson(failure: Failure): string {
  return `${JSON.stringify({ error: failureObject(failure) })}\n`;
}

/** The value of "error", in stderr lines and in the items of an ApplyResult. */
export function failureObject(failure: Failure): Record<string, unknown> {
  const { what, why = [], now, next = [], requestId, retryable, cause, details = {} } = failure.parts;
  const raw = cause instanceof Error ? cause.message : undefined;
  return {
    code: failure.code,
    exit: failure.exit,
    message: what,
    why: why.map((text) => ({ text })),
    ...(now ? { now } : {}),
    next: [...next],
    retryable: retryable ?? false,
    ...(requestId ? { requestId } : {}),
    ...(raw && raw !== what ? { cause: raw } : {}),
    ...details,
  };
}

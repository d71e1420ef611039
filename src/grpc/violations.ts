// Collects every violation of a request, and turns them into one error. Paths are those of the group file.

import { type Reason, TheseusError, type Violation } from "../model/errors.js";

/** The reasons that a violation can be of; an error names the kind when all its violations are of that one. */
export type ViolationKind = Extract<
  Reason,
  "INVALID_REQUEST" | "BAD_LABEL" | "BAD_NAME" | "HOST_ACCESS_REFUSED" | "NOT_YET_EFFECTIVE"
>;

/** With "error: " and the code the line stays below 100. */
const LONGEST_HEADLINE = 70;

/** Tells one violation. The field is relative to where the caller stands. */
export type Report = (field: string, text: string, kind?: ViolationKind) => void;

type Found = Violation & { readonly kind: ViolationKind };

export class Violations {
  private readonly found: Found[] = [];

  readonly report: Report = (field, text, kind = "INVALID_REQUEST") => {
    this.found.push({ field, text, kind });
  };

  get isEmpty(): boolean {
    return this.found.length === 0;
  }

  /** Everything found here that was not found there already. */
  addNewOf(after: Violations, before: Violations, path = ""): void {
    const known = new Set(before.found.map((v) => `${v.field}\n${v.text}`));
    for (const v of after.found) {
      if (!known.has(`${v.field}\n${v.text}`)) this.report(join(path, v.field), v.text, v.kind);
    }
  }

  /** Throws one error with everything that was reported; returns when nothing was. */
  check(next: readonly string[] = []): void {
    const [first, ...others] = this.found;
    if (first === undefined) return;
    const kind = others.every((v) => v.kind === first.kind) ? first.kind : "INVALID_REQUEST";
    throw new TheseusError(kind, {
      what: others.length === 0 ? headline(first) : `${this.found.length} things in the request are wrong`,
      why: this.found.map((v) => (v.field === "" ? v.text : `${v.field}: ${v.text}`)),
      now: "nothing was changed",
      next: kind === "HOST_ACCESS_REFUSED" ? ["start the server with --allow-host-access", ...next] : next,
      violations: this.found.map(({ field, text }) => ({ field, text })),
    });
  }
}

function headline({ field, text }: Found): string {
  const whole = field === "" ? text : `${field}: ${text}`;
  const short = text.split(": ", 1)[0] ?? text;
  const candidates = [whole, short, `${field === "" ? "the request" : field} is not valid`];
  return candidates.find((candidate) => candidate.length <= LONGEST_HEADLINE) ?? "the request is not valid";
}

/** A reporter one level deeper: at(report, "config")("mem", ...) tells "config.mem". */
export function at(report: Report, path: string): Report {
  return (field, text, kind) => report(join(path, field), text, kind);
}

export function join(path: string, field: string): string {
  if (path === "" || field === "") return path + field;
  return field.startsWith("[") ? path + field : `${path}.${field}`;
}

/** Checks that go over a text from outside: what every text of a config must be. */
export function checkText(report: Report, field: string, text: string, longest: number): boolean {
  if (text.includes("\0")) report(field, "it contains a NUL character");
  else if (text.length > longest) report(field, `it has ${text.length} characters, at most ${longest} are allowed`);
  else return true;
  return false;
}

export function checkRange(
  report: Report,
  field: string,
  value: number | undefined,
  bounds: readonly [number, number],
): void {
  if (value === undefined) return;
  const [least, most] = bounds;
  if (!Number.isInteger(value) || value < least || value > most) {
    report(field, `${value} is not a whole number from ${least} to ${most}`);
  }
}

/** An absolute path inside a container or on a host, without "." and "..". */
export function checkPath(report: Report, field: string, path: string): boolean {
  if (!checkText(report, field, path, 4096)) return false;
  if (!path.startsWith("/")) report(field, `"${path}" is not an absolute path`);
  else if (/(^|\/)\.{1,2}(\/|$)|\/\//.test(path)) report(field, `"${path}" contains "//", "." or ".."`);
  else if (path === "/") report(field, `"/" cannot be taken`);
  else return true;
  return false;
}

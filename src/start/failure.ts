// Why the server could not start, in four lines or one JSON line.

import { type Problem, problemText } from "../config/problem.js";
import { TheseusError } from "../model/errors.js";

/** For standard error; ends with a line feed. */
export function startFailure(error: unknown, form: "text" | "json"): string {
  return problemText([problemOf(error)], form);
}

function problemOf(error: unknown): Problem {
  if (!(error instanceof TheseusError)) {
    return { what: "the server cannot start", why: error instanceof Error ? error.message : String(error) };
  }
  const { what, why = [], next } = error.facts;
  return { what, ...(why.length > 0 && { why: why.join("\n") }), ...(next !== undefined && { next }) };
}

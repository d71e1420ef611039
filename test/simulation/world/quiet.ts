// Loggers of a simulated world: one that hears nothing, and one that tells the world of what should never be logged.

import { TheseusError } from "../../../src/model/errors.js";
import type { Logger } from "../../../src/model/ports.js";

export const QUIET: Logger = {
  isDebugging: false,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => QUIET,
};

/** @param told each line above "debug". @param broken of errors that are nobody's words: a mistake of ours. */
export function telling(told: (level: string, text: string) => void, broken: (text: string) => void): Logger {
  const at = (level: string) => (fields: Readonly<Record<string, unknown>>, text: string) => {
    const error = fields["err"] ?? fields["error"];
    if (error instanceof Error && !isExpected(error)) broken(`${text}: ${error.stack ?? error.message}`);
    told(level, error instanceof Error ? `${text}: ${wordsOf(error)}` : text);
  };
  const log: Logger = {
    isDebugging: false,
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: () => log,
  };
  return log;
}

const isExpected = (error: Error): boolean =>
  (error instanceof TheseusError && error.reason !== "INTERNAL") ||
  error.name === "AbortError" ||
  error.constructor === Error;

const wordsOf = (error: Error): string =>
  error instanceof TheseusError ? [error.message, ...(error.facts.why ?? [])].join(": ") : error.message;

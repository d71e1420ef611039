// Rules for lengths of time.

import { HOUR, MINUTE, type Milliseconds } from "../model/instant.js";
import type { Report } from "./violations.js";

const LONGEST: Milliseconds = 31 * 24 * HOUR;
/** After that nobody knows any more who was there before: the book of watches and the roster of servers forget. */
const LONGEST_WAIT: Milliseconds = 10 * MINUTE;

export function checkLength(
  report: Report,
  field: string,
  length: Milliseconds | undefined,
  { positive = false }: { readonly positive?: boolean } = {},
): void {
  if (length === undefined) return;
  if (!Number.isInteger(length)) report(field, "it has to be a whole number of milliseconds");
  else if (length < 0) report(field, "it is less than nothing");
  else if (length === 0 && positive) report(field, "it has to be more than 0s");
  else if (length > LONGEST) report(field, "it is more than 31 days");
}

/** For how long others are waited for. */
export function checkWait(report: Report, field: string, length: Milliseconds | undefined): void {
  checkLength(report, field, length);
  if (length !== undefined && length > LONGEST_WAIT && length <= LONGEST) report(field, "it is more than 10 minutes");
}

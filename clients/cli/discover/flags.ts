// The flags of discover that say what is asked and what follows, checked before anything is sent.

import { type Context, isSet, optionalArgument, optionalText } from "../context.js";
import { usage } from "../failure.js";
import { parseDuration } from "../quantities.js";
import { parseReference } from "../references.js";
import { targetOf } from "../target.js";
import type { Question } from "./answer.js";

export interface Following {
  /** A file; undefined: stdout. */
  readonly out: string | undefined;
  readonly check: string | undefined;
  readonly then: string | undefined;
  /** Milliseconds. */
  readonly settle: number;
}

/** @throws Failure USAGE, BAD_NAME or BAD_LABEL. */
export function questionOf(context: Context): Question {
  const name = optionalArgument(context, 0);
  return {
    target: targetOf(context, name === undefined ? undefined : parseReference(name)),
    port: optionalText(context, "port"),
    includeNotReady: isSet(context, "all"),
    // What nobody can be sent to is not worth a file.
    minimum: minimumOf(context) ?? (optionalText(context, "out") === undefined ? 0 : 1),
    host: optionalText(context, "host"),
  };
}

/** Undefined for one answer and no more. @throws Failure USAGE. */
export function followingOf(context: Context): Following | undefined {
  const [out, check, then] = ["out", "check", "then"].map((name) => optionalText(context, name));
  const settle = optionalText(context, "settle");
  const given = { out, check, then, settle };
  const [first] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (!isSet(context, "watch")) {
    if (first === undefined) return undefined;
    throw usage(`--${first} goes with --watch`, ["without it there is one answer, on stdout"]);
  }
  if (isSet(context, "one")) throw usage("--one is for one answer, --watch for all of them");
  if (out === undefined && (check ?? then) !== undefined)
    throw usage("--check and --then go with --out", ["they are about a file"]);
  const milliseconds = settle === undefined ? 0 : parseDuration(settle);
  if (milliseconds === undefined)
    throw usage(`"${settle}" is not a time to settle`, ["a whole number with a unit: 500ms 2s 1m"]);
  return { out, check, then, settle: milliseconds };
}

function minimumOf(context: Context): number | undefined {
  const text = optionalText(context, "min");
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw usage(`"${text}" is not a number of endpoints`, ["a whole number from 0"]);
}

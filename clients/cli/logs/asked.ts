// The flags of `logs` as the request that they stand for, checked before anything is sent.

import type { LogTarget } from "../../gen/theseus/v1/theseus_service.js";
import { argumentList, type Context, isSet, optionalText } from "../context.js";
import { usage } from "../failure.js";
import { parseDuration } from "../quantities.js";
import { parseReference } from "../references.js";
import { type Target, targetOf } from "../target.js";

export interface Asked {
  readonly targets: readonly LogTarget[];
  readonly host: string;
  readonly since: Date | undefined;
  readonly until: Date | undefined;
  /** Undefined: all lines. */
  readonly tail: number | undefined;
  readonly follow: boolean;
  /** Lines that do not match are left out. */
  readonly grep: RegExp | undefined;
}

/** So many when nothing is said; the limit is told. */
const USUAL_TAIL = 100;
const MOST_TAIL = 100_000;

/** @param now milliseconds since 1970. @throws Failure USAGE, BAD_NAME or BAD_LABEL. */
export function askedLogs(context: Context, now: number): Asked {
  const follow = isSet(context, "follow");
  const since = timeOf(context, "since", now);
  const until = timeOf(context, "until", now);
  if (follow && until !== undefined) throw usage("--until is for a log that has an end; -f follows it");
  if (since !== undefined && until !== undefined && until <= since) throw usage("--until is not after --since");
  const host = optionalText(context, "host") ?? "";
  const tail = tailOf(context, since ?? until);
  return { targets: targetsOf(context), host, since, until, tail, follow, grep: grepOf(context) };
}

/** Whose logs or stats the names on the line ask for. @throws Failure USAGE, BAD_NAME or BAD_LABEL. */
export function targetsOf(context: Context): readonly LogTarget[] {
  const names = argumentList(context, 0);
  const targets = (names.length === 0 ? [undefined] : names).map((name) =>
    targetOf(context, name === undefined ? undefined : parseReference(name)),
  );
  return targets.map(toLogTarget);
}

function toLogTarget(target: Target): LogTarget {
  switch (target.kind) {
    case "slot":
      return { target: { $case: "group", value: target.ref }, slots: [target.slot] };
    case "group":
      return { target: { $case: "group", value: target.ref }, slots: [] };
    case "selected":
      return { target: { $case: "selector", value: target.selector }, slots: [] };
  }
}

/** A point of time, or how long ago it was. @throws Failure USAGE. */
export function timeOf(context: Context, name: "since" | "until", now: number): Date | undefined {
  const text = optionalText(context, name);
  if (text === undefined) return undefined;
  const ago = parseDuration(text);
  const time = ago === undefined ? Date.parse(text) : now - ago;
  const isTime = ago !== undefined || /^\d{4}-\d\d-\d\d/.test(text);
  if (isTime && Number.isFinite(time) && time >= 0) return new Date(time);
  throw usage(`"${text}" is not a time for --${name}`, ["how long ago: 10m 2h; or a time: 2026-11-22T14:00:00Z"]);
}

/** Whoever names a stretch of time wants all of it. */
function tailOf(context: Context, stretch: Date | undefined): number | undefined {
  const text = optionalText(context, "tail");
  if (text === undefined) return stretch === undefined ? USUAL_TAIL : undefined;
  if (text === "all") return undefined;
  if (/^\d+$/.test(text)) return checkedTail(Number(text));
  throw usage(`"${text}" is not a number of lines`, ["a whole number from 0, or all"]);
}

/** What no server takes is not sent. */
function checkedTail(tail: number): number {
  if (tail <= MOST_TAIL) return tail;
  throw usage(`--tail takes ${MOST_TAIL} lines at most`, ["--since 1h gives a stretch of time, --tail all everything"]);
}

function grepOf(context: Context): RegExp | undefined {
  const text = optionalText(context, "grep");
  if (text === undefined) return undefined;
  try {
    return new RegExp(text);
  } catch (error) {
    throw usage(`"${text}" is not a pattern for --grep`, [error instanceof Error ? error.message : String(error)]);
  }
}

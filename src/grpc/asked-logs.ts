// What ReadLogs is asked, checked.

import type { LogPosition, LogTarget, ReadLogsRequest } from "../../clients/gen/theseus/v1/theseus_service.js";
import type { GroupLogsQuery, LogPick, LogPlace, Nanoseconds } from "../model/logs.js";
import { readTarget } from "./asked.js";
import { at, checkRange, checkText, type Report, Violations } from "./violations.js";

const MOST_TARGETS = 100;
const MOST_SLOTS = 1000;
const MOST_PLACES = 2000;
/** They are held until the last one is known. */
const MOST_LINES = 100_000;

/** INVALID_REQUEST, BAD_NAME or BAD_LABEL with everything that is wrong. */
export function readLogsQuery(request: ReadLogsRequest): GroupLogsQuery {
  const violations = new Violations();
  const { report } = violations;
  const { host, follow, tail } = request;
  const picks = readTargets(request.targets, report);
  checkText(report, "host", host, 256);
  const since = readTime(request.since, at(report, "since"));
  const until = readTime(request.until, at(report, "until"));
  if (since !== undefined && until !== undefined && until <= since) report("until", "it is not after since");
  if (follow && until !== undefined) report("until", "a log that is followed has no end");
  if (tail !== undefined) checkTail(report, tail);
  const places = readPlaces(request, report);
  violations.check();
  return {
    ...{ picks, host, follow },
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(tail === undefined ? {} : { tail: Number(tail) }),
    ...(places.length === 0 ? {} : { places }),
  };
}

function readPlaces({ after, tail, until }: ReadLogsRequest, report: Report): readonly LogPlace[] {
  if (after.length > MOST_PLACES) report("after", `there are ${after.length}, and ${MOST_PLACES} is the most`);
  if (after.length > 0 && tail !== undefined) report("tail", "who goes on wants everything: it is not for after");
  if (after.length > 0 && until !== undefined) report("until", "who goes on wants everything: it is not for after");
  return after.slice(0, MOST_PLACES).map((place, i) => readPlace(place, at(report, `after[${i}]`)));
}

function readPlace({ name, host, timeUnixNanos, lines }: LogPosition, report: Report): LogPlace {
  if (name === "") report("name", "it is required");
  if (lines < 0) report("lines", "it is less than nothing");
  return { name, host, at: timeUnixNanos, lines: Math.max(1, lines) };
}

/** Whose logs or stats are asked for. */
export function readTargets(targets: readonly LogTarget[], report: Report): readonly LogPick[] {
  if (targets.length === 0) report("targets", "it is required: at least one");
  if (targets.length > MOST_TARGETS) report("targets", `there are ${targets.length}, and ${MOST_TARGETS} is the most`);
  return targets.slice(0, MOST_TARGETS).map((target, i) => readPick(target, at(report, `targets[${i}]`)));
}

function readPick({ target, slots }: LogTarget, report: Report): LogPick {
  if (slots.length > MOST_SLOTS) report("slots", `there are ${slots.length}, and ${MOST_SLOTS} is the most`);
  for (const [i, slot] of slots.slice(0, MOST_SLOTS).entries())
    checkRange(report, `slots[${i}]`, slot, [1, MOST_SLOTS]);
  if (slots.length > 0 && target?.$case === "selector")
    report("slots", "slots are those of one group, not of a selector");
  return { target: readTarget(target, report), slots };
}

function checkTail(report: Report, tail: bigint): void {
  if (tail > MOST_LINES) report("tail", `it is ${tail}, and ${MOST_LINES} is the most: use since, or no tail for all`);
  else checkRange(report, "tail", Number(tail), [0, MOST_LINES]);
}

function readTime(date: Date | undefined, report: Report): Nanoseconds | undefined {
  if (date === undefined) return undefined;
  const time = date.getTime();
  if (Number.isNaN(time) || time < 0) {
    report("", "it is no time since 1970");
    return undefined;
  }
  return BigInt(time) * 1_000_000n;
}

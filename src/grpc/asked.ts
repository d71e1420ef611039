// What Lookup and Watch are asked, checked.

import { Consistency, type LookupRequest, type WatchRequest } from "../../clients/gen/theseus/v1/discovery_service.js";
import type { Question, Target } from "../model/discovery.js";
import type { Cursor } from "../model/history.js";
import { isPortName } from "../model/names.js";
import { readCursor } from "./cursor.js";
import { readGroupRef, readRevision, readSelector } from "./validate.js";
import { at, checkRange, checkText, type Report, Violations } from "./violations.js";
import { readWatchId } from "./watch-id.js";

export type AskedLookup = {
  readonly question: Question;
  readonly atLeast: bigint;
  readonly minimum: number;
  readonly askingHost: string;
  readonly linearizable: boolean;
};

/** INVALID_REQUEST, BAD_NAME or BAD_LABEL with everything that is wrong. */
export function readLookup(request: LookupRequest): AskedLookup {
  const violations = new Violations();
  const { report } = violations;
  const question = readQuestion(request, report);
  const atLeast = readRevision(request.atLeastRevision, "at_least_revision", report);
  checkRange(report, "minimum", request.minimum, [0, 1_000_000]);
  checkText(report, "asking_host", request.askingHost, 256);
  const linearizable = readConsistency(request.consistency, report);
  violations.check();
  return { question, atLeast, minimum: request.minimum, askingHost: request.askingHost, linearizable };
}

export type AskedWatch = {
  readonly question: Question;
  readonly from: Cursor | undefined;
  readonly acknowledges: boolean;
  readonly watcherId: string;
  readonly lastWatchId: string;
};

/** INVALID_REQUEST, BAD_NAME or BAD_LABEL with everything that is wrong. */
export function readWatch(request: WatchRequest): AskedWatch {
  const violations = new Violations();
  const { report } = violations;
  const question = readQuestion(request, report);
  const from = readCursor(request.cursor, at(report, "cursor"));
  const lastWatchId = readWatchId(request.lastWatchId, at(report, "last_watch_id"));
  checkText(report, "watcher_id", request.watcherId, 256);
  violations.check();
  return { question, from, acknowledges: request.acknowledges, watcherId: request.watcherId, lastWatchId };
}

type Asking = Pick<LookupRequest, "target" | "port" | "includeNotReady">;

function readQuestion({ target, port, includeNotReady }: Asking, report: Report): Question {
  if (port !== "" && !isPortName(port)) report("port", `"${port.slice(0, 64)}" is not a port name`, "BAD_NAME");
  return { target: readTarget(target, report), port, includeNotReady };
}

export function readTarget(target: LookupRequest["target"], report: Report): Target {
  switch (target?.$case) {
    case "group":
      return { kind: "group", ref: readGroupRef(target.value, at(report, "group")) };
    case "selector":
      return { kind: "query", query: readSelector(target.value, at(report, "selector")), text: target.value.labels };
    case undefined:
      report("target", "it is required: a selector or a group");
      return { kind: "query", query: readSelector(undefined, report), text: "" };
  }
}

function readConsistency(consistency: Consistency, report: Report): boolean {
  const known = [Consistency.UNSPECIFIED, Consistency.MIRROR, Consistency.LINEARIZABLE];
  if (!known.includes(consistency)) report("consistency", "it is none that this server knows: mirror, linearizable");
  return consistency === Consistency.LINEARIZABLE;
}

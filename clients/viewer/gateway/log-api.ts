// GET /api/logs: merged lines of containers, as events.

import { usage } from "../../cli/failure.js";
import type { Connection } from "../../connect.js";
import {
  type LogLine,
  type LogNote,
  LogNoteKind,
  type ReadLogsResponse,
} from "../../gen/theseus/v1/theseus_service.js";
import type { LogLines } from "../wire.js";
import type { Handler } from "./http.js";
import { groupRef, type Params } from "./params.js";
import { relay } from "./relay.js";
import { keyOf } from "./rows.js";

const MOST_TAIL = 20_000;
/** More than that no message can say. */
const MOST_SLOT = 2 ** 31 - 1;
const USUAL_TAIL = 1_000;

export function logsHandler({ theseus }: Connection): Handler {
  return async (call) => {
    const request = requestOf(call.params);
    return relay(call, "lines", linesOf(theseus.readLogs(request, { signal: call.signal })));
  };
}

/** Groups and slots, for logs and stats alike. @throws Failure USAGE, BAD_NAME or BAD_LABEL. */
export function targetsOf(params: Params) {
  const names = params.list("target");
  if (names.length === 0) throw usage('"target" is missing', ["it is a namespace, a space, and a reference"]);
  const slot = params.count("slot", MOST_SLOT) ?? 0;
  return names.map((name) => {
    const [ns = "", ref = "", ...rest] = name.split(" ");
    if (ref === "" || rest.length > 0) throw usage(`"${name}" is no target`, ["it is like: default web/prod"]);
    return { target: { $case: "group", value: groupRef(ns, ref) } as const, slots: slot === 0 ? [] : [slot] };
  });
}

function requestOf(params: Params) {
  const since = params.count("since");
  const tail = params.count("tail") ?? (since === undefined ? USUAL_TAIL : MOST_TAIL);
  if (tail > MOST_TAIL) throw usage(`"tail" takes ${MOST_TAIL} lines at most`);
  return {
    targets: targetsOf(params),
    host: params.text("host"),
    since: since === undefined ? undefined : new Date(since),
    tail: BigInt(tail),
    follow: params.isOn("follow"),
  };
}

async function* linesOf(messages: AsyncIterable<ReadLogsResponse>): AsyncGenerator<LogLines> {
  for await (const { sources, lines, notes } of messages) {
    yield {
      sources: sources.map(({ number, group, name, slot, configRevision, host }) => ({
        ...keyOf(group),
        ...{ number, name, slot, host },
        rev: Number(configRevision),
      })),
      lines: lines.map(lineOf),
      notes: notes.map(noteOf),
    };
  }
}

function lineOf({ source, timeUnixNanos, stderr, text }: LogLine): LogLines["lines"][number] {
  return [source, String(timeUnixNanos), stderr ? 1 : 0, text];
}

function noteOf({ source, kind, text }: LogNote): LogLines["notes"][number] {
  return { source, kind: kindOf(kind), text };
}

function kindOf(kind: LogNoteKind): LogLines["notes"][number]["kind"] {
  switch (kind) {
    case LogNoteKind.JOINED:
      return "joined";
    case LogNoteKind.ENDED:
      return "ended";
    case LogNoteKind.MISSING:
    case LogNoteKind.UNSPECIFIED:
    case LogNoteKind.UNRECOGNIZED:
      return "missing";
  }
}

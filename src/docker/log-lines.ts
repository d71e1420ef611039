// The lines of one container, with the time at which the engine took each in.

import { TheseusError } from "../model/errors.js";
import { SECOND } from "../model/instant.js";
import type { LogLine, LogQuery, Nanoseconds } from "../model/logs.js";
import type { Engine } from "./engine.js";
import { EngineRefusal, refusedWith } from "./failure.js";
import { lastLines } from "./last-lines.js";
import { type LogFrame, LogFrames } from "./log-frames.js";
import { WholeLines } from "./whole-lines.js";

const NANOS = 1_000_000_000n;

type Reading = { readonly engine: Engine; readonly id: string; readonly query: LogQuery; readonly signal: AbortSignal };

/**
 * In the order in which the engine has them, as many at a time as came together. Ends with the container when it is
 * followed, else where the log ends now; nothing for a container that is gone, or whose log driver cannot be read. `tail`
 * is for a log that has no end given and is not followed. Fails with HOST_UNREACHABLE.
 */
export async function* logLines(
  engine: Engine,
  id: string,
  query: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<readonly LogLine[]> {
  const reading = { engine, id, query, signal };
  // The engine takes the last ones first, and of those the ones before `until`.
  const { tail } = query.follow || query.until !== undefined ? {} : query;
  try {
    yield* tail === undefined ? allLines(reading) : tailLines(reading, tail);
  } catch (error) {
    if (isWithoutLogs(error)) return;
    if (error instanceof TheseusError || error instanceof EngineRefusal || signal.aborted) throw error;
    throw brokenOff(reading, error instanceof Error ? error.message : String(error), error);
  }
}

async function* allLines(reading: Reading): AsyncGenerator<readonly LogLine[]> {
  const lines = new WholeLines(reading.query.until);
  for await (const frames of framesOf(reading, undefined)) {
    const whole = lines.take(frames);
    if (whole.length > 0) yield whole;
  }
  const last = lines.rest();
  if (last.length > 0) yield last;
}

async function* tailLines(reading: Reading, count: number): AsyncGenerator<readonly LogLine[]> {
  const lines = await lastLines(async (pieces) => {
    const all: LogFrame[] = [];
    for await (const frames of framesOf(reading, pieces)) all.push(...frames);
    return all;
  }, count);
  if (lines.length > 0) yield lines;
}

/** @param pieces only the last so many. */
async function* framesOf(reading: Reading, pieces: number | undefined): AsyncGenerator<readonly LogFrame[]> {
  const { engine, id, query, signal } = reading;
  const over = new AbortController();
  const frames = new LogFrames();
  try {
    const chunks: AsyncIterable<Buffer> = await engine.stream(
      { method: "GET", path: `/containers/${id}/logs`, query: asked(query, pieces), deadline: 10 * SECOND },
      AbortSignal.any([signal, over.signal]),
    );
    for await (const chunk of chunks) {
      const whole = frames.take(chunk);
      const complaint = whole.findIndex(({ stream }) => stream === "engine");
      yield complaint < 0 ? whole : whole.slice(0, complaint);
      if (complaint >= 0) throw complained(reading, whole[complaint]);
    }
  } finally {
    over.abort();
  }
}

/** Where the engine cannot read on it says so in the log itself. */
function complained(reading: Reading, frame: LogFrame | undefined): TheseusError {
  return brokenOff(reading, frame?.bytes.toString("utf8").trim() ?? "");
}

function brokenOff({ engine: { host }, id }: Reading, why: string, cause?: unknown): TheseusError {
  return new TheseusError("HOST_UNREACHABLE", {
    what: `the log of ${id.slice(0, 12)} broke off`,
    why: [cause === undefined ? `Docker on ${host}: ${why}` : `Docker on ${host} closed the connection: ${why}`],
    now: "lines may be missing",
    metadata: { host },
    retryable: true,
    ...(cause === undefined ? {} : { cause }),
  });
}

function isWithoutLogs(error: unknown): boolean {
  if (refusedWith(error, 404, 409)) return true;
  return refusedWith(error, 500, 501) && /does not support reading/.test(error.text);
}

function asked({ since, until, follow }: LogQuery, pieces: number | undefined): Record<string, string | boolean> {
  return {
    ...{ stdout: true, stderr: true, timestamps: true, follow },
    ...(since === undefined ? {} : { since: seconds(since) }),
    ...(until === undefined ? {} : { until: seconds(until) }),
    ...(pieces === undefined ? {} : { tail: String(pieces) }),
  };
}

function seconds(at: Nanoseconds): string {
  return `${at / NANOS}.${String(at % NANOS).padStart(9, "0")}`;
}

// The lines of one container, with the time at which the engine took each in.

import { TheseusError } from "../model/errors.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { LogLine, LogQuery, Nanoseconds } from "../model/logs.js";
import type { Clock } from "../model/ports.js";
import type { Engine } from "./engine.js";
import { EngineRefusal, refusedWith } from "./failure.js";
import { lastLines } from "./last-lines.js";
import { linesAfter, type PieceReading } from "./lines-after.js";
import { type LogFrame, LogFrames } from "./log-frames.js";
import { Silence } from "./silence.js";
import { WholeLines } from "./whole-lines.js";

const NANOS = 1_000_000_000n;

/** For the beginning of a log, and where it is not followed for each piece of it. */
const PATIENCE: Milliseconds = 10 * SECOND;

type Where = { readonly engine: Engine; readonly clock: Clock };
type Reading = Where & { readonly id: string; readonly query: LogQuery; readonly signal: AbortSignal };

/**
 * In the order in which the engine has them, as many at a time as came together. Ends with the container when it is
 * followed, else where the log ends now; nothing for a container that is gone, or whose log driver cannot be read. `tail`
 * is for a log that has no end given and is not followed, `after` for one without `since` and `until`. Fails with
 * HOST_UNREACHABLE, also midway.
 */
export async function* logLines(
  where: Where,
  id: string,
  query: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<readonly LogLine[]> {
  const reading = { ...where, id, query, signal };
  try {
    yield* wantedLines(reading);
  } catch (error) {
    if (isWithoutLogs(error)) return;
    if (error instanceof TheseusError || error instanceof EngineRefusal || signal.aborted) throw error;
    throw brokenOff(reading, error instanceof Error ? error.message : String(error), error);
  }
}

function wantedLines(reading: Reading): AsyncGenerator<readonly LogLine[]> {
  const { query } = reading;
  if (query.after !== undefined)
    return linesAfter((what) => framesOf(reading, what), query.after, { ...query, clock: reading.clock });
  // The engine takes the last ones first, and of those the ones before `until`.
  const { tail } = query.follow || query.until !== undefined ? {} : query;
  return tail === undefined ? allLines(reading) : tailLines(reading, tail);
}

async function* allLines(reading: Reading): AsyncGenerator<readonly LogLine[]> {
  const lines = new WholeLines(reading.query.until);
  for await (const frames of framesOf(reading, { pieces: undefined, follow: reading.query.follow })) {
    const whole = lines.take(frames);
    if (whole.length > 0) yield whole;
  }
  const last = reading.query.finished ? [] : lines.rest();
  if (last.length > 0) yield last;
}

async function* tailLines(reading: Reading, count: number): AsyncGenerator<readonly LogLine[]> {
  const read = async (pieces: number) => {
    const all: LogFrame[] = [];
    for await (const frames of framesOf(reading, { pieces, follow: false })) all.push(...frames);
    return all;
  };
  const lines = await lastLines(read, count, reading.query.finished);
  if (lines.length > 0) yield lines;
}

async function* framesOf(reading: Reading, what: PieceReading): AsyncGenerator<readonly LogFrame[]> {
  const { engine, id, query, signal } = reading;
  const over = new AbortController();
  const frames = new LogFrames();
  const silence = new Silence();
  try {
    const chunks: AsyncIterable<Buffer> = await engine.stream(
      { method: "GET", path: `/containers/${id}/logs`, query: asked(query, what), deadline: PATIENCE },
      AbortSignal.any([signal, over.signal]),
    );
    if (!what.follow) endWith(silence, over, reading);
    for await (const chunk of chunks) {
      silence.heard();
      const whole = frames.take(chunk);
      const complaint = whole.findIndex(({ stream }) => stream === "engine");
      yield complaint < 0 ? whole : whole.slice(0, complaint);
      if (complaint >= 0) throw complained(reading, whole[complaint]);
      silence.awaited();
    }
  } catch (error) {
    throw over.signal.aborted ? over.signal.reason : error;
  } finally {
    over.abort();
  }
}

/** A log that has an end is read without long silences: else its engine stands still. */
function endWith(silence: Silence, over: AbortController, reading: Reading): void {
  void silence.lasts(reading.clock, PATIENCE, over.signal).then((isSilent) => {
    if (isSilent) over.abort(brokenOff(reading, `nothing came for ${PATIENCE / SECOND} s`));
  });
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

function asked({ since, until }: LogQuery, { pieces, follow }: PieceReading): Record<string, string | boolean> {
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

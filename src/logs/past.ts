// What containers have written until now, merged. Remembers where each log stood, for those who go on from there.

import { TheseusError } from "../model/errors.js";
import type {
  GroupLogsQuery,
  LogLine,
  LogPart,
  LogPosition,
  LogQuery,
  LogSource,
  Nanoseconds,
  SourceLine,
} from "../model/logs.js";
import { merged } from "./merge.js";
import { beginningOf, placeOf, ResumePoint } from "./resume.js";
import type { LogSources } from "./sources.js";

export type Past = {
  readonly sources: LogSources;
  readonly query: GroupLogsQuery;
  readonly signal: AbortSignal;
  /** When all this was asked for. */
  readonly askedAt: Nanoseconds;
  /** By container id; filled in here when the log is followed. */
  readonly points: Map<string, ResumePoint>;
};

export async function* pastLogs(past: Past, containers: readonly LogSource[]): AsyncGenerator<LogPart> {
  const missing: LogPart[] = [];
  const runs = containers.map((source) => ({ source, lines: available(past, source, missing) }));
  const all = merged(runs);
  for await (const lines of past.query.tail === undefined ? all : lastOf(all, past.query.tail)) {
    yield { kind: "lines", lines };
  }
  yield* missing;
}

/** One log that cannot be had does not keep the others back. */
async function* available(past: Past, source: LogSource, missing: LogPart[]): AsyncGenerator<readonly LogLine[]> {
  const { sources, query, signal } = past;
  const lines = sources.lines(source, asked(query, placeOf(query, source)), signal);
  try {
    yield* query.follow ? noted(past, source, lines) : lines;
  } catch (error) {
    if (signal.aborted || !(error instanceof TheseusError)) throw error;
    missing.push({ kind: "missing", source, why: error.facts.why?.[0] ?? error.facts.what });
  }
}

/** One line at least, also where none is wanted: it shows where to go on. A line that has no end yet is left for then. */
function asked({ since, until, tail, follow }: GroupLogsQuery, after: LogPosition | undefined): LogQuery {
  const whole = { follow: false, ...(follow ? { finished: true as const } : {}) };
  if (after !== undefined) return { ...whole, after };
  return {
    ...whole,
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(tail === undefined ? {} : { tail: Math.max(1, tail) }),
  };
}

async function* noted(
  past: Past,
  source: LogSource,
  lines: AsyncIterable<readonly LogLine[]>,
): AsyncGenerator<readonly LogLine[]> {
  const { query, askedAt, points } = past;
  const point = beginningOf(query, source);
  points.set(source.id, point);
  try {
    const end = point.hasLines ? point : await knownEnd(past, source);
    for await (const batch of lines) {
      point.note(batch);
      yield batch;
    }
    if (!point.hasLines) points.set(source.id, end);
  } catch (error) {
    // Nobody knows what its last lines were: only what comes later is surely wanted.
    if (!point.hasLines && query.tail !== undefined)
      points.set(source.id, new ResumePoint(later(query.since, askedAt)));
    throw error;
  }
}

/** Where to go on should nothing stand in the log since then: a place, which stays where it is when a clock is set. */
async function knownEnd({ sources, query, signal }: Past, source: LogSource): Promise<ResumePoint> {
  const end = new ResumePoint();
  if (query.since === undefined) return end;
  for await (const batch of sources.lines(source, { follow: false, tail: 1, finished: true }, signal)) {
    end.note(batch);
  }
  return end;
}

function later(since: Nanoseconds | undefined, askedAt: Nanoseconds): Nanoseconds {
  return since !== undefined && since > askedAt ? since : askedAt;
}

/** The last so many of all. Holds twice as many at most. */
async function* lastOf(
  all: AsyncIterable<readonly SourceLine[]>,
  count: number,
): AsyncGenerator<readonly SourceLine[]> {
  let kept: SourceLine[] = [];
  for await (const lines of all) {
    if (count === 0) continue;
    kept.push(...lines);
    if (kept.length > 2 * count + lines.length) kept = kept.slice(-count);
  }
  if (kept.length > 0) yield kept.slice(-count);
}

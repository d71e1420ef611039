// What containers have written until now, merged. Remembers where each log stood, for those who go on from there.

import { TheseusError } from "../model/errors.js";
import type { GroupLogsQuery, LogLine, LogPart, LogQuery, LogSource, Nanoseconds, SourceLine } from "../model/logs.js";
import { merged } from "./merge.js";
import { ResumePoint } from "./resume.js";
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
  const lines = sources.lines(source, asked(query), signal);
  try {
    yield* query.follow ? noted(past, source, lines) : lines;
  } catch (error) {
    if (signal.aborted || !(error instanceof TheseusError)) throw error;
    missing.push({ kind: "missing", source, why: error.facts.why?.[0] ?? error.facts.what });
  }
}

/** One line at least, also where none is wanted: it shows where to go on. */
function asked({ since, until, tail }: GroupLogsQuery): LogQuery {
  return {
    follow: false,
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(tail === undefined ? {} : { tail: Math.max(1, tail) }),
  };
}

async function* noted(
  { query: { since, tail }, askedAt, points }: Past,
  { id }: LogSource,
  lines: AsyncIterable<readonly LogLine[]>,
): AsyncGenerator<readonly LogLine[]> {
  const point = new ResumePoint(since, tail !== undefined);
  points.set(id, point);
  try {
    for await (const batch of lines) {
      for (const line of batch) point.note(line);
      yield batch;
    }
  } catch (error) {
    // Nobody knows what its last lines were: only what comes later is surely wanted.
    if (!point.hasLines && tail !== undefined) points.set(id, new ResumePoint(later(since, askedAt)));
    throw error;
  }
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

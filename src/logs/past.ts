// What containers have written until now, merged. Remembers where each log stood, for those who go on from there.

import { TheseusError } from "../model/errors.js";
import type { GroupLogsQuery, LogLine, LogPart, LogSource, SourceLine } from "../model/logs.js";
import { merged } from "./merge.js";
import { ResumePoint } from "./resume.js";
import type { LogSources } from "./sources.js";

export type Past = {
  readonly sources: LogSources;
  readonly query: GroupLogsQuery;
  readonly signal: AbortSignal;
  /** By container id; filled in here. */
  readonly points: Map<string, ResumePoint>;
};

export async function* pastLogs(past: Past, containers: readonly LogSource[]): AsyncGenerator<LogPart> {
  const missing: LogPart[] = [];
  const runs = containers.map((source) => ({ source, lines: noted(past, source, missing) }));
  const all = merged(runs);
  for await (const lines of past.query.tail === undefined ? all : lastOf(all, past.query.tail)) {
    yield { kind: "lines", lines };
  }
  yield* missing;
}

/** One log that cannot be had does not keep the others back. */
async function* noted(
  { sources, query, signal, points }: Past,
  source: LogSource,
  missing: LogPart[],
): AsyncGenerator<readonly LogLine[]> {
  const point = new ResumePoint(query.since);
  points.set(source.id, point);
  try {
    for await (const lines of sources.lines(source, { ...query, follow: false }, signal)) {
      for (const line of lines) point.note(line);
      yield lines;
    }
  } catch (error) {
    if (signal.aborted || !(error instanceof TheseusError)) throw error;
    missing.push({ kind: "missing", source, why: error.facts.why?.[0] ?? error.facts.what });
  }
}

/** The last so many of all. Holds twice as many at most. */
async function* lastOf(
  all: AsyncIterable<readonly SourceLine[]>,
  count: number,
): AsyncGenerator<readonly SourceLine[]> {
  let kept: SourceLine[] = [];
  for await (const lines of all) {
    kept.push(...lines);
    if (kept.length > 2 * count + lines.length) kept = kept.slice(-count);
  }
  const last = count === 0 ? [] : kept.slice(-count);
  if (last.length > 0) yield last;
}

// The logs of groups: what was written until now, and then, if asked, what is written from now on.

import type { GroupLogs, GroupLogsQuery, LogPart } from "../model/logs.js";
import type { Clock } from "../model/ports.js";
import { LiveLogs } from "./follow.js";
import { pastLogs } from "./past.js";
import type { ResumePoint } from "./resume.js";
import type { LogSources } from "./sources.js";

export function createGroupLogs(sources: LogSources, clock: Clock): GroupLogs {
  return {
    async *read(query: GroupLogsQuery, signal: AbortSignal): AsyncGenerator<LogPart> {
      const points = new Map<string, ResumePoint>();
      const askedAt = BigInt(clock.now()) * 1_000_000n;
      const found = await sources.list(query);
      yield { kind: "found", sources: found };
      yield* pastLogs({ sources, query, signal, points, askedAt }, found);
      if (!query.follow) return;
      const notBefore = query.since !== undefined && query.since > askedAt ? query.since : undefined;
      yield* new LiveLogs({ sources, query, clock, signal, notBefore }).parts(points);
    },
  };
}

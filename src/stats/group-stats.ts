// Samples of what the containers of groups use, one after the other, taken when they are asked for: whoever reads slowly
// gets fewer, and nothing is kept for him.

import type { Milliseconds } from "../model/instant.js";
import { SECOND } from "../model/instant.js";
import type { Clock } from "../model/ports.js";
import type { GroupStats, StatsQuery, StatsSample } from "../model/stats.js";
import { Sampling } from "./sampling.js";
import type { StatsSources } from "./sources.js";

/** What the first figures are of. */
const FIRST: Milliseconds = SECOND;
/** Between two samples that are followed. */
const PAUSE: Milliseconds = 2 * SECOND;

export function createGroupStats(sources: StatsSources, clock: Clock): GroupStats {
  return {
    async *read(query: StatsQuery, signal: AbortSignal): AsyncGenerator<StatsSample> {
      const sampling = new Sampling(sources, clock, query);
      const first = await sampling.take();
      const hasFigures = first.containers.some(({ usage }) => usage !== undefined);
      // A pace needs two readings. Where there is nothing to read, nobody waits.
      if (!hasFigures) yield first;
      while (hasFigures || query.follow) {
        await clock.sleep(hasFigures && sampling.taken === 1 ? FIRST : PAUSE, signal);
        yield await sampling.take();
        if (!query.follow) return;
      }
    },
  };
}

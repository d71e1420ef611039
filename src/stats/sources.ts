// What the reading of stats asks of the outside: which containers there are, and what each uses.

import type { LogTarget } from "../model/logs.js";
import type { KnownContainer, StatsSource, Usage } from "../model/stats.js";

export interface StatsSources {
  /** Those that run, of all engines that answer. HOST_UNREACHABLE when none does. */
  list(target: LogTarget): Promise<readonly StatsSource[]>;
  /** Undefined of one that has ended. HOST_UNREACHABLE. */
  usage(source: StatsSource): Promise<Usage | undefined>;
  /** Those that the store tells of, for when no engine answers. */
  known(target: LogTarget): readonly KnownContainer[];
  /** The same objects as long as the store tells of no change of these groups. */
  entries(target: LogTarget): readonly object[];
}

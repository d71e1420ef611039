// When the engine restarted containers by itself: it tells only how often since the last start by hand. Kept for the term.
// Must not know what follows from it.

import type { ObservedContainer } from "../model/container.js";
import type { Instant } from "../model/instant.js";
import { RESTLESS_FOR } from "../planner/upkeep.js";

type Known = { readonly count: number; readonly times: readonly Instant[] };

/** More of them tell nothing more. */
const MOST = 10;

export class Restarts {
  readonly #known = new Map<string, Known>();

  /** How many began in the last ten minutes. Those before the first look of the term count as of its last start. */
  recent({ id, restartCount, startedAt }: ObservedContainer, now: Instant): number {
    const known = this.#known.get(id);
    // A lower count: the engine itself was restarted, and counts anew.
    const before = known !== undefined && known.count <= restartCount ? known : { count: 0, times: [] };
    const seen = Array.from({ length: Math.min(restartCount - before.count, MOST) }, () => startedAt ?? now);
    const times = [...before.times, ...seen].filter((time) => now - time < RESTLESS_FOR).slice(-MOST);
    this.#known.set(id, { count: restartCount, times });
    return times.length;
  }

  /** Forgets containers that are not there any more. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id);
  }
}

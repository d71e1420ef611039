// Logs of groups: those of the containers of ours on the engine, which are looked at again when the mirror shows a change.

import type { LogSources } from "../logs/sources.js";
import type { Catalog, GroupEntry } from "../model/catalog.js";
import { isMeant } from "../model/discovery.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { GroupLogs, LogPick, LogTarget } from "../model/logs.js";
import type { Clock, Runtime } from "../model/ports.js";
import type { GroupRef } from "../model/reference.js";

/** What is taken away by another hand shows in no change. */
const LOOK_EVERY: Milliseconds = 5 * SECOND;

export type LogParts = {
  readonly engine: () => Promise<Pick<Runtime, "list" | "logLines">>;
  readonly catalog: Pick<Catalog, "view" | "reach">;
  readonly clock: Clock;
};

/** What merges them is loaded when somebody reads. */
export function createLogs(parts: LogParts): GroupLogs {
  return {
    async *read(query, signal) {
      const { createGroupLogs } = await import("../logs/group-logs.js");
      yield* createGroupLogs(sourcesOf(parts), parts.clock).read(query, signal);
    },
  };
}

function sourcesOf({ engine, catalog, clock }: LogParts): LogSources {
  return {
    list: async ({ picks, host }) => {
      const { ours } = await (await engine()).list();
      return ours.filter((one) => {
        const { group, slot } = one.owner;
        return (host === "" || one.host === host) && picks.some((pick) => picksOut(pick, group, slot));
      });
    },
    async *lines({ id }, query, signal) {
      yield* (await engine()).logLines(id, query, signal);
    },
    changed: async (target, signal) => {
      const over = new AbortController();
      const late = clock.sleep(LOOK_EVERY, AbortSignal.any([signal, over.signal]));
      const change = otherGroups(catalog, target, AbortSignal.any([signal, over.signal]));
      try {
        await Promise.race([late, change]);
      } finally {
        over.abort();
        await Promise.allSettled([late, change]);
      }
    },
  };
}

function picksOut({ target, slots }: LogPick, group: GroupRef, slot: number): boolean {
  return isMeant(target, group) && (slots.length === 0 || slots.includes(slot));
}

/** Resolves when what is stored of these groups has changed: entries are the same objects until then. */
async function otherGroups(catalog: LogParts["catalog"], target: LogTarget, signal: AbortSignal): Promise<void> {
  const before = entriesOf(catalog, target);
  for (;;) {
    const view = catalog.view();
    await catalog.reach(view.revision + 1n, signal);
    const now = entriesOf(catalog, target);
    if (now.length !== before.length || now.some((entry, i) => entry !== before[i])) return;
  }
}

function entriesOf(catalog: LogParts["catalog"], { picks }: LogTarget): readonly GroupEntry[] {
  return catalog
    .view()
    .groups()
    .filter(({ ref }) => picks.some(({ target }) => isMeant(target, ref)));
}

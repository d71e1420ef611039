// Logs of groups: those of the containers of ours on the engine, which are looked at again when the mirror shows a change.

import type { LogSources } from "../logs/sources.js";
import type { Catalog } from "../model/catalog.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { GroupLogs, LogTarget } from "../model/logs.js";
import type { Clock, Runtime } from "../model/ports.js";
import { entriesOf, isPicked } from "./picked.js";

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
    list: async (target) => {
      const { ours } = await (await engine()).list();
      return ours.filter(({ owner, host }) => {
        return (target.host === "" || target.host === host) && isPicked(target, owner.group, owner.slot);
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

// Stats of groups: of the containers of ours that run on the engine; those of a silent engine are named by the mirror.

import type { Catalog } from "../model/catalog.js";
import type { LogTarget } from "../model/logs.js";
import type { Clock, Runtime } from "../model/ports.js";
import type { GroupStats, KnownContainer } from "../model/stats.js";
import type { StatsSources } from "../stats/sources.js";
import { entriesOf, isPicked } from "./picked.js";

export type StatsParts = {
  readonly engine: () => Promise<Pick<Runtime, "list" | "usage">>;
  readonly catalog: Pick<Catalog, "view">;
  readonly clock: Clock;
};

/** What takes them is loaded when somebody reads. */
export function createStats(parts: StatsParts): GroupStats {
  return {
    async *read(query, signal) {
      const { createGroupStats } = await import("../stats/group-stats.js");
      yield* createGroupStats(sourcesOf(parts), parts.clock).read(query, signal);
    },
  };
}

const RUNNING = new Set(["running", "paused", "restarting"]);

function sourcesOf({ engine, catalog }: StatsParts): StatsSources {
  return {
    list: async (target) => {
      const { ours } = await (await engine()).list();
      return ours.filter(
        ({ owner, host, status }) =>
          RUNNING.has(status) && isOn(target, host) && isPicked(target, owner.group, owner.slot),
      );
    },
    usage: async ({ id }) => (await engine()).usage(id),
    known: (target) => knownTo(catalog, target),
    entries: (target) => entriesOf(catalog, target),
  };
}

/** Containers that are meant to run, as the store has them. */
function knownTo(catalog: Pick<Catalog, "view">, target: LogTarget): readonly KnownContainer[] {
  return entriesOf(catalog, target).flatMap(({ ref, containers }) =>
    containers.flatMap(({ intent }) => {
      if (intent === undefined || intent.phase === "creating") return [];
      const { name, slot, host, configRevision } = intent;
      const isMeant = isOn(target, host) && isPicked(target, ref, slot);
      return isMeant ? [{ group: ref, name, slot, host, configRevision }] : [];
    }),
  );
}

const isOn = ({ host }: LogTarget, itsHost: string): boolean => host === "" || host === itsHost;

// What of a group was started, as Docker tells it, held against what was promised: each generation of a slot once, and never
// more at once than the order of its update allows. One whose stop was committed counts as gone.

import type { SeenContainer, SeenEvent } from "../../support/observed-engine.js";
import type { TestEtcd } from "../../support/start-etcd.js";
import { type LoggedWrite, StoreLog } from "../../support/store-log.js";
import { until } from "../../support/until.js";

const TOLD_WITHIN_MS = 5_000;

type Facts = {
  readonly cluster: string;
  /** That ran when Docker was first listened to. */
  readonly first: readonly SeenContainer[];
  readonly events: readonly SeenEvent[];
  /** How many may run at once while one of that config revision is started. */
  readonly most: (configRevision: number) => number;
};

/** When the start of a container was confirmed, and when its stop was committed, as revisions of the store. */
type Phases = { readonly confirmed: number | undefined; readonly stopping: number | undefined };

export class Starts {
  readonly #facts: Facts;
  readonly #log: StoreLog;

  constructor(etcd: TestEtcd, facts: Facts) {
    this.#facts = facts;
    this.#log = new StoreLog(etcd);
  }

  stop(): Promise<void> {
    return this.#log.stop();
  }

  /** What is wrong with the starts among Docker's events from that one on. */
  async wrong(from: number): Promise<string[]> {
    const events = this.#facts.events.slice();
    await this.#heardOf(events.slice(from)).catch(() => undefined);
    const phases = phasesIn(this.#log.writes);
    const running = new Map(this.#facts.first.map(({ id, name }) => [id, name]));
    const owners = new Map<string, string>();
    const violations: string[] = [];
    let newest = 0;
    for (const [i, { id, action, attributes }] of events.entries()) {
      if (attributes["theseus.cluster"] !== this.#facts.cluster) continue;
      if (action === "die") running.delete(id);
      if (action !== "start") continue;
      const { name = "" } = attributes;
      running.set(id, name);
      const confirmed = phases.get(name)?.confirmed;
      newest = Math.max(newest, confirmed ?? 0);
      if (i < from) continue;
      if (confirmed === undefined) violations.push(`${name} was started, and the store never said that it may`);
      violations.push(...twice(owners, id, attributes));
      const most = this.#facts.most(Number(attributes["theseus.config-revision"]));
      const there = [...running.values()].filter((one) => (phases.get(one)?.stopping ?? newest) >= newest);
      if (there.length > most) violations.push(`${there.length} ran at once, not ${most}: ${there.join(" ")}`);
    }
    return violations;
  }

  /** The store's log may be behind Docker's. */
  async #heardOf(events: readonly SeenEvent[]): Promise<void> {
    const names = events.flatMap(({ action, attributes }) =>
      action === "start" && attributes["theseus.cluster"] === this.#facts.cluster ? [attributes["name"] ?? ""] : [],
    );
    const isTold = () => {
      const phases = phasesIn(this.#log.writes);
      return names.every((name) => phases.get(name)?.confirmed !== undefined);
    };
    await until("the store to tell of what was started", isTold, { withinMs: TOLD_WITHIN_MS, everyMs: 100 });
  }
}

function twice(owners: Map<string, string>, id: string, attributes: SeenEvent["attributes"]): string[] {
  const place = `slot ${attributes["theseus.slot"]} generation ${attributes["theseus.generation"]}`;
  const owner = owners.get(place) ?? id;
  owners.set(place, id);
  return owner === id ? [] : [`${place} was started twice`];
}

/** By name; the first time counts. */
function phasesIn(writes: readonly LoggedWrite[]): ReadonlyMap<string, Phases> {
  const found = new Map<string, Phases>();
  for (const { key, value, revision } of writes) {
    const name = /\/containers\/([^/]+)$/.exec(key)?.[1];
    if (name === undefined || value === undefined) continue;
    const { phase } = JSON.parse(value) as { phase?: string };
    const { confirmed, stopping } = found.get(name) ?? { confirmed: undefined, stopping: undefined };
    found.set(name, {
      confirmed: confirmed ?? (phase === "running" ? revision : undefined),
      stopping: stopping ?? (phase === "stopping" ? revision : undefined),
    });
  }
  return found;
}

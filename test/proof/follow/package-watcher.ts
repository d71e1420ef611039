// A program that follows a question with the client package, and may acknowledge what it takes.

import { containerStateToJSON } from "../../../clients/gen/theseus/v1/container.js";
import type { Endpoint } from "../../../clients/gen/theseus/v1/discovery_service.js";
import { watchService } from "../../../clients/watch-service.js";
import type { WatchTarget } from "../../../clients/watch-target.js";
import { idOf, type Question, type State, textOf } from "./questions.js";
import type { Told, Watcher } from "./told.js";

export type PackageWatcherFacts = {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly question: Question;
  readonly acknowledge: boolean;
};

export class PackageWatcher implements Watcher {
  state: State = new Map();
  readonly told: Told[] = [];
  readonly complaints: string[] = [];
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(facts: PackageWatcherFacts) {
    this.#done = this.#run(facts).catch((error: unknown) => {
      this.complaints.push(`gave up: ${String(error)}`);
    });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run({ name, addresses, question, acknowledge }: PackageWatcherFacts): Promise<void> {
    const { port, includeNotReady = false } = question;
    const watch = watchService(addresses, targetOf(question), {
      ...{ acknowledge, includeNotReady, watcherId: name, signal: this.#stop.signal },
      ...(port === undefined ? {} : { port }),
    });
    for await (const { endpoints, revision } of watch) {
      const entries = stateIn(endpoints);
      this.state = entries;
      this.told.push({ kind: "snapshot", revision: Number(revision), entries });
    }
  }
}

export function targetOf({ selector = {}, group }: Question): WatchTarget {
  return group === undefined ? selector : { group: { ...group, labels: [...group.labels] } };
}

export const stateIn = (endpoints: readonly Endpoint[]): State => new Map(endpoints.map(entryOf));

function entryOf({ container, address, port, ready, weight }: Endpoint): readonly [string, string] {
  const { namespace = "", service = "", labels = [] } = container?.group ?? {};
  const id = idOf({ namespace: namespace || "default", service, labels }, container?.name ?? "");
  const state = containerStateToJSON(container?.state ?? 0)
    .replace("CONTAINER_STATE_", "")
    .toLowerCase();
  return [id, textOf({ address, port, state, ready, weight })];
}

// Everything that is on the engine at one moment: ours in full, strangers as far as they stand in our way.

import type { ObservedContainer } from "../model/container.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { EngineListing, Logger, Stranger } from "../model/ports.js";
import { inParallel } from "./deadline.js";
import type { Engine } from "./engine.js";
import type { Inspection, Inspections } from "./inspections.js";
import { observe, observeMute, observeUnstarted, type Row, stranger } from "./observe.js";
import { CLUSTER, readOwnership, TRIAL } from "./ownership.js";

const DEADLINE: Milliseconds = 2 * SECOND;
const AT_ONCE = 8;

type Parts = {
  readonly engine: Engine;
  readonly inspections: Inspections;
  readonly clusterId: () => string;
  readonly log: Logger;
};

export class Listing {
  readonly #parts: Parts;
  readonly #complained = new Set<string>();
  /** What was read from an inspection that is still remembered. */
  readonly #observed = new WeakMap<Inspection, ObservedContainer>();
  #known: { readonly connection: number; readonly engineId: string } | undefined;
  #running: Promise<EngineListing> | undefined;
  #next: Promise<EngineListing> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A listing begun after this call; callers that come while one is under way share the one after it. */
  list(): Promise<EngineListing> {
    if (this.#running === undefined) return this.#begin();
    this.#next ??= this.#running.then(
      () => this.#begin(),
      () => this.#begin(),
    );
    return this.#next;
  }

  #begin(): Promise<EngineListing> {
    this.#next = undefined;
    const running = this.#read().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #read(): Promise<EngineListing> {
    const { engineId, rows } = await this.#rows();
    const ours: ObservedContainer[] = [];
    const strangers: Stranger[] = [];
    const read = await inParallel(rows, AT_ONCE, (row) => this.#readRow(row));
    for (const container of read) {
      if (container === undefined) continue;
      if ("owner" in container) ours.push(container);
      else strangers.push(container);
    }
    this.#parts.inspections.keepOnly(new Set(rows.map((row) => row.Id)));
    return { engineId, ours, strangers };
  }

  /**
   * The rows and the ID of the very engine that gave them. The ID costs the engine 10 times as much as the list, so it is
   * asked once per connection: while the connection stands, the same process answers.
   */
  async #rows(): Promise<{ engineId: string; rows: readonly Row[] }> {
    const { engine } = this.#parts;
    const ask = <T>(path: string, query: Record<string, boolean>) =>
      engine.call<T>({ method: "GET", path, query, deadline: DEADLINE, kept: true });
    for (;;) {
      const rows = await ask<Row[]>("/containers/json", { all: true });
      const connection = engine.connection();
      if (this.#known?.connection === connection) return { engineId: this.#known.engineId, rows };
      const { ID: engineId } = await ask<{ ID: string }>("/info", {});
      // Cut between the two: nothing ties this ID to those rows, so both are read again.
      if (engine.connection() !== connection) continue;
      this.#known = { connection, engineId };
      return { engineId, rows };
    }
  }

  async #readRow(row: Row): Promise<ObservedContainer | Stranger | undefined> {
    const { engine, inspections, clusterId } = this.#parts;
    // It stands in nobody's way: its ports are bound for a moment, and by ourselves.
    if (row.Labels?.[TRIAL]?.startsWith(`${clusterId()}/`)) return undefined;
    if (row.Labels?.[CLUSTER] !== clusterId()) return stranger(row);
    const owner = readOwnership(row.Labels);
    if (owner === undefined) return this.#malformed(row);
    if (row.State === "created" || inspections.isStarting(row.Id)) return observeUnstarted(engine.host, owner, row);
    const seen = await inspections.of(row);
    if (seen === undefined) return undefined;
    // It must not hold up all others.
    if (seen === "mute") return observeMute(engine.host, owner, row, inspections.last(row.Id));
    const known = this.#observed.get(seen) ?? observe(engine.host, owner, seen);
    this.#observed.set(seen, known);
    return known;
  }

  /** Said once per container; it is left alone, whoever made it. */
  #malformed(row: Row): Stranger {
    if (!this.#complained.has(row.Id)) {
      this.#complained.add(row.Id);
      const fields = { host: this.#parts.engine.host, id: row.Id, names: row.Names };
      this.#parts.log.warn(
        fields,
        "a container has our cluster id, but its other labels are not ours; it is left alone",
      );
    }
    return stranger(row);
  }
}

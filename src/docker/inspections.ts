// Inspections of containers, remembered while nothing can have changed: the engine's events say what has.

import type Docker from "dockerode";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock } from "../model/ports.js";
import type { Engine } from "./engine.js";
import { refusedWith } from "./failure.js";
import { type Row, rowSignature } from "./observe.js";

const OLDEST: Milliseconds = 30 * SECOND;
/** Longer than a list's: the engine keeps an inspection waiting while that container is being started. */
const DEADLINE: Milliseconds = 10 * SECOND;

export type Inspection = Docker.ContainerInspectInfo & { readonly Config: { readonly StopSignal?: string } };

type Remembered = {
  readonly signature: string;
  readonly changes: number;
  readonly session: number;
  readonly at: Milliseconds;
  readonly seen: Inspection;
};

/** Reads one container now. EngineRefusal 404 when it is gone. */
export function inspect(engine: Engine, idOrName: string): Promise<Inspection> {
  const path = `/containers/${encodeURIComponent(idOrName)}/json`;
  return engine.call<Inspection>({ method: "GET", path, deadline: DEADLINE });
}

export class Inspections {
  #following = false;
  #session = 0;
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #remembered = new Map<string, Remembered>();
  readonly #changes = new Map<string, number>();

  constructor(engine: Engine, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
  }

  /** Every change will be told from now on. What happened before is not known, so nothing from before is used. */
  follow(): void {
    this.#session++;
    this.#following = true;
  }

  /** Changes are not told any more: nothing is remembered. */
  unfollow(): void {
    this.#following = false;
  }

  /** Something happened to this container: the next look is a fresh one. */
  touch(id: string): void {
    this.#changes.set(id, this.#changesOf(id) + 1);
  }

  /** As it was seen last, however long ago: for what never changes of a container. */
  last(id: string): Inspection | undefined {
    return this.#remembered.get(id)?.seen;
  }

  /** Undefined when the container vanished meanwhile. */
  async of(row: Row): Promise<Inspection | undefined> {
    const signature = rowSignature(row);
    const known = this.#remembered.get(row.Id);
    if (known !== undefined && this.#holds(known, row.Id, signature)) return known.seen;
    const before = { changes: this.#changesOf(row.Id), session: this.#session, at: this.#clock.monotonic() };
    try {
      const seen = await inspect(this.#engine, row.Id);
      this.#remembered.set(row.Id, { signature, ...before, seen });
      return seen;
    } catch (error) {
      if (refusedWith(error, 404)) return undefined;
      throw error;
    }
  }

  /** Forgets containers that are no longer there. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const map of [this.#remembered, this.#changes]) {
      for (const id of map.keys()) if (!ids.has(id)) map.delete(id);
    }
  }

  #holds(known: Remembered, id: string, signature: string): boolean {
    const fresh = this.#clock.monotonic() - known.at < OLDEST;
    const untouched = known.session === this.#session && known.changes === this.#changesOf(id);
    return this.#following && fresh && untouched && known.signature === signature;
  }

  #changesOf(id: string): number {
    return this.#changes.get(id) ?? 0;
  }
}

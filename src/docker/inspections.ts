// Inspections of containers, remembered while nothing can have changed: the engine's events say what has.

import type Docker from "dockerode";
import { isReason } from "../model/errors.js";
import { MINUTE, type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock } from "../model/ports.js";
import type { Engine } from "./engine.js";
import { refusedWith } from "./failure.js";
import { type Row, rowSignature } from "./observe.js";

const OLDEST: Milliseconds = 30 * SECOND;
/** Longer than a list's: the engine keeps an inspection waiting while that container is being started. */
const DEADLINE: Milliseconds = 10 * SECOND;
/** In a listing all others wait with it. */
const DEADLINE_IN_LISTING: Milliseconds = 5 * SECOND;
const ALIVE_DEADLINE: Milliseconds = 2 * SECOND;
/** 20.10 may never say a word of a container again whose health command hung. */
const MUTE_FOR: Milliseconds = MINUTE;

export type Inspection = Docker.ContainerInspectInfo & { readonly Config: { readonly StopSignal?: string } };

type Remembered = {
  readonly signature: string;
  readonly changes: number;
  readonly session: number;
  readonly at: Milliseconds;
  readonly seen: Inspection;
};

/** Reads one container now. EngineRefusal 404 when it is gone. */
export function inspect(engine: Engine, idOrName: string, deadline = DEADLINE): Promise<Inspection> {
  const path = `/containers/${encodeURIComponent(idOrName)}/json`;
  return engine.call<Inspection>({ method: "GET", path, deadline });
}

export class Inspections {
  #following = false;
  #session = 0;
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #remembered = new Map<string, Remembered>();
  readonly #changes = new Map<string, number>();
  /** Calls of ours under way that change a container. */
  readonly #changing = new Map<string, number>();
  readonly #starting = new Set<string>();
  readonly #mute = new Map<string, { readonly signature: string; readonly at: Milliseconds }>();

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

  /** A call of ours is about to change it, and to start it for the first time, if so. To be followed by `changed`. */
  changes(id: string, isStart = false): void {
    if (isStart) this.#starting.add(id);
    this.#changing.set(id, (this.#changing.get(id) ?? 0) + 1);
  }

  /** That call is over. */
  changed(id: string): void {
    const others = (this.#changing.get(id) ?? 1) - 1;
    if (others > 0) this.#changing.set(id, others);
    else this.#changing.delete(id);
    this.#starting.delete(id);
    this.touch(id);
  }

  /** Our start of it is not over. */
  isStarting(id: string): boolean {
    return this.#starting.has(id);
  }

  /** As it was seen last, however long ago: for what never changes of a container. */
  last(id: string): Inspection | undefined {
    return this.#remembered.get(id)?.seen;
  }

  /**
   * Undefined when the container vanished meanwhile; "mute": the engine answers, but not for this one. While a call of ours
   * changes it, it is as it was before: the engine keeps an inspection waiting for that, and everything else would wait too.
   */
  async of(row: Row): Promise<Inspection | "mute" | undefined> {
    const signature = rowSignature(row);
    if (this.#isMute(row.Id, signature)) return "mute";
    const known = this.#remembered.get(row.Id);
    if (known !== undefined && (this.#changing.has(row.Id) || this.#holds(known, row.Id, signature))) return known.seen;
    const before = { changes: this.#changesOf(row.Id), session: this.#session, at: this.#clock.monotonic() };
    try {
      const seen = await inspect(this.#engine, row.Id, DEADLINE_IN_LISTING);
      this.#mute.delete(row.Id);
      this.#remembered.set(row.Id, { signature, ...before, seen });
      return seen;
    } catch (error) {
      if (refusedWith(error, 404)) return undefined;
      if (!isReason(error, "HOST_UNREACHABLE") || !(await this.#answersElse())) throw error;
      this.#mute.set(row.Id, { signature, at: this.#clock.monotonic() });
      return "mute";
    }
  }

  /** Asked again after a while, or when its row tells something new. */
  #isMute(id: string, signature: string): boolean {
    const mute = this.#mute.get(id);
    return mute?.signature === signature && this.#clock.monotonic() - mute.at < MUTE_FOR;
  }

  #answersElse(): Promise<boolean> {
    return this.#engine.call({ method: "GET", path: "/version", deadline: ALIVE_DEADLINE }).then(
      () => true,
      () => false,
    );
  }

  /** Forgets containers that are no longer there. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const map of [this.#remembered, this.#changes, this.#mute]) {
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

// Registrations in memory as the leader finds them, each heard or not as the test says.

import { containerId } from "../../src/model/discovery.js";
import { groupRef } from "../../src/model/reference.js";
import type { SeenRegistration, StandingChange, StandingStore } from "../../src/model/registration.js";
import type { Fence, FencedResult } from "../../src/model/store.js";

export class FakeStandings implements StandingStore {
  /** Thrown by each reading while it is set. */
  broken: Error | undefined;
  readings = 0;
  /** Renewed between each reading and the writing after it, so nothing is written of these. */
  readonly renewed = new Set<string>();
  /** After so many changes somebody else leads. */
  fencedAfter: number | undefined;
  /** "name state", in the order of writing. */
  readonly written: string[] = [];
  readonly #seen = new Map<string, SeenRegistration>();

  /** There are so many, r1, r2, ..., all heard. */
  add(count: number, ttlSeconds: number): void {
    for (let i = 1; i <= count; i++) {
      const ref = { ...groupRef("guest", ["dev"]), name: `r${i}` };
      const holder = { id: `h${i}`, since: 0, ttlSeconds, state: "ready", standing: "kept" } as const;
      this.#seen.set(containerId(ref), { ref, holder, modRevision: 1n, alive: true });
    }
  }

  /** From now on these are heard, or not. */
  hear(names: readonly string[], alive: boolean): void {
    for (const [id, one] of this.#seen) if (names.includes(one.ref.name)) this.#seen.set(id, { ...one, alive });
  }

  /** The names of those that stand so. */
  standing(standing: string): string[] {
    return [...this.#seen.values()].filter(({ holder }) => holder.standing === standing).map(({ ref }) => ref.name);
  }

  async readRegistrations(): Promise<readonly SeenRegistration[]> {
    this.readings++;
    if (this.broken !== undefined) throw this.broken;
    return [...this.#seen.values()];
  }

  async writeStandings(
    _: Fence,
    changes: readonly StandingChange[],
    written: (changes: readonly StandingChange[]) => void,
  ): Promise<FencedResult> {
    for (const change of changes) {
      const { seen, to } = change;
      if (this.renewed.has(seen.ref.name)) continue;
      if (this.fencedAfter === this.written.length) return { ok: false, why: "fenced" };
      written([change]);
      this.written.push(`${seen.ref.name} ${to}`);
      if (to === "gone") this.#seen.delete(containerId(seen.ref));
      else this.#seen.set(containerId(seen.ref), { ...seen, holder: { ...seen.holder, standing: to } });
    }
    return { ok: true, revision: 1n };
  }
}

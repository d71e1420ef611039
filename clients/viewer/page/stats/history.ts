// What containers have used in the last quarter of an hour, as it was sampled. Pure but for itself: it is changed in place.

import type { StatsSample } from "../../wire.js";

export type Usage = StatsSample["containers"][number];

export interface Sampled {
  readonly time: number;
  readonly usage: Usage;
}

export const KEPT_FOR = 15 * 60_000;

export class UsageHistory {
  readonly #of = new Map<string, Sampled[]>();

  add({ time, containers }: StatsSample): void {
    for (const usage of containers) {
      const samples = this.#of.get(usage.id) ?? [];
      const last = samples.at(-1);
      if (last !== undefined && last.time >= time) continue;
      samples.push({ time, usage });
      while ((samples[0]?.time ?? time) < time - KEPT_FOR) samples.shift();
      this.#of.set(usage.id, samples);
    }
    for (const [id, samples] of this.#of) if ((samples.at(-1)?.time ?? 0) < time - KEPT_FOR) this.#of.delete(id);
  }

  /** Oldest first. */
  of(id: string): readonly Sampled[] {
    return this.#of.get(id) ?? [];
  }

  latest(id: string): Usage | undefined {
    return this.#of.get(id)?.at(-1)?.usage;
  }
}

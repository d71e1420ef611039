// What many runs add up to.

import type { Fault } from "./faults.js";
import type { Outcome } from "./run-seed.js";

export class Tally {
  readonly #begun = performance.now();
  readonly #cpu = process.cpuUsage();
  readonly #faults = new Map<Fault, number>();
  readonly #rests: number[] = [];
  seeds = 0;
  /** Runs that were made twice. */
  again = 0;
  /** Of a systematic run: points that were looked at, of so many. */
  points = 0;
  pointsOf = 0;
  broken = 0;
  #events = 0;
  #virtual = 0;
  #commits = 0;
  #deeds = 0;

  /** Since it began. */
  get seconds(): number {
    return (performance.now() - this.#begun) / 1000;
  }

  add(outcome: Outcome): void {
    this.seeds++;
    if (outcome.violations.length > 0) this.broken++;
    this.#events += outcome.events;
    this.#virtual += outcome.virtual;
    this.#commits += outcome.commits;
    this.#deeds += outcome.deeds;
    for (const [fault, count] of outcome.faults) this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + count);
    if (outcome.restedAfter !== undefined) this.#rests.push(outcome.restedAfter / 1000);
  }

  told(): Readonly<Record<string, unknown>> {
    const { user, system } = process.cpuUsage(this.#cpu);
    const rests = this.#rests.sort((a, b) => a - b);
    return {
      ...{ seeds: this.seeds, broken: this.broken, again: this.again, points: this.points, pointsOf: this.pointsOf },
      ...{ virtualHours: rounded(this.#virtual / 3_600_000) },
      ...{ events: this.#events, commits: this.#commits, deeds: this.#deeds },
      ...{ seedsPerSecond: rounded(this.seeds / this.seconds) },
      seedsPerCpuSecond: rounded((this.seeds * 1e6) / (user + system)),
      restedAfter: { p50: at(rests, 0.5), p99: at(rests, 0.99), most: at(rests, 1) },
      faults: Object.fromEntries(this.#faults),
    };
  }
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
const at = (sorted: readonly number[], part: number): number | undefined =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

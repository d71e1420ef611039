// What many runs add up to: how fast they were, and what they have covered.

import { FAULTS, type Fault } from "./faults.js";
import type { Outcome } from "./run-seed.js";

export class Tally {
  readonly #begun = performance.now();
  readonly #cpu = process.cpuUsage();
  /** Of each, in how many seeds it was. */
  readonly #faults = new Map<Fault, number>();
  readonly #pairs = new Map<string, number>();
  readonly #scenarios = new Map<string, number>();
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
    this.#cover(outcome);
    if (outcome.restedAfter !== undefined) this.#rests.push(outcome.restedAfter / 1000);
  }

  #cover(outcome: Outcome): void {
    const faults = [...outcome.faults.keys()].sort();
    for (const [i, fault] of faults.entries()) {
      count(this.#faults, fault);
      if (!isPaired(fault)) continue;
      for (const other of faults.slice(i + 1).filter(isPaired)) count(this.#pairs, `${fault} + ${other}`);
    }
    for (const scenario of scenariosOf(outcome)) count(this.#scenarios, scenario);
  }

  /** `pairs` of faults that struck in one seed, with the number of seeds. */
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
      ...{ faults: Object.fromEntries(this.#faults), scenarios: Object.fromEntries(this.#scenarios) },
      pairs: Object.fromEntries(this.#pairs),
    };
  }
}

/** What kind of world it was, and what people asked of it. */
function scenariosOf({ size, programs }: Outcome): ReadonlySet<string> {
  const ofPrograms = programs.flatMap(({ update, hasPorts, wishes }) => [
    ...[`order ${update.order}`, `on failure ${update.onFailure}`, hasPorts ? "with ports" : "without ports"],
    ...wishes.map(({ wish }) => (wish.kind === "steer" ? wish.act : wish.kind)),
  ]);
  return new Set([size.name, `${size.servers} servers`, `${size.services.length} services`, ...ofPrograms]);
}

function count<K>(counts: Map<K, number>, what: K): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

const isPaired = (fault: Fault): boolean => FAULTS.some((one) => one === fault);
const rounded = (value: number): number => Math.round(value * 100) / 100;
const at = (sorted: readonly number[], part: number): number | undefined =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

// One reader's samples: which containers there are is asked again when the store tells of a change, and now and then.

import { isReason, TheseusError } from "../model/errors.js";
import type { Milliseconds } from "../model/instant.js";
import { SECOND } from "../model/instant.js";
import type { Clock } from "../model/ports.js";
import type { ContainerStats, KnownContainer, StatsQuery, StatsSample, StatsSource, Usage } from "../model/stats.js";
import { paceOf } from "../model/stats.js";
import type { StatsSources } from "./sources.js";

/** Restarts by the engine, and what is taken away by another hand, show in no change. */
const LIST_EVERY: Milliseconds = 5 * SECOND;
/** Of one sample. */
const AT_ONCE = 4;

type Listed = {
  readonly sources: readonly StatsSource[];
  readonly entries: readonly object[];
  readonly at: Milliseconds;
};

export class Sampling {
  /** Samples so far. */
  taken = 0;
  #listed: Listed | undefined;
  /** Of the sample before, by the ids of those that are still there. */
  #before = new Map<string, Usage>();

  constructor(
    private readonly sources: StatsSources,
    private readonly clock: Clock,
    private readonly query: StatsQuery,
  ) {}

  /** A host that does not answer is told of each of its containers. HOST_UNREACHABLE when none of them is known. */
  async take(): Promise<StatsSample> {
    this.taken += 1;
    const containers = await this.#containers();
    return { at: this.clock.now(), containers };
  }

  async #containers(): Promise<readonly ContainerStats[]> {
    try {
      const { sources } = await this.#current();
      return await this.#read(sources);
    } catch (error) {
      if (!isReason(error, "HOST_UNREACHABLE")) throw error;
      const known = this.#listed?.sources.map(knownOf) ?? this.sources.known(this.query);
      this.#forget();
      if (known.length === 0 && this.taken === 1) throw error;
      return known.map((container) => ({ ...container, problem: whyOf(error) }));
    }
  }

  async #current(): Promise<Listed> {
    const entries = this.sources.entries(this.query);
    const now = this.clock.monotonic();
    const known = this.#listed;
    if (known !== undefined && now - known.at < LIST_EVERY && areSame(known.entries, entries)) return known;
    const listed = { sources: await this.sources.list(this.query), entries, at: now };
    this.#listed = listed;
    return listed;
  }

  async #read(sources: readonly StatsSource[]): Promise<readonly ContainerStats[]> {
    const before = this.#before;
    this.#before = new Map();
    const rows: (ContainerStats | undefined)[] = [];
    const queue = sources.entries();
    const hosts = new Hosts();
    const reader = async (): Promise<void> => {
      for (const [i, source] of queue) rows[i] = await this.#row(source, before.get(source.id), hosts);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, reader));
    return rows.filter((row) => row !== undefined);
  }

  /** Undefined of one that has ended. */
  async #row(source: StatsSource, before: Usage | undefined, hosts: Hosts): Promise<ContainerStats | undefined> {
    const known = { ...knownOf(source), restarts: source.restartCount };
    const limited = source.limits === undefined ? known : { ...known, limits: source.limits };
    const away = hosts.away(source.host);
    if (away !== undefined) return { ...limited, problem: away };
    try {
      const usage = await this.sources.usage(source);
      hosts.answered(source.host);
      if (usage === undefined) return this.#gone();
      this.#before.set(source.id, usage);
      return { ...limited, usage, pace: paceOf(before, usage) };
    } catch (error) {
      if (isReason(error, "HOST_UNREACHABLE")) hosts.silent(source.host, whyOf(error));
      this.#forget();
      return { ...limited, problem: whyOf(error) };
    }
  }

  #gone(): undefined {
    this.#forget();
    return undefined;
  }

  /** The next sample asks which there are; those that were there are still named if nobody can say. */
  #forget(): void {
    if (this.#listed !== undefined) this.#listed = { ...this.#listed, at: Number.NEGATIVE_INFINITY };
  }
}

/** Within one sample: a host that never answers is not asked once more for each of its containers. */
class Hosts {
  readonly #answering = new Set<string>();
  readonly #silences = new Map<string, number>();
  readonly #why = new Map<string, string>();

  answered(host: string): void {
    this.#answering.add(host);
  }

  silent(host: string, why: string): void {
    this.#silences.set(host, (this.#silences.get(host) ?? 0) + 1);
    this.#why.set(host, why);
  }

  /** Why it is not asked any more; undefined: it is. */
  away(host: string): string | undefined {
    const isAway = !this.#answering.has(host) && (this.#silences.get(host) ?? 0) >= AT_ONCE;
    return isAway ? this.#why.get(host) : undefined;
  }
}

function knownOf({ owner: { group, slot, configRevision }, name, host }: StatsSource): KnownContainer {
  return { group, name, slot, host, configRevision };
}

function whyOf(error: unknown): string {
  if (!(error instanceof TheseusError)) return String(error);
  return error.facts.why?.[0] ?? error.message;
}

function areSame(some: readonly object[], others: readonly object[]): boolean {
  return some.length === others.length && some.every((one, i) => one === others[i]);
}

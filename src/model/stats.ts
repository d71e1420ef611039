// What containers use of their hosts: what an engine reads at one moment, and the pace between two of them.

import type { ObservedContainer } from "./container.js";
import type { Instant } from "./instant.js";
import type { LogTarget } from "./logs.js";
import type { GroupRef } from "./reference.js";

export type Traffic = { readonly rx: number; readonly tx: number };

/** Of one container at one moment. What the engine does not say is absent. */
export type Usage = {
  /** When it was read, by the clock of its host. */
  readonly at: Instant;
  /** Seconds of one core, since the container was started. */
  readonly cpuSeconds?: number;
  /** Bytes, without what the page cache could give back. */
  readonly mem?: number;
  /** Bytes since the container was started. */
  readonly net?: Traffic;
};

/** Over a stretch of time: cores, and bytes a second. */
export type Pace = { readonly cpu?: number; readonly net?: Traffic };

/** Whose usage is read. */
export type StatsSource = Pick<ObservedContainer, "id" | "name" | "host" | "owner" | "restartCount" | "limits">;

/** A container of which more is known only by its engine. */
export type KnownContainer = {
  readonly group: GroupRef;
  readonly name: string;
  readonly slot: number;
  readonly host: string;
  readonly configRevision: number;
};

export type ContainerStats = KnownContainer & {
  readonly limits?: ObservedContainer["limits"];
  readonly usage?: Usage;
  readonly pace?: Pace;
  /** By the engine itself. */
  readonly restarts?: number;
  /** Why there are no figures, in words. */
  readonly problem?: string;
};

export type StatsSample = { readonly at: Instant; readonly containers: readonly ContainerStats[] };

export type StatsQuery = LogTarget & { readonly follow: boolean };

/** Stats of groups, whichever engines they are on. */
export interface GroupStats {
  /**
   * A sample of all running containers of the target; followed, one after the other until the signal, and the next is
   * taken when it is asked for. HOST_UNREACHABLE when no engine can say which containers there are, and nobody else can.
   */
  read(query: StatsQuery, signal: AbortSignal): AsyncIterable<StatsSample>;
}

/** Between two readings that are closer the figures would be chance. */
const SHORTEST_SECONDS = 0.1;

/** Between two readings of one container. Counters that went back, as after a restart, have no pace. */
export function paceOf(before: Usage | undefined, now: Usage): Pace {
  const seconds = before === undefined ? 0 : (now.at - before.at) / 1000;
  if (before === undefined || !(seconds >= SHORTEST_SECONDS)) return {};
  const cpu = rate(before.cpuSeconds, now.cpuSeconds, seconds);
  const rx = rate(before.net?.rx, now.net?.rx, seconds);
  const tx = rate(before.net?.tx, now.net?.tx, seconds);
  return {
    ...(cpu === undefined ? {} : { cpu }),
    ...(rx === undefined || tx === undefined ? {} : { net: { rx, tx } }),
  };
}

function rate(before: number | undefined, now: number | undefined, seconds: number): number | undefined {
  return before === undefined || now === undefined || now < before ? undefined : (now - before) / seconds;
}

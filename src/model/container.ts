// A container as intended (intent), as told (info), and as the engine shows it (observed).

import type { Protocol } from "./group.js";
import type { Instant } from "./instant.js";
import type { LabelSet } from "./labels.js";
import type { GroupRef } from "./reference.js";

export const CONTAINER_STATES = [
  "starting",
  "ready",
  "unhealthy",
  "draining",
  "stopped",
  "failed",
  "lost",
  "stale",
] as const;
export type ContainerState = (typeof CONTAINER_STATES)[number];

export const ORIGINS = ["managed", "registered", "docker", "foreign"] as const;
export type Origin = (typeof ORIGINS)[number];

/** What Theseus means to do with a container. Only ever moves to the right. */
export const PHASES = ["creating", "running", "draining", "stopping"] as const;
export type Phase = (typeof PHASES)[number];

/** Cores and bytes; absent: nothing. */
export type Reserves = { readonly cpu?: number; readonly mem?: number };

/** The key containers/{name}: written before the engine is asked for anything. */
export type Intent = {
  readonly name: string;
  readonly slot: number;
  readonly generation: number;
  readonly configRevision: number;
  readonly fingerprint: string;
  readonly host: string;
  /** Port name -> host port. */
  readonly hostPorts: Readonly<Record<string, number>>;
  readonly phase: Phase;
  /** What it holds of its host, as it was made; absent in records of earlier versions: as the group's config says. */
  readonly reserves?: Reserves;
  /** Why it is being stopped, for people; absent before. */
  readonly reason?: string;
};

export type PortMapping = { readonly external: number; readonly exposed: number; readonly protocol: Protocol };

/** The key containers/{name}/info. Only the first four fields are required; see contracts.md 2. */
export type ContainerInfo = {
  readonly instanceName: string;
  readonly instanceHost: string;
  readonly instancePort: number | null;
  readonly portMappings: Readonly<Record<string, PortMapping>>;
  /** Absent counts as ready. */
  readonly state?: ContainerState;
  readonly labels?: LabelSet;
  readonly host?: string;
  readonly slot?: number;
  readonly generation?: number;
  readonly configRevision?: number;
  /** Absent counts as foreign. */
  readonly origin?: Origin;
  readonly weight?: number;
  readonly since?: Instant;
  /** When the engine had started it, by the engine's clock, as it was told: another start is another life. */
  readonly startedAt?: Instant;
};

/** The engine has started it since it was told. Where no start is noted, `since` says so, by the clock of who wrote it. */
export function wasStartedSince(startedAt: Instant | undefined, told: ContainerInfo | undefined): boolean {
  if (startedAt === undefined || told === undefined) return false;
  if (told.startedAt !== undefined) return startedAt !== told.startedAt;
  return told.since !== undefined && startedAt > told.since;
}

/** The Docker labels of a managed container. */
export type Ownership = {
  readonly cluster: string;
  readonly group: GroupRef;
  readonly groupUid: string;
  readonly slot: number;
  readonly generation: number;
  readonly configRevision: number;
  readonly fingerprint: string;
};

export type EngineStatus = "created" | "running" | "restarting" | "paused" | "exited" | "dead" | "removing";

/** What the prober has found out by itself: nothing yet, enough passes, or enough fails. */
export type Verdict = "untried" | "passing" | "failing";

/** In words for people: "GET /healthz answered 404". */
export type ProbeFault = { readonly text: string; readonly times: number };

export type Checked = {
  /** Absent: they fail. */
  readonly passingSince?: Instant;
  /** How often they have turned from passing to failing since they had last passed for a minute. */
  readonly failures: number;
};

/** A container of this cluster as its engine shows it. */
export type ObservedContainer = {
  /** The engine's id: the only thing a destructive call may name. */
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly owner: Ownership;
  readonly status: EngineStatus;
  readonly startedAt?: Instant;
  readonly finishedAt?: Instant;
  readonly exitCode?: number;
  readonly outOfMemory: boolean;
  /** Restarts by the engine itself since it was created; in a plan only those of the last ten minutes. */
  readonly restartCount: number;
  readonly restartPolicy: "no" | "unless-stopped" | "other";
  /** Docker's HEALTHCHECK; "none" where there is no such check. */
  readonly health: "none" | "starting" | "healthy" | "unhealthy";
  /** Filled in by the scheduler from its own probes. */
  readonly verdict: Verdict;
  /** What the last of them saw, where it did not pass; how often in a row it saw just that. */
  readonly fault?: ProbeFault;
  /** How its checks, by whomever, went lately; filled in by the scheduler. */
  readonly checked?: Checked;
  /** What it may use: cores, and bytes of memory. Absent: there is no limit. */
  readonly limits?: { readonly cpu?: number; readonly mem?: number };
  /** Absent of one that was never started. */
  readonly made?: Made;
};

/** What a container says itself of how it was made. */
export type Made = {
  /** As it was created from: the pinned image. */
  readonly image: string;
  /** Port name -> host port. */
  readonly hostPorts: Readonly<Record<string, number>>;
  /** The config that it carries, as ConfigTexts writes it; absent: none. */
  readonly configText?: string;
};

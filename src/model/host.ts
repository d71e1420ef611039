// Hosts: one Docker Engine each. The record in the store, and the view that the planner decides on.

import type { Instant } from "./instant.js";
import type { LabelSet } from "./labels.js";

/** The key /theseus/hosts/{host}. */
export type HostRecord = {
  readonly name: string;
  /** The engine's own ID. An engine that answers with another one is silent, never empty. */
  readonly engineId: string;
  readonly engineVersion: string;
  /** What containers on this host are reached at. */
  readonly address: string;
  readonly labels: LabelSet;
  /** Cores and bytes. */
  readonly cpu: number;
  readonly mem: number;
  /** The port after the last one given out: host ports go round, so the least recently freed comes first. */
  readonly nextPort: number;
  /** Host port -> when it was freed; entries older than the quarantine are dropped. */
  readonly freedPorts: Readonly<Record<string, Instant>>;
  /** Present while the engine does not answer, or answers as another one. */
  readonly problem?: {
    readonly reason: "HOST_UNREACHABLE" | "ENGINE_CHANGED";
    readonly text: string;
    readonly since: Instant;
  };
  readonly lastSeen: Instant;
};

/** Host port -> who holds it, for people. */
export type HeldPorts = Pick<ReadonlyMap<number, string>, "size" | "has" | "get">;
export type HeldNames = Pick<ReadonlySet<string>, "has">;

/** What the planner may know of a host. Values only, made by the scheduler's observe step. */
export type HostView = {
  readonly name: string;
  readonly reachable: boolean;
  /** Why it is not reachable, for people. */
  readonly problem?: string;
  readonly address: string;
  readonly labels: LabelSet;
  readonly cpu: number;
  readonly mem: number;
  /** What the intents of *other* groups reserve here. */
  readonly reservedCpu: number;
  readonly reservedMem: number;
  /** By intents of other groups, and by everything the engine publishes that is not of this group. */
  readonly takenPorts: HeldPorts;
  /** Freed less than 60 s ago. */
  readonly quarantinedPorts: ReadonlySet<number>;
  readonly nextPort: number;
  /** Container names on the engine that are not of this group. */
  readonly takenNames: HeldNames;
};

export const HOST_PORT_FIRST = 20000;
export const HOST_PORT_LAST = 31999;
export const PORT_QUARANTINE_MS = 60_000;

// Which containers are served, and how: the rules of who may appear in discovery. Pure.

import type { ContainerEntry, GroupEntry } from "../model/catalog.js";
import type { ContainerState, Origin } from "../model/container.js";

/** How one container is served, for those who look for it. */
export type Serving = {
  readonly state: ContainerState;
  readonly origin: Origin;
  /** Takes new work. */
  readonly ready: boolean;
  /** Still answers, though it may be leaving. */
  readonly serving: boolean;
  readonly draining: boolean;
  /** No record here is ever served, whatever it says. */
  readonly barred: boolean;
  /** What is wrong with what is stored of it, for people; empty when nothing is. */
  readonly problem: string;
};

export function servingOf(entry: ContainerEntry, group: Pick<GroupEntry, "record">): Serving {
  const origin = originOf(entry);
  const state = stateOf(entry);
  const barred = isBarred(origin, group);
  const served = !barred && entry.info !== undefined && entry.intent?.phase !== "stopping";
  const ready = served && (state === "ready" || state === "stale");
  const draining = state === "draining";
  const problem = entry.problem ?? (barred ? BARRED : "");
  return { state, origin, ready, serving: served && (ready || draining), draining, barred, problem };
}

/** Managed is what has an intent, or what says so under the very name it was given. */
function originOf({ intent, info, ref }: ContainerEntry): Origin {
  if (intent !== undefined) return "managed";
  const claimed = info?.origin ?? "foreign";
  return claimed === "managed" && info?.instanceName !== ref.name ? "foreign" : claimed;
}

/** What is seen; until something is, what is meant. A record that says nothing is ready. */
function stateOf({ intent, info }: ContainerEntry): ContainerState {
  if (info !== undefined) return info.state ?? "ready";
  if (intent === undefined) return "stopped";
  switch (intent.phase) {
    case "creating":
    case "running":
      return "starting";
    case "draining":
    case "stopping":
      return "draining";
  }
}

const BARRED = "the group has a config and is not open, so a record put here by another hand is not served";

function isBarred(origin: Origin, { record }: Pick<GroupEntry, "record">): boolean {
  return origin !== "managed" && record !== undefined && record.config.open !== true;
}

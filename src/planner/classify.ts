// Puts intents and observed containers side by side: which belong together, and how each stands. Decides nothing.

import type { Intent, ObservedContainer } from "../model/container.js";
import { readiness } from "../model/defaults.js";
import { fingerprint } from "../model/fingerprint.js";
import { currentPin, isOutdated, wantedInstances } from "../model/group-status.js";
import type { HostView } from "../model/host.js";
import type { PlanInput } from "../model/plan.js";
import { compare } from "./compare.js";
import { liveState } from "./readiness.js";
import type { Member, Scene, Standing } from "./scene.js";

/** The same facts in any order give the same scene. */
export function classify(input: PlanInput): Scene {
  const record = input.desired?.record;
  const uid = input.desired?.uid ?? input.uid;
  const pin = currentPin(record);
  const present = record === undefined || pin === undefined ? undefined : fingerprint(record.config, pin);
  const hosts = [...input.hosts].sort((a, b) => compare(a.name, b.name));
  const pairs = pairUp(input, uid);
  return {
    input,
    uid,
    config: record?.config,
    pin,
    fingerprint: present,
    wanted: wantedInstances(record) ?? 0,
    removing: record?.removing !== undefined,
    hosts,
    members: pairs.members.map((pair) => memberOf(input, pair, { present, hosts })),
    strays: pairs.strays,
  };
}

type Pair = Pick<Member, "intent" | "container">;

function memberOf(
  input: PlanInput,
  { intent, container }: Pair,
  { present, hosts }: { readonly present: string | undefined; readonly hosts: readonly HostView[] },
): Member {
  const host = hosts.find((one) => one.name === intent.host && one.reachable);
  const info = input.infos.get(intent.name);
  const config = input.desired?.record.config;
  const how = standing(intent, container, host);
  const live =
    how !== "live" || container === undefined || config === undefined
      ? undefined
      : liveState(container, info, readiness(config, input.imageHasHealthcheck), input.now);
  const record = input.desired?.record;
  const outdated = present !== undefined && record !== undefined && isOutdated(intent, present, record);
  return { intent, container, info, host, standing: how, live, outdated };
}

function pairUp(
  input: PlanInput,
  uid: string | undefined,
): { members: readonly Pair[]; strays: readonly ObservedContainer[] } {
  const left = new Set([...input.observed].sort(byPlace));
  const byOwner = groupedByOwner(left);
  const members = [...input.intents].sort(byIntent).map((intent) => {
    const namesakes = byOwner.get(ownerKey(intent)) ?? [];
    const candidates = namesakes.filter((container) => left.has(container) && belongs(intent, container, uid));
    // A person may have renamed it, or copied its labels: the name decides only where two claim to be it.
    const container = candidates.find((one) => one.name === intent.name) ?? candidates[0];
    if (container !== undefined) left.delete(container);
    return { intent, container };
  });
  return { members, strays: [...left] };
}

function groupedByOwner(containers: Iterable<ObservedContainer>): ReadonlyMap<string, readonly ObservedContainer[]> {
  const groups = new Map<string, ObservedContainer[]>();
  for (const container of containers) {
    const key = ownerKey(container.owner);
    groups.set(key, [...(groups.get(key) ?? []), container]);
  }
  return groups;
}

function ownerKey({ slot, generation }: Pick<Intent, "slot" | "generation">): string {
  return `${slot}/${generation}`;
}

function belongs(intent: Intent, container: ObservedContainer, uid: string | undefined): boolean {
  const { owner } = container;
  return container.host === intent.host && (uid === undefined || owner.groupUid === uid);
}

function standing(intent: Intent, container: ObservedContainer | undefined, host: HostView | undefined): Standing {
  if (host === undefined) return "silent";
  if (container === undefined) return intent.phase === "creating" ? "unborn" : "gone";
  switch (container.status) {
    case "created":
      return "unborn";
    case "running":
    case "restarting":
    case "paused":
      return "live";
    case "exited":
    case "dead":
      return "ended";
    case "removing":
      return "vanishing";
  }
}

function byIntent(a: Intent, b: Intent): number {
  return a.slot - b.slot || a.generation - b.generation || compare(a.name, b.name);
}

function byPlace(a: ObservedContainer, b: ObservedContainer): number {
  return (
    a.owner.slot - b.owner.slot ||
    a.owner.generation - b.owner.generation ||
    compare(a.name, b.name) ||
    compare(a.id, b.id)
  );
}

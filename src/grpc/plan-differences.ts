// What differs between a plan as it was shown and the plan as it would be now. Pure.

import type { PlannedChange } from "./convert-group.js";
import type { HostLoad } from "./forecaster.js";
import {
  answering,
  type GroupMark,
  groupMark,
  type HostMark,
  hostMark,
  markOf,
  measured,
  type PlanFacts,
  type PlanToken,
} from "./plan-token.js";

export type Difference =
  /** The group was not there then, or not this one, or nobody had named it. */
  | { readonly kind: "group"; readonly plan: PlannedChange; readonly wasAbsent: boolean }
  | { readonly kind: "revision"; readonly plan: PlannedChange; readonly was: number }
  /** Something else is asked for than then. */
  | { readonly kind: "config"; readonly plan: PlannedChange }
  /** As a token has it. */
  | { readonly kind: "image"; readonly plan: PlannedChange; readonly was: string }
  | { readonly kind: "work"; readonly plan: PlannedChange }
  /** So many groups were named then, and are not now. */
  | { readonly kind: "others"; readonly count: number }
  | HostDifference;

export type HostDifference =
  | { readonly kind: "lost" | "new"; readonly host: HostLoad }
  | { readonly kind: "load"; readonly host: HostLoad; readonly was: HostMark }
  /** Hosts that nobody knows any more. */
  | { readonly kind: "gone"; readonly count: number };

/** Empty: the same would happen. Hosts are told of only where what would be done is not the same. */
export function differences(token: PlanToken, facts: PlanFacts): readonly Difference[] {
  const known = new Set<GroupMark>();
  const own = facts.plans.flatMap((plan) => {
    const then = token.groups.find(({ group }) => group === markOf(plan).group);
    if (then !== undefined) known.add(then);
    return then === undefined ? [absence(token, plan, known)] : changed(plan, then);
  });
  const others = token.groups.length - known.size;
  const all: readonly Difference[] = [...own, ...(others > 0 ? [{ kind: "others" as const, count: others }] : [])];
  return all.some(({ kind }) => kind === "work" || kind === "image")
    ? [...all, ...hostDifferences(token.hosts, facts.hosts)]
    : all;
}

function absence(token: PlanToken, plan: PlannedChange, known: Set<GroupMark>): Difference {
  const absent = token.groups.find(({ group }) => group === groupMark(plan.ref, undefined));
  if (absent !== undefined) known.add(absent);
  return { kind: "group", plan, wasAbsent: absent !== undefined };
}

/** A change by somebody else explains all that follows from it. */
function changed(plan: PlannedChange, then: GroupMark): readonly Difference[] {
  const now = markOf(plan);
  if (now.revision !== then.revision) return [{ kind: "revision", plan, was: then.revision }];
  if (now.config !== then.config) return [{ kind: "config", plan }];
  return [
    ...(now.image === then.image ? [] : [{ kind: "image" as const, plan, was: then.image }]),
    ...(now.work === then.work ? [] : [{ kind: "work" as const, plan }]),
  ];
}

function hostDifferences(then: readonly HostMark[], hosts: readonly HostLoad[]): readonly HostDifference[] {
  const found = hosts.flatMap((host): readonly HostDifference[] => {
    const mark = then.find((one) => one.host === hostMark(host.name));
    if (host.problem !== undefined) return mark === undefined ? [] : [{ kind: "lost", host }];
    if (mark === undefined) return answering(hosts).includes(host) ? [{ kind: "new", host }] : [];
    const { cpu, mem } = measured(host);
    return cpu === mark.cpu && mem === mark.mem ? [] : [{ kind: "load", host, was: mark }];
  });
  const names = new Set(hosts.map(({ name }) => hostMark(name)));
  const count = then.filter(({ host }) => !names.has(host)).length;
  return count === 0 ? found : [...found, { kind: "gone", count }];
}

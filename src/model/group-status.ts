// One word and three numbers for a whole group, from what is stored of it. The planner and every server that answers
// questions use this same sum.

import type { ContainerInfo, Intent } from "./container.js";
import { DEFAULTS } from "./defaults.js";
import { fingerprint } from "./fingerprint.js";
import type { ConfigRecord, GroupConfig, Pin } from "./group.js";
import type { GroupState, GroupStatus } from "./plan.js";
import type { Attention, SlotsRecord } from "./slots.js";

export type GroupFacts = {
  readonly record?: ConfigRecord | undefined;
  readonly containers: readonly { readonly intent?: Intent | undefined; readonly info?: ContainerInfo | undefined }[];
  /** All of it: presentAttention(). */
  readonly attention: readonly Attention[];
  /** Of the present config, where the caller has it already. */
  readonly fingerprint?: string | undefined;
};

/** Ready counts managed instances; in a group without a config everything that is served. Never throws. */
export function groupStatus(facts: GroupFacts): GroupStatus {
  const wanted = wantedInstances(facts.record);
  const intents = facts.containers.flatMap(({ intent }) => (intent === undefined ? [] : [intent]));
  const infos = facts.containers.flatMap(({ info }) => (info === undefined ? [] : [info]));
  const ready = infos.filter(wanted === undefined ? isServed : isReadyInstance).length;
  const outdated = outdatedIntents(facts, intents);
  return { state: groupState(facts, { wanted, ready, outdated, intents, infos }), wanted, ready, outdated };
}

/** How many containers there are to be; undefined without a config. */
export function wantedInstances(record: ConfigRecord | undefined): number | undefined {
  if (record === undefined) return undefined;
  return record.removing === undefined ? (record.config.instances ?? DEFAULTS.instances) : 0;
}

/** The pin, if it is of the image that is asked for now. */
export function currentPin(record: ConfigRecord | undefined): Pin | undefined {
  return record?.pin?.asked === record?.config.image ? record?.pin : undefined;
}

/** Made of something else than that, or before the restart that was asked for last. */
export function isOutdated(
  intent: Pick<Intent, "fingerprint" | "configRevision">,
  present: string | undefined,
  record: Pick<ConfigRecord, "restart">,
): boolean {
  return intent.fingerprint !== present || intent.configRevision < (record.restart ?? 0);
}

/** The pin that a new config starts with: the old one, as long as neither image nor pull policy are new. */
export function carriedPin(before: ConfigRecord | undefined, after: GroupConfig): Pin | undefined {
  if (before === undefined || before.config.image !== after.image) return undefined;
  return (before.config.pull ?? DEFAULTS.pull) === (after.pull ?? DEFAULTS.pull) ? currentPin(before) : undefined;
}

/** Everything that keeps the group from being as asked: the group's own, and that of each slot that is wanted. */
export function presentAttention(slots: SlotsRecord, wanted: number | undefined): readonly Attention[] {
  const perSlot = Object.entries(slots.slots)
    .filter(([slot]) => wanted !== undefined && Number(slot) <= wanted)
    .flatMap(([, record]) => (record.attention === undefined ? [] : [record.attention]));
  return [...slots.attention, ...perSlot];
}

function isReadyInstance(info: ContainerInfo): boolean {
  return info.origin === "managed" && (info.state ?? "ready") === "ready";
}

function isServed(info: ContainerInfo): boolean {
  const state = info.state ?? "ready";
  return state === "ready" || state === "stale";
}

/** Without a pin of the asked image nothing that runs can be of the present config. */
function outdatedIntents(facts: GroupFacts, intents: readonly Intent[]): number {
  if (facts.record === undefined) return 0;
  const pin = currentPin(facts.record);
  const present = facts.fingerprint ?? (pin === undefined ? undefined : fingerprint(facts.record.config, pin));
  const { record } = facts;
  return intents.filter((intent) => intent.phase === "running" && isOutdated(intent, present, record)).length;
}

type Counted = {
  readonly wanted: number | undefined;
  readonly ready: number;
  readonly outdated: number;
  readonly intents: readonly Intent[];
  readonly infos: readonly ContainerInfo[];
};

function groupState(facts: GroupFacts, counted: Counted): GroupState {
  const { wanted, ready, outdated, intents } = counted;
  if (facts.record?.removing !== undefined) return "removing";
  if (isSilent(facts.attention, intents)) return "unknown";
  const trouble = facts.attention.length > 0 || counted.infos.some(isTroubled);
  if (wanted === undefined) return trouble ? "degraded" : "steady";
  const leaving = intents.some((intent) => intent.phase === "draining" || intent.phase === "stopping");
  if (ready === wanted && outdated === 0 && !trouble && !leaving && intents.length === wanted) return "steady";
  if (trouble && ready === 0 && wanted > 0) return "failing";
  if (trouble && ready < wanted) return "degraded";
  if (outdated > 0 || leaving || intents.length > wanted) return "rolling";
  return trouble ? "degraded" : "starting";
}

function isTroubled(info: ContainerInfo): boolean {
  return info.state === "unhealthy" || info.state === "failed" || info.state === "lost";
}

/** No host that has a container of the group answers. */
function isSilent(attention: readonly Attention[], intents: readonly Intent[]): boolean {
  const silent = attention.filter(({ reason }) => reason === "HOST_UNREACHABLE");
  if (silent.length === 0) return false;
  if (silent.some(({ host }) => host === undefined)) return true;
  const hosts = new Set(silent.map(({ host }) => host));
  return intents.every((intent) => hosts.has(intent.host));
}

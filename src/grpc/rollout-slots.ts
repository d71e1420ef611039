// How far each slot of a rollout is, and what it waits for, by what is stored of its containers. Pure.

import type { ContainerEntry } from "../model/catalog.js";
import type { ContainerInfo, Intent } from "../model/container.js";
import type { ConfigRecord } from "../model/group.js";
import { isOutdated } from "../model/group-status.js";
import type { Instant } from "../model/instant.js";
import type { SlotsRecord } from "../model/slots.js";
import type { ToldRollout } from "./told-rollout.js";

export type SlotState = "waiting" | "starting" | "ready" | "done" | "failed";

export type ToldSlot = {
  readonly slot: number;
  readonly state: SlotState;
  /** Empty before it has a place. */
  readonly host: string;
  readonly since: Instant | undefined;
  /** What it waits for or why it failed; may be empty. */
  readonly text: string;
};

export type Made = {
  readonly record: ConfigRecord;
  /** Of the config; undefined while its image is not known. */
  readonly fingerprint: string | undefined;
  readonly containers: readonly ContainerEntry[];
};

export type SlotFacts = Made & { readonly slots: SlotsRecord; readonly now: Instant };

/** Of containers of that config, and of any other. */
export type Counted = { readonly fresh: number; readonly old: number };

/** Ready managed containers. */
export function countReady({ containers, ...made }: Made): Counted {
  return countMade({ ...made, containers: containers.filter(({ info }) => isReady(info)) });
}

/** Managed containers that there are, whatever their state. */
export function countMade({ record, fingerprint, containers }: Made): Counted {
  const intents = containers.flatMap(({ intent }) => intent ?? []);
  const old = intents.filter((intent) => isOutdated(intent, fingerprint, record)).length;
  return { fresh: intents.length - old, old };
}

/** One for each wanted slot, by slot. */
export function toldSlots(told: ToldRollout, facts: SlotFacts): ToldSlot[] {
  return Array.from({ length: told.wanted }, (_, i) => toldSlot(told, i + 1, facts));
}

type Member = { readonly intent: Intent; readonly info: ContainerInfo | undefined };

function toldSlot(told: ToldRollout, slot: number, facts: SlotFacts): ToldSlot {
  const members = facts.containers
    .flatMap(({ intent, info }): Member[] => (intent?.slot === slot ? [{ intent, info }] : []))
    .sort((a, b) => a.intent.generation - b.intent.generation);
  const current = members.findLast(
    ({ intent }) => !isLeaving(intent) && !isOutdated(intent, facts.fingerprint, facts.record),
  );
  const others = members.filter((member) => member !== current);
  if (current === undefined) return { slot, ...withoutCurrent(told, slot, { ...facts, others }) };
  const { host } = current.intent;
  return {
    slot,
    host,
    ...(isReady(current.info) ? ready(told, current, { ...facts, others }) : unready(told, current, facts)),
  };
}

type Others = { readonly others: readonly Member[] };
type Told = Omit<ToldSlot, "slot">;

function withoutCurrent(told: ToldRollout, slot: number, { slots, others }: SlotFacts & Others): Told {
  const own = slots.slots[slot]?.attention;
  if (own !== undefined && hasFailed(told, slot, slots)) {
    return { state: "failed", host: own.host ?? "", since: own.since, text: own.text };
  }
  const notice =
    slots.attention.find((one) => one.slot === slot) ?? slots.attention.find((one) => one.slot === undefined);
  return { state: "waiting", host: "", since: notice?.since, text: (notice ?? own)?.text ?? whatServes(others) };
}

function whatServes(others: readonly Member[]): string {
  if (others.some(({ info }) => isReady(info))) return "the old one serves";
  return others.length > 0 ? "the old one is there still, and not ready" : "";
}

/** Stable and alone, or on its way there. */
function ready(told: ToldRollout, { info }: Member, { others, now }: SlotFacts & Others): Omit<Told, "host"> {
  const { stored } = told;
  const since = info?.since;
  if (others.length > 0 && others.some(({ intent }) => isLeaving(intent))) {
    return { state: "ready", since, text: "the old one goes" };
  }
  const healthyTime = stored?.replaces === true ? stored.policy.minHealthyTime : 0;
  const left = (since ?? 0) + healthyTime - now;
  if (left > 0) return { state: "ready", since, text: `it has to stay ready for ${Math.ceil(left / 1000)} s more` };
  if (others.length > 0) return { state: "ready", since, text: "the old one goes next" };
  return { state: "done", since, text: "" };
}

function unready(told: ToldRollout, { intent, info }: Member, { slots }: SlotFacts): Omit<Told, "host"> {
  const { slot } = intent;
  const begun = info?.since ?? told.stored?.slots[slot]?.begun;
  switch (info?.state) {
    case "stopped":
      return { state: "done", since: begun, text: "it has ended, as it may" };
    case "failed":
    case "lost":
    case "stale":
      return { state: "failed", since: begun, text: slots.slots[slot]?.attention?.text ?? `it is ${info.state}` };
    case "unhealthy":
      return { state: "starting", since: begun, text: "its checks fail" };
    case undefined:
    case "starting":
    case "ready":
    case "draining":
      return { state: "starting", since: begun, text: whatItDoes(told, intent, slots) };
  }
}

function whatItDoes(told: ToldRollout, { slot, phase }: Intent, slots: SlotsRecord): string {
  const before = slots.slots[slot]?.attention;
  const doing = phase === "creating" ? "it is being created" : "its checks have not passed yet";
  return before !== undefined && hasFailed(told, slot, slots) ? `${doing}; before: ${before.text}` : doing;
}

/** Since this rollout came to the slot. */
function hasFailed({ stored }: ToldRollout, slot: number, slots: SlotsRecord): boolean {
  const progress = stored?.slots[slot];
  return progress !== undefined && (slots.slots[slot]?.failures ?? 0) > progress.failuresBefore;
}

/** As the status of a group counts them. */
function isReady(info: ContainerInfo | undefined): boolean {
  return info?.origin === "managed" && (info.state ?? "ready") === "ready";
}

function isLeaving({ phase }: Intent): boolean {
  return phase === "draining" || phase === "stopping";
}

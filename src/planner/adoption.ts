// What taking up containers again would come to after the store was restored: which of them, as what group, by which
// config. Decides nothing; a person's word does.

import type { Intent, ObservedContainer } from "../model/container.js";
import { containerName } from "../model/container-name.js";
import { DEFAULTS } from "../model/defaults.js";
import type { Change, ConfigRecord, GroupConfig } from "../model/group.js";
import { currentPin } from "../model/group-status.js";
import type { GroupRef } from "../model/reference.js";
import { type Basis, basisOf, isMadeFrom } from "./basis.js";
import { compare, isSame } from "./compare.js";
import { reservesOf } from "./room.js";
import type { Member, Scene } from "./scene.js";

export type Prospect = {
  readonly ref: GroupRef;
  readonly uid: string;
  /** The group's config afterwards; undefined when nothing can be adopted. */
  readonly record: ConfigRecord | undefined;
  /** Whether that is a new revision. */
  readonly isNew: boolean;
  readonly taken: readonly ObservedContainer[];
  /** Container id -> why not. */
  readonly refused: ReadonlyMap<string, string>;
  /** Intents without a container that stand where an adopted one belongs: released first. */
  readonly inTheWay: readonly Member[];
};

/** The same for the same facts in any order. @param candidates started containers of this group's name without an intent. */
export function prospectOf(scene: Scene, candidates: readonly ObservedContainer[], change: Change): Prospect {
  const uid = uidOf(scene, candidates);
  const own = candidates.filter(({ owner }) => owner.groupUid === uid);
  const present = uid === scene.uid ? scene.input.desired?.record : undefined;
  const refused = new Map([
    ...otherGroups(candidates, uid),
    ...replacedGroup(scene, uid, own),
    ...slotsTaken(scene, uid, own),
  ]);
  const basis = basisOf(
    scene,
    present,
    own.filter(({ id }) => !refused.has(id)),
  );
  for (const stray of own) {
    if (refused.has(stray.id) || (basis !== undefined && isMadeFrom(scene, stray, [basis, present]))) continue;
    refused.set(stray.id, "it does not carry the config that it was made from");
  }
  const taken = own.filter(({ id }) => !refused.has(id)).sort(bySlot);
  const next =
    basis === undefined || taken.length === 0 ? undefined : recordFor(scene, { uid, present, basis, taken }, change);
  return {
    ref: scene.input.desired?.ref ?? candidates[0]?.owner.group ?? { namespace: "", service: "", labels: [] },
    uid,
    record: next ?? present,
    isNew: next !== undefined,
    taken,
    refused,
    inTheWay: taken.length === 0 ? [] : inTheWay(scene, uid, taken),
  };
}

/** The intent of an adopted container, from what it says itself. */
export function intentOf(scene: Scene, { ref, uid }: Pick<Prospect, "ref" | "uid">, stray: ObservedContainer): Intent {
  const { slot, generation, configRevision, fingerprint } = stray.owner;
  const name = containerName({ clusterId: scene.input.clusterId, group: ref, groupUid: uid }, slot, generation);
  const { hostPorts = {}, config } = scene.input.recovery?.makings.get(stray.id) ?? {};
  return {
    ...{ name, slot, generation, configRevision, fingerprint, host: stray.host, hostPorts, phase: "running" },
    ...(config === undefined ? {} : { reserves: reservesOf(config) }),
  };
}

/** The group's own; else that of the container that was started last. */
function uidOf(scene: Scene, candidates: readonly ObservedContainer[]): string {
  if (candidates.some(({ owner }) => owner.groupUid === scene.uid)) return scene.uid ?? "";
  const [newest] = [...candidates].sort((a, b) => (b.startedAt ?? 0) - (a.startedAt ?? 0) || compare(a.id, b.id));
  return newest?.owner.groupUid ?? scene.uid ?? "";
}

type Refusal = readonly [id: string, why: string];

function otherGroups(candidates: readonly ObservedContainer[], uid: string): readonly Refusal[] {
  const others = candidates.filter(({ owner }) => owner.groupUid !== uid);
  return others.map(({ id }) => [id, "another group of the same name takes its place"]);
}

/** A group of another uid makes room only when nothing is left of it. */
function replacedGroup(scene: Scene, uid: string, own: readonly ObservedContainer[]): readonly Refusal[] {
  if (scene.uid === undefined || scene.uid === uid) return [];
  const left = [
    ...scene.members.filter((member) => !isNowhere(member)).map(({ intent }) => intent.name),
    ...scene.strays.filter(({ owner }) => owner.groupUid === scene.uid).map(({ name }) => name),
  ];
  const why = `the store has another group of this name, with ${left.join(", ")}`;
  return left.length === 0 ? [] : own.map(({ id }) => [id, why]);
}

/** Of two in one slot the other would have to be stopped. */
function slotsTaken(scene: Scene, uid: string, own: readonly ObservedContainer[]): readonly Refusal[] {
  const members = uid === scene.uid ? scene.members : [];
  return own.flatMap((stray): Refusal[] => {
    const { slot } = stray.owner;
    const running = members.find((member) => member.intent.slot === slot && mayRun(member))?.intent.name;
    const newer = own.find((other) => other.owner.slot === slot && isNewerThan(other, stray))?.name;
    const holder = running ?? newer;
    return holder === undefined ? [] : [[stray.id, `slot ${slot} has another container, ${holder}: remove this one`]];
  });
}

function isNewerThan(a: ObservedContainer, b: ObservedContainer): boolean {
  return (a.owner.generation - b.owner.generation || compare(a.id, b.id)) > 0;
}

const isNowhere = ({ standing, container }: Member): boolean =>
  container === undefined && (standing === "gone" || standing === "unborn");

const mayRun = ({ standing }: Member): boolean =>
  standing === "live" || standing === "silent" || standing === "vanishing";

function inTheWay(scene: Scene, uid: string, taken: readonly ObservedContainer[]): readonly Member[] {
  const slots = new Set(taken.map(({ owner }) => owner.slot));
  const nowhere = scene.members.filter(isNowhere);
  return uid === scene.uid ? nowhere.filter(({ intent }) => slots.has(intent.slot)) : nowhere;
}

type Choice = {
  readonly uid: string;
  readonly present: ConfigRecord | undefined;
  readonly basis: Basis;
  readonly taken: readonly ObservedContainer[];
};

/** Undefined when the present config is what they were made from, and no container is of a newer one. */
function recordFor(scene: Scene, { uid, present, basis, taken }: Choice, change: Change): ConfigRecord | undefined {
  const { pin } = basis;
  const config = covering(basis.config, [...taken.map(({ owner }) => owner.slot), ...runningSlots(scene, uid)]);
  const seen = scene.strays.filter(({ owner }) => owner.groupUid === uid).map(({ owner }) => owner.configRevision);
  const newest = Math.max(present?.configRevision ?? 0, ...seen);
  if (present !== undefined && newest === present.configRevision && isSame(config, present.config)) {
    if (isSame(currentPin(present), pin)) return undefined;
  }
  const removing = present?.removing === undefined ? {} : { removing: present.removing };
  return { config, configRevision: newest + 1, change: recovered(change), pin, ...removing };
}

function runningSlots(scene: Scene, uid: string): readonly number[] {
  return uid === scene.uid ? scene.members.filter(mayRun).map(({ intent }) => intent.slot) : [];
}

/** No slot that runs is above the instances asked for. */
function covering(config: GroupConfig, slots: readonly number[]): GroupConfig {
  const highest = Math.max(0, ...slots);
  return (config.instances ?? DEFAULTS.instances) >= highest ? config : { ...config, instances: highest };
}

function recovered(change: Change): Change {
  return { ...change, message: change.message === "" ? "recovered" : `recovered: ${change.message}` };
}

function bySlot(a: ObservedContainer, b: ObservedContainer): number {
  return a.owner.slot - b.owner.slot || compare(a.id, b.id);
}

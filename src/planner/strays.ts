// Containers of this cluster without an intent. The engines are listed before the store is read, so an intent that is
// not there was never written, or was deleted, or is lost with a restored store.

import type { ObservedContainer } from "../model/container.js";
import { containerName } from "../model/container-name.js";
import { DEFAULTS } from "../model/defaults.js";
import { MINUTE } from "../model/instant.js";
import { noticedSince } from "./attention.js";
import { departStep } from "./departure.js";
import { hasSlotVolume } from "./place.js";
import { fixedPort } from "./ports.js";
import type { Member, Scene } from "./scene.js";
import { doing, NOTHING, type Notice, noticing, type Step, together, waitingUntil } from "./step.js";

/** How long started containers are kept after damage was seen, so that a person can undo it. */
export const KEPT_AFTER_DAMAGE = 10 * MINUTE;

/** Newer than the store has ever given out: only a restored store explains it, and nothing of the group may be removed. */
export function isRestored(scene: Scene): boolean {
  return scene.strays.some((stray) => isTooNew(scene, stray));
}

export function straySteps(scene: Scene): Step {
  const steps = scene.strays.filter(({ status }) => status !== "removing").map((stray) => strayStep(scene, stray));
  return together(...steps);
}

/** Slots that a started stray keeps because two at once would share what only one may have. */
export function slotsHeldByStrays(scene: Scene): readonly number[] {
  const { config } = scene;
  if (config === undefined) return [];
  const atMostOnce = config.lost?.atMostOnce ?? DEFAULTS.lost.atMostOnce;
  const fixed = (config.ports ?? []).some((port) => fixedPort(config, port) !== undefined);
  if (!atMostOnce && !fixed && !hasSlotVolume(config)) return [];
  return scene.strays.filter((stray) => isOfGroup(scene, stray) && wasStarted(stray)).map(({ owner }) => owner.slot);
}

/** Endpoints of ours that have neither intent nor container: what is told of them is wrong. */
export function leftoverSteps(scene: Scene): Step {
  const { intents, infos, observed, desired } = scene.input;
  if (desired === undefined) return NOTHING;
  const known = new Set([...intents.map(({ name }) => name), ...observed.map(({ name }) => name)]);
  const steps = [...infos].flatMap(([name, info]) => {
    const { slot, generation, host, origin } = info;
    if (known.has(name) || origin !== "managed" || slot === undefined || generation === undefined) return [];
    const isOurs = name === nameOf(scene, slot, generation);
    if (!isOurs || !scene.hosts.some((one) => one.name === host && one.reachable) || host === undefined) return [];
    const configRevision = info.configRevision ?? desired.record.configRevision;
    const intent = {
      name,
      slot,
      generation,
      configRevision,
      fingerprint: "",
      host,
      hostPorts: {},
      phase: "stopping",
    } as const;
    return [doing({ kind: "release", intent, reason: `${name} is told and does not exist` })];
  });
  return together(...steps);
}

function strayStep(scene: Scene, stray: ObservedContainer): Step {
  const { name, host, owner, id: containerId } = stray;
  if (isTooNew(scene, stray)) {
    return damage(
      stray,
      `${name} is newer than the store knows (generation ${owner.generation}): the store was restored`,
    );
  }
  if (!wasStarted(stray)) {
    const reason = `${name} was never started and has no record in the store`;
    return doing({ kind: "removeStray", containerId, host, reason });
  }
  if (!isOfGroup(scene, stray)) {
    return damage(stray, `${name} belongs to a group that the store does not know: it is left alone`);
  }
  return damagedStep(scene, stray);
}

/** Kept for a while, then stopped like any other; at once when the whole group is to go. */
function damagedStep(scene: Scene, stray: ObservedContainer): Step {
  const { now } = scene.input;
  const notice = damageNotice(
    stray,
    `${stray.name} lost its record in the store to another hand: it is kept for 10 minutes, then stopped`,
  );
  const until = (noticedSince(scene, notice) ?? now) + KEPT_AFTER_DAMAGE;
  if (!scene.removing && until > now) return together(noticing(notice), waitingUntil(until));
  const going = isSecondOfItsKind(scene, stray) ? NOTHING : departStep(scene, adopted(scene, stray), notice.text);
  return together(noticing(notice), going);
}

function damage(stray: ObservedContainer, text: string): Step {
  return noticing(damageNotice(stray, text));
}

function damageNotice({ owner, host }: ObservedContainer, text: string): Notice {
  return { reason: "STORE_DAMAGED", slot: owner.slot, host, text };
}

/** Its intent written again from its labels, so that it can go the way of all others. */
function adopted(scene: Scene, stray: ObservedContainer): Member {
  const { owner, host } = stray;
  const { slot, generation, configRevision, fingerprint } = owner;
  const name = nameOf(scene, slot, generation) ?? stray.name;
  return {
    intent: { name, slot, generation, configRevision, fingerprint, host, hostPorts: {}, phase: "running" },
    container: stray,
    info: scene.input.infos.get(name),
    host: scene.hosts.find((one) => one.name === host && one.reachable),
    standing: stray.status === "exited" || stray.status === "dead" || stray.status === "created" ? "ended" : "live",
    live: undefined,
    outdated: false,
  };
}

/** Labels copied by hand: only one of them can have the intent's name. */
function isSecondOfItsKind(scene: Scene, stray: ObservedContainer): boolean {
  const { slot, generation } = stray.owner;
  const first = scene.strays.find(({ owner }) => owner.slot === slot && owner.generation === generation);
  return (
    first !== stray || scene.members.some(({ intent }) => intent.slot === slot && intent.generation === generation)
  );
}

function nameOf(scene: Scene, slot: number, generation: number): string | undefined {
  const { desired, clusterId, observed } = scene.input;
  const group = desired?.ref ?? observed[0]?.owner.group;
  if (group === undefined || scene.uid === undefined) return undefined;
  return containerName({ clusterId, group, groupUid: scene.uid }, slot, generation);
}

function isOfGroup(scene: Scene, stray: ObservedContainer): boolean {
  return scene.uid !== undefined && stray.owner.groupUid === scene.uid;
}

function isTooNew(scene: Scene, stray: ObservedContainer): boolean {
  const last = scene.input.slots.slots[stray.owner.slot]?.generation ?? 0;
  return isOfGroup(scene, stray) && stray.owner.generation > last;
}

function wasStarted({ status, startedAt }: ObservedContainer): boolean {
  return status !== "created" || startedAt !== undefined;
}

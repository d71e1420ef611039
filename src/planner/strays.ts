// Containers of this cluster without an intent. The engines are listed before the store is read, so an intent that is
// not there was never written, or was deleted, or is lost with a restored store.

import type { ObservedContainer } from "../model/container.js";
import { containerName } from "../model/container-name.js";
import { DEFAULTS } from "../model/defaults.js";
import type { GroupConfig } from "../model/group.js";
import { MINUTE } from "../model/instant.js";
import { noticedSince } from "./attention.js";
import { departStep } from "./departure.js";
import { hasSlotVolume } from "./place.js";
import { fixedPort } from "./ports.js";
import { isFormer, isNamed, isOfGroup, isToGo, isTooNew, wasStarted, whyItGoes } from "./provenance.js";
import type { Member, Scene } from "./scene.js";
import { doing, NOTHING, type Notice, noticing, type Step, together, waitingUntil } from "./step.js";

/** How long started containers are kept after damage was seen, so that a person can undo it. */
export const KEPT_AFTER_DAMAGE = 10 * MINUTE;

export function straySteps(scene: Scene): Step {
  return together(...present(scene).map((stray) => strayStep(scene, stray)));
}

/** Those that the engine is removing are as good as gone. */
export function present(scene: Scene): readonly ObservedContainer[] {
  return scene.strays.filter(({ status }) => status !== "removing");
}

/**
 * Slots that are not empty although nothing in the store says so: their stray is about to go by an intent of its own, or
 * two at once would share what only one may have.
 */
export function slotsHeldByStrays(scene: Scene): readonly number[] {
  const { config } = scene;
  if (config === undefined) return [];
  const own = scene.strays.filter((stray) => isOfGroup(scene, stray) && wasStarted(stray));
  const held = isForOneAlone(config) ? own : own.filter((stray) => isToGo(scene, stray));
  return held.map(({ owner }) => owner.slot);
}

function isForOneAlone(config: GroupConfig): boolean {
  const fixed = (config.ports ?? []).some((port) => fixedPort(config, port) !== undefined);
  return fixed || hasSlotVolume(config) || (config.lost?.atMostOnce ?? DEFAULTS.lost.atMostOnce);
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

/** What is to be done about one, whatever the others prove. */
export function strayStep(scene: Scene, stray: ObservedContainer): Step {
  const { name, host, owner, id: containerId } = stray;
  if (isTooNew(scene, stray)) {
    const text = `${name} is newer than the store knows (generation ${owner.generation}): the store was restored`;
    return noticing(damageNotice(stray, `${text}; see theseus recover`));
  }
  if (isNamed(scene, stray) && isOfGroup(scene, stray) && !isToGo(scene, stray)) {
    const text = `${name} waits for a word: the store was restored`;
    return noticing(damageNotice(stray, `${text}; see theseus recover`));
  }
  if (!wasStarted(stray)) {
    const reason = `${name} was never started and has no record in the store`;
    return doing({ kind: "removeStray", containerId, host, reason });
  }
  if (isOfGroup(scene, stray)) return damagedStep(scene, stray);
  return isFormer(scene, stray) ? leftOverStep(scene, stray) : unknownStep(scene, stray);
}

function unknownStep(scene: Scene, stray: ObservedContainer): Step {
  const text = `${stray.name} belongs to a group that the store does not know: it was restored`;
  const notice = noticing(damageNotice(stray, `${text}; see theseus recover`));
  return isToGo(scene, stray) ? together(notice, endStep(scene, stray, whyItGoes(scene, stray))) : notice;
}

/** Of a group that was removed, or whose keys another hand deleted. */
function leftOverStep(scene: Scene, stray: ObservedContainer): Step {
  const { input } = scene;
  const notice = damageNotice(
    stray,
    `${stray.name} is left over from a group that is gone: it is kept for 10 minutes, then stopped`,
  );
  const until = (noticedSince(scene, notice) ?? input.damagedSince ?? input.now) + KEPT_AFTER_DAMAGE;
  if (!isToGo(scene, stray) && until > input.now) return together(noticing(notice), waitingUntil(until));
  return together(noticing(notice), endStep(scene, stray, notice.text));
}

/** Without a key of its group there is no place for an intent, and nobody is told of it: only the engine is asked. */
function endStep(scene: Scene, stray: ObservedContainer, reason: string): Step {
  const { id: containerId, host, status } = stray;
  if (status === "exited" || status === "dead" || status === "created") {
    return doing({ kind: "removeStray", containerId, host, reason });
  }
  const policy = scene.input.recovery?.makings.get(containerId)?.config?.stop;
  return doing({ kind: "stopStray", containerId, host, grace: policy?.grace ?? DEFAULTS.stop.grace, reason });
}

/** Kept for a while, then stopped like any other; at once when the whole group is to go. */
function damagedStep(scene: Scene, stray: ObservedContainer): Step {
  const { now } = scene.input;
  const notice = damageNotice(
    stray,
    `${stray.name} lost its record in the store to another hand: it is kept for 10 minutes, then stopped`,
  );
  const until = (noticedSince(scene, notice) ?? now) + KEPT_AFTER_DAMAGE;
  const waits = !scene.removing && !isToGo(scene, stray) && until > now;
  if (waits) return together(noticing(notice), waitingUntil(until));
  const reason = isToGo(scene, stray) ? whyItGoes(scene, stray) : notice.text;
  const going = isSecondOfItsKind(scene, stray) ? NOTHING : departStep(scene, adopted(scene, stray), reason);
  return together(noticing(notice), going);
}

function damageNotice({ owner, host }: ObservedContainer, text: string): Notice {
  return { reason: "STORE_DAMAGED", slot: owner.slot, host, text };
}

/** Its intent written again from its labels, so that it can go the way of all others. */
function adopted(scene: Scene, stray: ObservedContainer): Member {
  const { owner, host } = stray;
  const { slot, generation, configRevision, fingerprint } = owner;
  const name = nameOf(scene, slot, generation) ?? stray.name;
  const hostPorts = scene.input.recovery?.makings.get(stray.id)?.hostPorts ?? {};
  return {
    intent: { name, slot, generation, configRevision, fingerprint, host, hostPorts, phase: "running" },
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

// Whose a container without an intent is, and what was said of it: the facts that strays are judged by.

import type { ObservedContainer } from "../model/container.js";
import type { GivenWord } from "../model/recovery.js";
import type { Scene } from "./scene.js";

/** Newer than the store has ever given out, or of a group that it never had: only a restored store explains it. */
export function isProof(scene: Scene, stray: ObservedContainer): boolean {
  if (isTooNew(scene, stray)) return true;
  return (isUnknown(scene, stray) || isNamed(scene, stray)) && !isToGo(scene, stray);
}

/** The store names it as waiting for a word: it does also when another one of its slot uses its generation up. */
export function isNamed(scene: Scene, { id }: ObservedContainer): boolean {
  return scene.input.recovery?.named.has(id) ?? false;
}

/** Whether using its generation up would take the proof from another one of its slot that the store does not name yet. */
export function hidesAnother(scene: Scene, { owner, id }: ObservedContainer): boolean {
  return scene.strays.some(
    (other) =>
      other.id !== id &&
      other.owner.slot === owner.slot &&
      other.owner.groupUid === owner.groupUid &&
      isProof(scene, other) &&
      !isToGo(scene, other) &&
      !isNamed(scene, other),
  );
}

export function isTooNew(scene: Scene, stray: ObservedContainer): boolean {
  return isOfGroup(scene, stray) && stray.owner.generation > lastGeneration(scene, stray.owner.slot);
}

/** Started, and of a uid that neither the group nor the history has. */
export function isUnknown(scene: Scene, stray: ObservedContainer): boolean {
  return wasStarted(stray) && !isOfGroup(scene, stray) && !isFormer(scene, stray);
}

/** Left over from a group that was there before. */
export function isFormer(scene: Scene, { owner }: ObservedContainer): boolean {
  return scene.input.recovery?.formerUids.has(owner.groupUid) ?? false;
}

export function isOfGroup(scene: Scene, stray: ObservedContainer): boolean {
  return scene.uid !== undefined && stray.owner.groupUid === scene.uid;
}

export function wasStarted({ status, startedAt }: ObservedContainer): boolean {
  return status !== "created" || startedAt !== undefined;
}

function lastGeneration(scene: Scene, slot: number): number {
  return scene.input.slots.slots[slot]?.generation ?? 0;
}

function wordOn(scene: Scene, id: string): GivenWord | undefined {
  return scene.input.recovery?.words.get(id);
}

/** A person said so; one that was never started goes by either word. */
export function isToGo(scene: Scene, stray: ObservedContainer): boolean {
  const word = wordOn(scene, stray.id)?.word;
  return word === "remove" || (word === "adopt" && !wasStarted(stray));
}

/** Started, and a person said that it is to stay. */
export function isToStay(scene: Scene, stray: ObservedContainer): boolean {
  return wordOn(scene, stray.id)?.word === "adopt" && wasStarted(stray);
}

export function whyItGoes(scene: Scene, { id }: ObservedContainer): string {
  const { actor = "", message = "" } = wordOn(scene, id)?.change ?? {};
  const why = message === "" ? "" : `: ${message}`;
  return `${actor === "" ? "somebody" : actor} asked for its removal after the store was restored${why}`;
}

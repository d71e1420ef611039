// Taking containers up again by a person's word, and what either word would do, for the person to read before.

import type { ObservedContainer } from "../model/container.js";
import type { Change } from "../model/group.js";
import type { PlanInput } from "../model/plan.js";
import type { StrayItem } from "../model/recovery.js";
import { formatGroup, formatSlot } from "../model/reference.js";
import { intentOf, type Prospect, prospectOf } from "./adoption.js";
import { isMadeBy } from "./basis.js";
import { classify } from "./classify.js";
import { compare } from "./compare.js";
import { departStep } from "./departure.js";
import { hidesAnother, isProof, isToGo, isTooNew, isToStay, wasStarted } from "./provenance.js";
import { infoFor } from "./publish.js";
import { isLeaving, type Scene } from "./scene.js";
import { doing, NOTHING, type Step, together } from "./step.js";

/** Intents and infos of one transaction. */
const MOST_AT_ONCE = 40;

/** Intents that stand in the way are released first; then the containers of one host after the other. */
export function adoptStep(scene: Scene): Step {
  const candidates = scene.strays.filter(
    (stray) => isProof(scene, stray) && isToStay(scene, stray) && !hidesAnother(scene, stray),
  );
  const change = candidates
    .map(({ id }) => scene.input.recovery?.words.get(id)?.change)
    .find((one) => one !== undefined);
  if (change === undefined) return NOTHING;
  const prospect = prospectOf(scene, candidates, change);
  if (prospect.inTheWay.length > 0) {
    const why = "its container is gone, and another one of its slot is taken up again";
    return together(...prospect.inTheWay.map((member) => departStep(scene, member, why)));
  }
  const { record, taken, uid, isNew } = prospect;
  const host = taken.map((stray) => stray.host).sort(compare)[0];
  if (record === undefined || host === undefined) return NOTHING;
  const portion = taken.filter((stray) => stray.host === host).slice(0, MOST_AT_ONCE);
  return doing({
    kind: "adopt",
    host,
    ...writtenFor(scene, prospect, portion),
    ...(uid === scene.uid ? {} : { uid }),
    ...(isNew ? { record } : {}),
    reason: `${change.actor === "" ? "somebody" : change.actor} said that they are to stay`,
  });
}

/** As the group is afterwards, so that what is told of them is what its next pass would tell. */
function writtenFor(scene: Scene, prospect: Prospect, portion: readonly ObservedContainer[]) {
  const { ref, uid, record } = prospect;
  const intents = portion.map((stray) => intentOf(scene, prospect, stray));
  const { input } = scene;
  const after: PlanInput = {
    ...input,
    uid,
    desired: record === undefined ? undefined : { ref, uid, record },
    intents: [...(uid === scene.uid ? input.intents : []), ...intents],
  };
  const then = classify(after);
  const names = new Set(intents.map(({ name }) => name));
  const infos = then.members
    .filter(({ intent }) => names.has(intent.name))
    .flatMap((member) => {
      const info = infoFor(then, member, member.live?.state ?? "starting");
      return info === undefined ? [] : [[member.intent.name, info] as const];
    });
  return { intents, infos };
}

const NOBODY: Change = { actor: "", command: "", message: "", time: 0 };

/** Every container that waits for a word, or of which one is being carried out; in a fixed order. */
export function restoredItems(scene: Scene): readonly StrayItem[] {
  const waiting = scene.strays.filter((stray) => isProof(scene, stray) || isToGo(scene, stray));
  const leaving = scene.members.flatMap(({ intent, container }) =>
    container !== undefined && isLeaving(intent) && isToGo(scene, container) ? [container] : [],
  );
  if (waiting.length + leaving.length === 0) return [];
  const prospect = prospectOf(scene, waiting.filter(wasStarted), NOBODY);
  return [...waiting, ...leaving].map((stray) => itemOf(scene, prospect, stray));
}

function itemOf(scene: Scene, prospect: Prospect, stray: ObservedContainer): StrayItem {
  const { id, name, host, owner } = stray;
  const { group, groupUid, slot, generation } = owner;
  const mayStay = prospect.taken.includes(stray) || !wasStarted(stray);
  return {
    kind: "container",
    ...{ id, name, host, group, groupUid, slot, generation },
    reason:
      isTooNew(scene, stray) || groupUid === scene.uid ? newer(scene, stray) : "the store does not know its group",
    ifAdopted: ifAdopted(scene, prospect, stray),
    ifRemoved: ifRemoved(scene, stray),
    takes: mayStay ? ["adopt", "remove"] : ["remove"],
  };
}

function newer(scene: Scene, { owner }: ObservedContainer): string {
  const { slot, generation } = owner;
  const last = scene.input.slots.slots[slot]?.generation ?? 0;
  if (last >= generation) return `slot ${slot} had generation ${generation} before the store was restored`;
  return last === 0
    ? `the store knows no container of slot ${slot}`
    : `generation ${generation} of slot ${slot}; the store knows ${last}`;
}

function ifAdopted(scene: Scene, prospect: Prospect, stray: ObservedContainer): string {
  if (!wasStarted(stray)) return "goes: it was never started";
  const why = prospect.refused.get(stray.id);
  if (why !== undefined) return `cannot be adopted: ${why}`;
  const { record, isNew, ref, uid } = prospect;
  if (record === undefined) return "stays";
  const stays = `stays as ${formatSlot(ref, stray.owner.slot)}`;
  const group = uid === scene.uid ? "" : `, ${formatGroup(ref)} is written anew`;
  const rev = isNew ? `, its config becomes rev ${record.configRevision}` : ` at rev ${record.configRevision}`;
  if (record.removing !== undefined) return `${stays}${rev}; the group is being removed, and it goes with it`;
  if (!isMadeBy(record, stray)) return `${stays} until rev ${record.configRevision} replaces it, as an update does`;
  return `${stays}${group}${rev}`;
}

function ifRemoved(scene: Scene, stray: ObservedContainer): string {
  const gone = wasStarted(stray) ? "stopped and removed" : "removed: it was never started";
  const record = scene.input.desired?.record;
  if (record === undefined || stray.owner.groupUid !== scene.uid) return gone;
  const slot = stray.owner.slot;
  const other = scene.members.find(({ intent }) => intent.slot === slot && !isLeaving(intent));
  if (other !== undefined) return `${gone}; ${other.intent.name} stays in slot ${slot}`;
  if (record.removing !== undefined || slot > scene.wanted) return gone;
  return `${gone}; slot ${slot} is made anew at rev ${record.configRevision}`;
}

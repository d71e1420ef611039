// What a pass has to know of containers without an intent: what they say of themselves, what was said of them, and whose
// they were.

import type { Intent, ObservedContainer } from "../model/container.js";
import type { RecoveryFacts } from "../model/plan.js";
import type { Making } from "../model/recovery.js";
import { type GroupRef, groupId } from "../model/reference.js";
import type { ConfigTexts, GroupSnapshot } from "../model/store.js";
import type { Office } from "./office.js";
import type { RecoveryDesk } from "./recovery-desk.js";

export type RecoveryFactsDeps = {
  readonly office: Office;
  readonly desk: Pick<RecoveryDesk, "words" | "named">;
  readonly configs: ConfigTexts;
};

/** Fails as the store fails. */
export async function recoveryFacts(
  { office, desk, configs }: RecoveryFactsDeps,
  { ref, uid, intents }: GroupSnapshot,
  observed: readonly ObservedContainer[],
): Promise<RecoveryFacts | undefined> {
  const held = new Set([...intents.values()].map(({ value }) => keyOf(ref, value)));
  const strays = observed.filter(({ owner }) => owner.groupUid !== uid || !held.has(keyOf(ref, owner)));
  // A word stands until its container is gone, also while that is on its way out under an intent.
  if (strays.length === 0 && observed.every(({ id }) => !desk.words.has(id))) return undefined;
  const uids = [...new Set(observed.map(({ owner }) => owner.groupUid))].filter((one) => one !== uid);
  const known = await Promise.all(uids.map((one) => office.store.historyKnows(ref.namespace, one)));
  return {
    makings: new Map(strays.flatMap((stray) => makingOf(configs, stray))),
    words: desk.words,
    named: desk.named,
    formerUids: new Set(uids.filter((_, i) => known[i])),
  };
}

function makingOf(configs: ConfigTexts, { id, made }: ObservedContainer): readonly (readonly [string, Making])[] {
  if (made === undefined) return [];
  const { image, hostPorts, configText } = made;
  return [[id, { image, hostPorts, config: configText === undefined ? undefined : configs.read(configText) }]];
}

function keyOf(group: GroupRef, { slot, generation }: Pick<Intent, "slot" | "generation">): string {
  return `${groupId(group)} ${slot} ${generation}`;
}

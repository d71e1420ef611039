// Everything that keeps a group from being as asked: the full list each pass, stored only when it differs.

import type { Attention } from "../model/slots.js";
import { compare, isSame } from "./compare.js";
import type { Scene } from "./scene.js";
import { doing, NOTHING, type Notice, type Step } from "./step.js";

/** The notices as attention, in a fixed order, each since it was first stored. */
export function attentionOf(scene: Scene, notices: readonly Notice[]): readonly Attention[] {
  const unique = new Map(notices.map((notice) => [identity(notice), notice]));
  return [...unique.values()]
    .map((notice) => ({ ...notice, since: notice.since ?? noticedSince(scene, notice) ?? scene.input.now }))
    .sort((a, b) => compare(identity(a), identity(b)));
}

/** When the same thing was noticed first; undefined when it is not stored. */
export function noticedSince(scene: Scene, notice: Notice): number | undefined {
  return scene.input.slots.attention.find((stored) => identity(stored) === identity(notice))?.since;
}

/** Without a group key there is nowhere to store it. */
export function noteStep(scene: Scene, attention: readonly Attention[]): Step {
  const stored = [...scene.input.slots.attention].sort((a, b) => compare(identity(a), identity(b)));
  if (scene.uid === undefined || isSame(stored.map(withoutSince), attention.map(withoutSince))) return NOTHING;
  const [first] = attention;
  const reason = first === undefined ? "nothing needs attention any more" : first.text;
  return doing({ kind: "noteAttention", attention, reason });
}

/** The same reason about the same thing in the same words. */
function identity({ reason, slot, host, text }: Notice): string {
  return [reason, String(slot ?? 0).padStart(9, "0"), host ?? "", text].join("\n");
}

function withoutSince({ since: _, ...rest }: Attention): Omit<Attention, "since"> {
  return rest;
}

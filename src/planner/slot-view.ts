// Each wanted slot as a rollout sees it: who stays in it, and how far it is. Decides nothing.

import type { Instant, Milliseconds } from "../model/instant.js";
import { isLeaving, keeperOf, type Member, type Scene, servesNow } from "./scene.js";

export type SlotView = {
  readonly slot: number;
  /** Of the present config, and to stay. */
  readonly current: Member | undefined;
  /** Of another config, and not told to go: one that serves before any other. */
  readonly old: Member | undefined;
  readonly phase: SlotPhase;
  /** Since when the current one has been ready. */
  readonly readySince: Instant | undefined;
  /** When a ready one is stable. */
  readonly stableAt: Instant | undefined;
};

export type SlotPhase =
  /** Its turn has not come. */
  | "old"
  /** Nothing stays in it. */
  | "empty"
  | "starting"
  /** Ready, and not long enough. */
  | "ready"
  /** Stable, and something else of the slot is still there. */
  | "stable"
  | "done";

/** @param minHealthyTime how long one has to be ready. */
export function slotViews(scene: Scene, minHealthyTime: Milliseconds): readonly SlotView[] {
  return Array.from({ length: scene.wanted }, (_, i) => {
    const members = scene.members.filter(({ intent }) => intent.slot === i + 1);
    return viewOf(scene, i + 1, { members, minHealthyTime });
  });
}

function viewOf(
  { input: { now } }: Scene,
  slot: number,
  { members, minHealthyTime }: { readonly members: readonly Member[]; readonly minHealthyTime: Milliseconds },
): SlotView {
  const staying = members.filter(({ intent }) => !isLeaving(intent));
  const current = staying.findLast(({ outdated }) => !outdated);
  const old = keeperOf(staying.filter(({ outdated }) => outdated));
  const since = current !== undefined && servesNow(current) ? readySince(current, now) : undefined;
  const stableAt = since === undefined ? undefined : since + minHealthyTime;
  const isStable = current?.info?.state === "stopped" || (stableAt !== undefined && stableAt <= now);
  const phase = phaseOf({ current, old, isReady: stableAt !== undefined, isStable, isAlone: members.length === 1 });
  return { slot, current, old, phase, readySince: since, stableAt: isStable ? undefined : stableAt };
}

type Facts = Pick<SlotView, "current" | "old"> & {
  readonly isReady: boolean;
  readonly isStable: boolean;
  readonly isAlone: boolean;
};

function phaseOf({ current, old, isReady, isStable, isAlone }: Facts): SlotPhase {
  if (current === undefined) return old === undefined ? "empty" : "old";
  if (isStable) return isAlone ? "done" : "stable";
  return isReady ? "ready" : "starting";
}

/** A restart by the engine begins the time anew; a time in the future is another clock's. */
function readySince({ info, container }: Member, now: Instant): Instant {
  const times = [info?.since, container?.startedAt].filter((time) => time !== undefined && time <= now);
  return Math.max(...times.map((time) => time ?? 0), 0);
}

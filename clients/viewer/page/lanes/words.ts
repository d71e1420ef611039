// What a lane says beside its picture, and instead of it. Pure.

import type { Lane } from "../../wire.js";
import { clockText, durationText, lastedText } from "../parts/time-text.js";
import { hasServedBefore, stepLook } from "./step-look.js";

type Container = Lane["containers"][number];

/** The newest container of the lane; undefined: it has none yet. */
export function newestOf(lane: Lane): Container | undefined {
  return lane.containers.reduce<Container | undefined>(
    (newest, one) => (newest === undefined || one.generation > newest.generation ? one : newest),
    undefined,
  );
}

/** How long the container of this revision took until it served, or has taken so far; "" without one. */
export function tookText(lane: Lane, rev: number, now: number): string {
  const container = newestOf(lane);
  const [first] = container?.steps ?? [];
  if (container === undefined || first === undefined || container.rev !== rev) return "";
  const serves = container.steps.find(({ what }) => stepLook(what).kind === "serve");
  const last = container.steps.at(-1);
  const end = serves?.from ?? last?.to ?? 0;
  return end === 0 ? durationText(now - first.from) : lastedText(end - first.from);
}

/** "rev 41: serve 14:02:10 to 14:02:31; rev 42: pull 14:02:12 to 14:02:14, start since 14:02:14" */
export function laneText(lane: Lane): string {
  const texts = lane.containers.map(({ rev, host, steps }) => {
    const parts = steps.map((step) => {
      const { what, from, to } = step;
      const when = to === 0 ? `since ${clockText(from)}` : `${clockText(from)} to ${clockText(to)}`;
      return `${stepLook(what, hasServedBefore(steps, step)).label} ${when}`;
    });
    return `rev ${rev} on ${host}: ${parts.join(", ")}`;
  });
  return texts.length === 0 ? "nothing has happened here yet" : texts.join("; ");
}

/** The state word of a lane as people know it. */
export function laneWord(state: Lane["state"]): string {
  return state === "done" ? "ready" : state;
}

// The moments in the life of one container: when it came to each state, and how long it stayed. Pure.

import type { ContainerDetail, ContainerRow, EvidenceDetail } from "../../wire.js";
import { hasServedBefore, stepLook } from "../lanes/step-look.js";

export interface Moment {
  readonly time: number;
  readonly what: string;
  /** Milliseconds that it lasted; undefined: it is so still, or is a moment only. */
  readonly lasted: number | undefined;
}

const NAMES: Readonly<Record<string, string>> = {
  create: "created",
  start: "started",
  serve: "serves",
  drain: "drains",
  health: "is checked",
  stop: "stops",
};

/** In the order of time. Where nobody watched, only what is known of its present state and its end. */
export function lifeOf(
  steps: NonNullable<ContainerDetail["steps"]>,
  { state, since }: ContainerRow,
  evidence: readonly EvidenceDetail[],
): Moment[] {
  const seen = steps.map((step) => {
    const { what, from, to } = step;
    const { label } = stepLook(what, hasServedBefore(steps, step));
    return { time: from, what: NAMES[label] ?? label, lasted: to === 0 ? undefined : to - from };
  });
  const present =
    seen.length > 0 || since === 0 ? [] : [{ time: since, what: `${state}, as it is now`, lasted: undefined }];
  const ends = evidence.map(({ time }) => ({ time, what: "failed, and what was left was kept", lasted: undefined }));
  return [...seen, ...present, ...ends].sort((a, b) => a.time - b.time);
}

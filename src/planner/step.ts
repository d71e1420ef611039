// What one part of a pass comes to; plan.ts puts the parts together.

import type { Action } from "../model/action.js";
import type { Instant } from "../model/instant.js";
import type { Refusal } from "../model/plan.js";
import type { Attention } from "../model/slots.js";

/** Attention whose `since` is found by comparing with what is stored. */
export type Notice = Omit<Attention, "since"> & { readonly since?: Instant };

export type Step = {
  readonly actions: readonly Action[];
  readonly notices: readonly Notice[];
  readonly refusals: readonly Refusal[];
  /** Times at which the same facts give another plan. */
  readonly times: readonly Instant[];
};

export const NOTHING: Step = { actions: [], notices: [], refusals: [], times: [] };

export function doing(...actions: readonly Action[]): Step {
  return { ...NOTHING, actions };
}

export function noticing(...notices: readonly Notice[]): Step {
  return { ...NOTHING, notices };
}

/** Nothing now, something then; a time that is not known is left out. */
export function waitingUntil(...times: readonly (Instant | undefined)[]): Step {
  return { ...NOTHING, times: times.filter((time) => time !== undefined).filter(Number.isFinite) };
}

export function together(...steps: readonly Step[]): Step {
  return {
    actions: steps.flatMap((step) => step.actions),
    notices: steps.flatMap((step) => step.notices),
    refusals: steps.flatMap((step) => step.refusals),
    times: steps.flatMap((step) => step.times),
  };
}

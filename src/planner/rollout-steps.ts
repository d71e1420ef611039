// How far the steps of a policy let a rollout go: ["1", "pause", "25%", "5m", "100%"]. A number or a share is how many
// slots may be of the new config, "pause" waits for a person, a duration for itself. Pure.

import { type Instant, MINUTE, type Milliseconds, SECOND } from "../model/instant.js";
import type { Rollout, RolloutPolicy } from "../model/rollout.js";
import { countOf } from "./rollout-policy.js";

export type StepFacts = {
  readonly wanted: number;
  readonly done: number;
  readonly promotions: number;
  readonly now: Instant;
};

/** How many steps are behind it now. */
export function stepsBehind(rollout: Rollout, facts: StepFacts): number {
  let behind = rollout.stepsDone;
  while (isBehind(rollout, behind, facts)) behind++;
  return behind;
}

function isBehind(rollout: Rollout, index: number, { wanted, done, promotions, now }: StepFacts): boolean {
  const { steps } = rollout.policy;
  const step = steps[index];
  if (step === undefined) return false;
  if (step === "pause") return promotions > pausesBefore(steps, index);
  const length = durationOf(step);
  if (length === undefined) return done >= Math.min(countOf(step, wanted), wanted);
  return index === rollout.stepsDone && now >= rollout.progressAt + length;
}

type Stepping = Pick<Rollout, "stepsDone"> & { readonly policy: Pick<RolloutPolicy, "steps"> };

/** How many slots may be of the new config by now. */
export function allowedBySteps({ policy: { steps }, stepsDone }: Stepping, wanted: number): number {
  if (stepsDone >= steps.length) return wanted;
  const shares = steps.slice(0, stepsDone + 1).filter((step) => step !== "pause" && durationOf(step) === undefined);
  const last = shares.at(-1);
  return last === undefined ? 0 : Math.min(countOf(last, wanted), wanted);
}

export function waitsForPerson({ policy: { steps }, stepsDone }: Rollout): boolean {
  return steps[stepsDone] === "pause";
}

/** When a step that only takes time is over. */
export function stepEnd({ policy: { steps }, stepsDone, progressAt }: Rollout): Instant | undefined {
  const length = durationOf(steps[stepsDone] ?? "");
  return length === undefined ? undefined : progressAt + length;
}

const pausesBefore = (steps: readonly string[], index: number): number =>
  steps.slice(0, index).filter((step) => step === "pause").length;

const UNITS: Readonly<Record<string, Milliseconds>> = { s: SECOND, m: MINUTE, h: 60 * MINUTE };

/** Undefined for what is no duration. */
export function durationOf(step: string): Milliseconds | undefined {
  const [, number = "", unit = ""] = /^(\d{1,6})([smh])$/.exec(step) ?? [];
  const length = UNITS[unit];
  return length === undefined ? undefined : Number(number) * length;
}

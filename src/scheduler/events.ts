// What the leader's writes say in the timeline: made from what is stored before and after, so that nothing is told twice.
// Pure.

import type { Failure } from "../model/action.js";
import type { ContainerInfo, Intent } from "../model/container.js";
import { type Event, THESEUS } from "../model/event.js";
import type { HostRecord } from "../model/host.js";
import type { Instant } from "../model/instant.js";
import type { GroupRef } from "../model/reference.js";
import { NO_ROLLOUTS, type Rollout, type RolloutsRecord, rolloutId, rolloutOf } from "../model/rollout.js";
import type { GroupSnapshot } from "../model/store.js";

type Told = Pick<Event, "kind" | "text">;

const TELLS_WHERE: ReadonlySet<string> = new Set(["rollout-failed", "rolling-back"]);

/** One for each rollout that begins, ends or changes its mind by this write; none for one that only goes on. */
export function rolloutEvents(
  { ref, rollouts }: Pick<GroupSnapshot, "ref" | "rollouts">,
  changed: readonly Rollout[],
  at: Instant,
): readonly Event[] {
  const before: RolloutsRecord = rollouts?.value ?? NO_ROLLOUTS;
  return changed.flatMap((rollout) => {
    const told = becoming(rolloutOf(before, rollout.to), rollout);
    if (told === undefined) return [];
    const { slot, host } = (TELLS_WHERE.has(told.kind) && rollout.failure) || {};
    const place = { ...(slot === undefined ? {} : { slot }), ...(host === undefined ? {} : { host }) };
    return [{ at, actor: THESEUS, group: ref, configRevision: rollout.to, ...place, ...told }];
  });
}

function becoming(before: Rollout | undefined, now: Rollout): Told | undefined {
  if (before?.state === now.state) return isFirstFailure(before, now) ? goesOn(now) : undefined;
  const id = rolloutId(now.to);
  const cause = now.failure?.text ?? "it failed";
  switch (now.state) {
    case "running":
      return before === undefined ? { kind: "rollout-begun", text: `${id} begins${howItGoes(now)}` } : undefined;
    case "paused":
      return waits(now);
    case "done":
      return { kind: "rollout-done", text: `${id} is done: rev ${now.to} is stable` };
    case "failed":
      return { kind: "rollout-failed", text: `${id} failed: ${cause}` };
    case "rolling_back":
      return { kind: "rolling-back", text: `${id} is taken back${toWhat(now)}: ${cause}` };
    case "rolled_back":
      return { kind: "rolled-back", text: `${id} was taken back${toWhat(now)}` };
    case "rollback_failed":
      return { kind: "rollback-failed", text: `${id} could not be taken back${toWhat(now)}` };
    case "superseded":
      return { kind: "rollout-superseded", text: `${id} gave way to rev ${now.supersededBy ?? "?"}` };
    case "aborted":
      return { kind: "rollout-aborted", text: `${id} was taken back${toWhat(now)}: ${cause}` };
  }
}

/** A policy that lets it go on all the same. */
const isFirstFailure = (before: Rollout, now: Rollout): boolean =>
  before.failure === undefined && now.failure !== undefined && now.state === "running";

const goesOn = ({ to, failure }: Rollout): Told => ({
  kind: "rollout-failed",
  text: `${rolloutId(to)} goes on, as its policy says: ${failure?.text ?? "it failed"}`,
});

function howItGoes({ takesBack, replaces, policy }: Rollout): string {
  const back = takesBack === undefined ? "" : `, to take ${rolloutId(takesBack)} back`;
  return replaces ? `: ${policy.order}, at most ${policy.maxParallel} at a time${back}` : back;
}

const toWhat = ({ from, backBy }: Rollout): string =>
  `${from === undefined ? "" : ` to rev ${from}`}${backBy === undefined ? "" : ` by rev ${backBy}`}`;

/** That a person asked for a pause was told when it was asked for. */
function waits({ to, pause }: Rollout): Told | undefined {
  if (pause === undefined || pause.reason === "asked") return undefined;
  const what = pause.reason === "canary" ? "its canaries are ready" : "a step of its policy says so";
  return { kind: "rollout-waits", text: `${rolloutId(to)} waits to be promoted: ${what}` };
}

/** Told when it is seen: what is written after that of the same failure says nothing more. */
export function failedEvents(
  { ref, intents, infos }: Pick<GroupSnapshot, "ref" | "intents" | "infos">,
  [name, info]: readonly [name: string, info: Pick<ContainerInfo, "state">],
  { text, at }: { readonly text: string; readonly at: Instant },
): readonly Event[] {
  if (info.state !== "failed" || infos.get(name)?.value.state === "failed") return [];
  const intent = intents.get(name)?.value;
  return intent === undefined ? [] : [containerFailed(ref, intent, { text, at })];
}

/** Of a container whose keys go, unless its failure was told before. */
export function releaseEvents(
  { ref, infos }: Pick<GroupSnapshot, "ref" | "infos">,
  { intent, failure }: { readonly intent: Intent; readonly failure?: Failure },
  at: Instant,
): readonly Event[] {
  if (failure === undefined || infos.get(intent.name)?.value.state === "failed") return [];
  return [containerFailed(ref, intent, { text: failure.attention.text, at })];
}

function containerFailed(
  group: GroupRef,
  { slot, host, configRevision }: Intent,
  { text, at }: { readonly text: string; readonly at: Instant },
): Event {
  return { at, actor: THESEUS, group, slot, host, configRevision, kind: "container-failed", text };
}

export function groupGone(group: GroupRef, configRevision: number | undefined, at: Instant): Event {
  const text = "its last container is gone; its config stays in history";
  const revision = configRevision === undefined ? {} : { configRevision };
  return { at, actor: THESEUS, group, ...revision, kind: "group-gone", text };
}

/** When a host becomes silent, is silent for another reason, or answers again. */
export function hostEvents(before: HostRecord | undefined, now: HostRecord, at: Instant): readonly Event[] {
  const { name: host, problem } = now;
  if (before?.problem?.reason === problem?.reason) return [];
  if (problem === undefined) return [{ at, actor: THESEUS, host, kind: "host-back", text: `${host} answers again` }];
  return [{ at, actor: THESEUS, host, kind: "host-silent", text: `${host} is silent: ${problem.text}` }];
}

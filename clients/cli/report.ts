// How changing commands end: a plan that was only asked for, a change that was only sent, or one that was waited for.

import type { GroupPlan } from "../gen/theseus/v1/plan.js";
import type { GroupRef } from "../gen/theseus/v1/reference.js";
import { hostPort } from "../host-port.js";
import { type Context, isSet, note } from "./context.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { type Failure, failureJson, failureObject, failureText, toFailure } from "./failure.js";
import { sameTarget } from "./globals.js";
import { listContainers } from "./lists.js";
import { API_VERSION, isObjectFormat, printObject } from "./output/listing.js";
import { namespaceOf, planObject, refOf } from "./output/objects.js";
import { planHeading, planText, summaryOf, summaryText } from "./output/plan-text.js";
import { rolloutObject } from "./output/rollout.js";
import { styleFor } from "./output/style.js";
import { actionWord } from "./output/words.js";
import { formatDuration } from "./quantities.js";
import { formatGroup } from "./references.js";
import type { Server } from "./server.js";
import type { Goal, Reached, Waiting } from "./wait/goal.js";
import { progressFor, progressMode } from "./wait/progress.js";
import { waitFor } from "./wait/wait.js";

export interface PlanView {
  /** False: only the fields that differ. */
  readonly placement?: boolean;
  /** What does exactly this, and the token in it. */
  readonly exactly?: { readonly token: string; readonly command: string };
}

/** Prints what would happen. Exit 6 when something fits nowhere, 3 with --detailed-exitcode when there are changes. */
export async function reportPlan(
  context: Context,
  plans: readonly GroupPlan[],
  revision: bigint,
  { placement = true, exactly }: PlanView = {},
): Promise<ExitCode> {
  const { globals, io } = context;
  const summary = summaryOf(plans);
  if (isObjectFormat(globals.format)) {
    const changes = plans.map(planObject);
    const token = exactly === undefined ? {} : { token: exactly.token };
    const plan = { apiVersion: API_VERSION, kind: "Plan", revision: String(revision), ...token, changes, summary };
    await printObject(context, plan, globals.format);
  } else {
    const style = styleFor(io.stdout, globals);
    io.stdout.write(plans.map((plan) => planText(plan, style, placement)).join(""));
    io.stdout.write(`\n${summaryText(summary)}`);
    if (exactly !== undefined && isChange(plans)) io.stdout.write(`run exactly this:   ${exactly.command}\n`);
  }
  if (placement && summary.unplaced > 0) return EXIT.noFit;
  return changesExit(context, plans);
}

function isChange(plans: readonly GroupPlan[]): boolean {
  return plans.some(({ action }) => actionWord(action) !== "NONE");
}

function changesExit({ globals }: Context, plans: readonly GroupPlan[]): ExitCode {
  return globals.detailedExitcode && isChange(plans) ? EXIT.changes : EXIT.ok;
}

/** One group of a change, as it ended. */
export interface Ended {
  readonly plan: GroupPlan;
  readonly reached?: Reached;
  readonly failure?: Failure;
}

/** Waits for all of them at once, unless --detach; never rejects for what a single group ends with. */
export async function follow(waiting: Waiting, plans: readonly GroupPlan[], revision: bigint): Promise<Ended[]> {
  if (isSet(waiting.context, "detach")) return plans.map((plan) => ({ plan }));
  const watched = { ...waiting, progress: progressFor(waiting.context) };
  const ends = await Promise.all(
    plans.map(async (plan): Promise<Ended> => {
      try {
        return { plan, reached: await waitFor(watched, goalOf(plan, revision)) };
      } catch (error) {
        return { plan, failure: toFailure(error) };
      }
    }),
  );
  watched.progress.end(Date.now());
  return ends;
}

function goalOf(plan: GroupPlan, revision: bigint): Goal {
  const action = actionWord(plan.action);
  // Where nothing was written, no reader has to catch up with anything.
  const written = action === "NONE" ? 0n : revision;
  return { ref: refOf(plan), revision: written, configRevision: action === "REMOVE" ? undefined : plan.toRevision };
}

/** Says of every group what changes before it is waited for. */
export function announce(context: Context, plans: readonly GroupPlan[]): void {
  const isJson = progressMode(context) === "json";
  const style = styleFor(context.io.stderr, context.globals);
  for (const plan of plans) note(context, isJson ? planEvent(plan) : planHeading(plan, style));
}

function planEvent(plan: GroupPlan): string {
  return JSON.stringify({ t: new Date().toISOString(), type: "plan", ...planObject(plan) });
}

/** The result of a change of one or more groups. A single failure is thrown; several are listed. */
export async function reportEnds(
  context: Context,
  server: Server,
  ends: readonly Ended[],
  revision: bigint,
): Promise<ExitCode> {
  const failures = ends.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  if (isObjectFormat(context.globals.format)) await printApplyResult(context, ends, revision);
  else for (const end of ends) await printEnd(context, server, end);
  const plans = ends.map(({ plan }) => plan);
  const [first] = failures;
  if (first === undefined) return changesExit(context, plans);
  if (ends.length === 1) throw first;
  for (const failure of failures) writeFailure(context, failure);
  return failures.length === ends.length && failures.every(({ code }) => code === first.code)
    ? first.exit
    : EXIT.partial;
}

function writeFailure({ io, globals }: Context, failure: Failure): void {
  const json = isObjectFormat(globals.format) && globals.format !== "yaml";
  const columns = io.stderr.isTTY ? io.stderr.columns || undefined : undefined;
  io.stderr.write(json ? failureJson(failure) : failureText(failure, undefined, columns));
}

async function printApplyResult(context: Context, ends: readonly Ended[], revision: bigint): Promise<void> {
  const items = ends.map(({ plan, reached, failure }) => {
    const { ref, namespace, action, fromRev, toRev } = planObject(plan);
    const took = reached === undefined ? {} : { forSeconds: reached.took / 1000 };
    const rollout = reached?.rollout === undefined ? {} : { rollout: rolloutObject(reached.rollout) };
    const error = failure === undefined ? {} : { error: failureObject(failure) };
    return { ref, namespace, action, fromRev, toRev, ...took, ...rollout, ...error };
  });
  const summary = summaryOf(ends.map(({ plan }) => plan));
  const result = { apiVersion: API_VERSION, kind: "ApplyResult", revision: String(revision), items, summary };
  await printObject(context, result, context.globals.format);
}

async function printEnd(context: Context, server: Server, { plan, reached, failure }: Ended): Promise<void> {
  const { io } = context;
  const ref = refOf(plan);
  const name = formatGroup(ref);
  if (failure !== undefined) return;
  if (reached === undefined) {
    const action = actionWord(plan.action);
    const isRollout = action === "CREATE" || action === "UPDATE";
    const how = isRollout ? "follow it: theseus rollout status" : "look at it: theseus describe";
    io.stdout.write(`${name} ${DETACHED[action] ?? `rev ${plan.toRevision} is accepted`}\n`);
    note(context, `the work goes on; ${how} ${name}${sameTarget({ ...context.globals, namespace: namespaceOf(ref) })}`);
    return;
  }
  io.stdout.write(`${await endText(server, plan, reached)}\n`);
}

const DETACHED: Readonly<Record<string, string>> = {
  REMOVE: "is being removed",
  NONE: "has no change",
};

async function endText(server: Server, plan: GroupPlan, { group, took }: Reached): Promise<string> {
  const ref = refOf(plan);
  const name = formatGroup(ref);
  const time = formatDuration(took);
  const status = group?.status;
  if (status === undefined) return `removed ${name} · ${time}`;
  const ready = `${status.ready} of ${status.wanted ?? status.ready} ready`;
  if (actionWord(plan.action) !== "CREATE") return `${name} is steady at rev ${plan.toRevision}: ${ready}, ${time}`;
  return `created ${name} rev ${plan.toRevision} · ${ready}${await whereText(server, ref)} · ${time}`;
}

/** Where a single container is; of several, nothing. */
async function whereText(server: Server, ref: GroupRef): Promise<string> {
  const { items } = await listContainers(server, { group: ref });
  const [only] = items;
  if (only === undefined || items.length > 1) return "";
  return ` on ${only.host} ${hostPort(only.address, only.port)}`;
}

// Takes down why a container failed before it is removed or stopped: what the engine knows, the last answers of its health
// checks, and the last it has written. In the store before the engine is asked for anything.

import type { ActionOf } from "../model/action.js";
import type { EngineStatus, Intent, ObservedContainer } from "../model/container.js";
import { isReason, TheseusError } from "../model/errors.js";
import { type Evidence, LINES_KEPT, lastAnswers, lastOutput } from "../model/evidence.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { LogLine } from "../model/logs.js";
import type { PlanInput } from "../model/plan.js";
import type { Runtime } from "../model/ports.js";
import { NO_ROLLOUTS, type Rollout } from "../model/rollout.js";
import type { Attention } from "../model/slots.js";
import { exitText } from "../planner/failure.js";
import { TOO_LATE, within } from "./alarm.js";
import { type ActionContext, type ExecutorDeps, engineOf } from "./execute-context.js";
import { failureText } from "./launch-failure.js";

/** A container is removed also when its engine does not give its output. */
const READING: Milliseconds = 2 * SECOND;

const GONE = "the container is gone";

const ALIVE: ReadonlySet<EngineStatus> = new Set(["running", "restarting", "paused"] as const);

type End = Pick<ObservedContainer, "exitCode" | "outOfMemory">;
type Cause = Pick<Attention, "reason" | "text">;

/** What is known of one that failed, before its output is read. */
type Failed = {
  readonly intent: Intent;
  /** Absent: it ended by itself, and the end tells the cause. */
  readonly cause?: Cause;
  /** Absent: the engine has it no more. */
  readonly containerId?: string | undefined;
  /** Its end as the pass saw it. */
  readonly end?: End;
};

/** One that is to be removed has ended by itself, and not as its group asks for. Undefined: we have stopped it, or it never ran. */
export function endedByItself(
  { intent, containerId }: ActionOf<"remove">,
  { input, ledger: { snapshot } }: ActionContext,
): Failed | undefined {
  const seen = input.observed.find(({ id }) => id === containerId);
  const phase = snapshot.intents.get(intent.name)?.value.phase ?? intent.phase;
  if (seen?.startedAt === undefined || phase === "stopping") return undefined;
  if (input.infos.get(intent.name)?.state === "stopped") return undefined;
  return { intent, containerId, end: seen };
}

/** One that is to leave although it runs never became ready, or its rollout failed by it. */
export function givenUp(
  { intent, containerId, reason }: ActionOf<"drain">,
  { input }: ActionContext,
): Failed | undefined {
  const seen = input.observed.find(({ id }) => id === containerId);
  if (seen === undefined || !ALIVE.has(seen.status)) return undefined;
  const cause = whyGivenUp(input, intent, reason);
  return cause === undefined ? undefined : { intent, cause, containerId };
}

/** One that is to be released was taken from the engine by another hand: of what we remove ourselves the failure is told before. */
export function vanished(
  { intent, failure }: Pick<ActionOf<"release">, "intent" | "failure">,
  { input }: ActionContext,
): Failed | undefined {
  const state = input.infos.get(intent.name)?.state;
  if (failure === undefined || state === "failed" || state === "stopped") return undefined;
  return { intent, cause: failure.attention };
}

function whyGivenUp(input: PlanInput, intent: Intent, why: string): Cause | undefined {
  const rollout = input.rollouts.rollouts.find((one) => isOf(one, intent));
  if (rollout?.failure?.container === intent.name) return rollout.failure;
  const state = input.infos.get(intent.name)?.state;
  // It was taken out before, and decided on then.
  if (state === "draining") return undefined;
  const failures = input.slots.slots[intent.slot]?.failures ?? 0;
  const wasWaitedFor = state !== "ready" && (rollout !== undefined || failures > 0);
  if (state !== "unhealthy" && !wasWaitedFor) return undefined;
  return { reason: "CONTAINER_UNHEALTHY", text: `${intent.name} was not ready when it was given up: ${why}` };
}

/** The rollout has failed, and made the container. */
function isOf({ failure, from, to }: Rollout, { configRevision }: Intent): boolean {
  return failure !== undefined && configRevision <= to && configRevision > (from ?? 0);
}

/** Again after a crash it changes nothing. Fails as the store fails: then the container stays for now. */
export async function keepEvidence(
  deps: ExecutorDeps,
  { ledger }: Pick<ActionContext, "ledger">,
  failed: Failed,
): Promise<void> {
  const { uid } = ledger.snapshot;
  if (uid === undefined) return;
  const { office } = deps;
  const { name, slot, generation, configRevision, host } = failed.intent;
  const found = await foundOf(deps, failed);
  const { reason, text } = failed.cause ?? { reason: "CONTAINER_EXITED", text: `${name} ${exitText(found)}` };
  const at = office.clock.now();
  const evidence: Evidence = { container: name, slot, generation, configRevision, host, at, reason, text, ...found };
  const { ref, intents } = ledger.snapshot;
  // What a rollout tells as its cause can be looked up as long as the rollout can.
  const { rollouts } = ledger.snapshot.rollouts?.value ?? NO_ROLLOUTS;
  const spared = rollouts.flatMap(({ failure }) => failure?.container ?? []);
  await office.write((fence) => office.store.keepEvidence(fence, { ref, uid, intents }, evidence, spared));
}

type Found = Pick<Evidence, "exitCode" | "outOfMemory" | "health" | "lines" | "unread">;

async function foundOf(deps: ExecutorDeps, { intent, containerId, end }: Failed): Promise<Found> {
  if (containerId === undefined) return { outOfMemory: false, health: [], lines: [], unread: GONE };
  const [stands, lines] = await engineOf(deps, intent.host).inLane("other", () =>
    Promise.all([
      inTime(deps, intent, (runtime) => runtime.aftermath(containerId)),
      inTime(deps, intent, (runtime, until) => lastLines(runtime, containerId, until)),
    ]),
  );
  // That it was out of memory may have become known since the pass saw it.
  const { exitCode, outOfMemory } = stands.found ?? end ?? { outOfMemory: false };
  const probed = deps.prober.answersOf(containerId);
  const unread = lines.problem ?? (stands.problem === undefined && stands.found === undefined ? GONE : undefined);
  return {
    ...(exitCode === undefined ? {} : { exitCode }),
    outOfMemory,
    health: lastAnswers(probed.length > 0 ? probed : (stands.found?.answers ?? [])),
    lines: lastOutput(lines.found ?? []),
    ...(unread === undefined ? {} : { unread }),
  };
}

type Read<T> = { readonly found?: T; readonly problem?: string };

/** What the engine says, or why it does not. CANCELLED when the term is over. */
async function inTime<T>(
  deps: ExecutorDeps,
  { host }: Intent,
  read: (runtime: Runtime, until: AbortSignal) => Promise<T>,
): Promise<Read<T>> {
  const { clock, end } = deps.office;
  const over = new AbortController();
  try {
    const asked = engineOf(deps, host).ask((runtime) => read(runtime, over.signal));
    const found = await within(clock, READING, asked, end);
    return found === TOO_LATE ? { problem: `Docker on ${host} did not give it in ${READING / SECOND} s` } : { found };
  } catch (error) {
    if (isReason(error, "CANCELLED")) throw error;
    return { problem: error instanceof TheseusError ? failureText(error) : String(error) };
  } finally {
    over.abort();
  }
}

async function lastLines(runtime: Runtime, containerId: string, until: AbortSignal): Promise<readonly LogLine[]> {
  const lines: LogLine[] = [];
  for await (const some of runtime.logLines(containerId, { follow: false, tail: LINES_KEPT }, until))
    lines.push(...some);
  return lines;
}

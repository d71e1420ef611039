// The steps by which a container goes: out of discovery, stopped, removed, released. Where one stood still, or a crash came
// between, the next is an action of its own.

import type { ActionOf } from "../model/action.js";
import { isReason } from "../model/errors.js";
import type { GroupConfig } from "../model/group.js";
import type { Instant } from "../model/instant.js";
import type { Engine } from "./engine.js";
import { releaseEvents } from "./events.js";
import { endedByItself, givenUp, keepEvidence, vanished } from "./evidence.js";
import { type ActionContext, type ExecutorDeps, engineOf } from "./execute-context.js";
import type { GroupEdit } from "./group-edit.js";
import { portsFreed } from "./host-ports.js";
import { failed } from "./slot-records.js";

/**
 * Phase, state and the question to all servers in one transaction, which those that leave together share; of one that is
 * given up, why is in the store before.
 */
export function drain(deps: ExecutorDeps, action: ActionOf<"drain">, context: ActionContext): Promise<void> {
  const failed = givenUp(action, context);
  const leave = (): Promise<void> => context.ledger.commit(takenOut(action, deps.office.clock.now()));
  return failed === undefined ? leave() : keepEvidence(deps, context, failed).then(leave);
}

function takenOut({ intent, info, ackDeadline }: ActionOf<"drain">, now: Instant): GroupEdit {
  const told =
    info?.state === "draining" || info === undefined ? info : { ...info, state: "draining" as const, since: now };
  return {
    putIntents: [{ ...intent, phase: "draining" }],
    ...(told === undefined
      ? {}
      : { putInfos: [[intent.name, told]], openDrains: [{ name: intent.name, ackDeadline, asked: now }] }),
  };
}

/**
 * The committed phase pays for the stop before it is asked for, so a late stop was paid for too. What has ended is removed
 * and released at once: no other look would come to anything else.
 */
export async function stop(
  deps: ExecutorDeps,
  { intent, containerId, grace }: ActionOf<"stop">,
  context: ActionContext,
): Promise<void> {
  const { ledger } = context;
  const committed = ledger.snapshot.intents.get(intent.name)?.value.phase === "stopping";
  if (!committed) await ledger.commit({ putIntents: [{ ...intent, phase: "stopping" }] });
  if (containerId === undefined) return;
  // It counts as gone from now on: a rollout has room for the next.
  deps.lookAgain(ledger.group);
  const engine = engineOf(deps, intent.host);
  await engine.inLane("stop", () => engine.effect((runtime, mandate) => runtime.stop(containerId, grace, mandate)));
  await takeAway(engine, containerId);
  await release(deps, { intent }, context);
}

/** Why it failed is in the store before, if it did. */
export async function remove(deps: ExecutorDeps, action: ActionOf<"remove">, context: ActionContext): Promise<void> {
  const { intent, containerId } = action;
  const failed = endedByItself(action, context);
  if (failed !== undefined) await keepEvidence(deps, context, failed);
  await takeAway(engineOf(deps, intent.host), containerId);
}

function takeAway(engine: Engine, containerId: string): Promise<void> {
  return engine.inLane("other", () => engine.remove(containerId));
}

type Release = Pick<ActionOf<"release">, "intent" | "failure">;

export function release(deps: ExecutorDeps, action: Release, context: ActionContext): Promise<void> {
  const { ledger, input } = context;
  const failed = vanished(action, context);
  const commit = (): Promise<void> => {
    const now = deps.office.clock.now();
    const events = releaseEvents(ledger.snapshot, action, now);
    return ledger.commit({ ...releaseEdit(action, input.desired?.record.config, now), events });
  };
  return failed === undefined ? commit() : keepEvidence(deps, context, failed).then(commit);
}

/** Deletes the container's keys, lets its ports rest, and notes the failure on its slot. */
export function releaseEdit({ intent, failure }: Release, config: GroupConfig | undefined, now: Instant): GroupEdit {
  return {
    removeContainers: [intent.name],
    host: { name: intent.host, change: (record) => portsFreed(record, intent, config, now) },
    ...(failure === undefined ? {} : { slots: (slots) => failed(slots, intent.slot, failure, now) }),
  };
}

/** A container that is gone needs no policy. */
export async function setRestartPolicy(
  deps: ExecutorDeps,
  { host, containerId, policy }: Pick<ActionOf<"setRestartPolicy">, "host" | "containerId" | "policy">,
): Promise<void> {
  const engine = engineOf(deps, host);
  try {
    await engine.inLane("other", () => engine.effect((runtime) => runtime.setRestartPolicy(containerId, policy)));
  } catch (error) {
    if (!isReason(error, "NO_SUCH_CONTAINER")) throw error;
  }
}

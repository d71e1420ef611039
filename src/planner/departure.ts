// How one container goes, whatever the cause: out of discovery, heard of by all, stopped, removed, released. Each pass takes
// the next step from the facts, so a departure goes on where it stood after any crash. One that the engine has started
// again meanwhile, having been restarted itself, is stopped again.

import type { ObservedContainer } from "../model/container.js";
import { DEFAULTS } from "../model/defaults.js";
import { type DrainState, unansweredText } from "../model/drain.js";
import type { Instant } from "../model/instant.js";
import { publishStep } from "./publish.js";
import { isLeaving, type Member, type Scene } from "./scene.js";
import { doing, NOTHING, type Step, waitingUntil } from "./step.js";

export function departStep(scene: Scene, member: Member, reason: string): Step {
  const { intent, container, standing } = member;
  switch (standing) {
    case "silent":
    case "vanishing":
      return NOTHING;
    case "gone":
      return doing({ kind: "release", intent, reason });
    case "unborn":
    case "ended":
      if (container === undefined) return doing({ kind: "release", intent, reason });
      return doing({ kind: "remove", intent, containerId: container.id, reason });
    case "live":
      return container === undefined ? NOTHING : departAlive(scene, member, container, reason);
  }
}

function departAlive(scene: Scene, member: Member, container: ObservedContainer, reason: string): Step {
  const { intent } = member;
  if (intent.phase === "stopping") return stop(scene, member, container, reason);
  const told = drainOf(scene, member);
  if (!isLeaving(intent) || (told === undefined && member.info !== undefined)) {
    return drain(scene, member, container, reason);
  }
  const mistold = member.info !== undefined && member.info.state !== "draining";
  const correction = mistold ? publishStep(scene, member, { state: "draining", reason }) : undefined;
  if (correction !== undefined) return correction;
  if (told === undefined) return stop(scene, member, container, reason);
  const until = waitEnd(scene, told);
  if (until !== undefined) return waitingUntil(until);
  return stop(scene, member, container, `${reason}${missedBy(told)}`);
}

function drainOf(scene: Scene, { intent }: Member): DrainState | undefined {
  return scene.input.drains.find(({ name }) => name === intent.name);
}

/** Also done again where others were told of the container and no record says that they were asked. */
function drain(scene: Scene, member: Member, container: ObservedContainer, reason: string): Step {
  const info =
    member.info === undefined ? undefined : { ...member.info, state: "draining" as const, since: scene.input.now };
  return doing({
    kind: "drain",
    intent: { ...member.intent, phase: "draining", reason },
    ...(info === undefined ? {} : { info }),
    containerId: container.id,
    ackDeadline: scene.config?.stop?.ackDeadline ?? DEFAULTS.stop.ackDeadline,
    reason,
  });
}

/** Everybody who was sent it acknowledges that it left, or the deadline passes; then `drain_wait`. Undefined: that is over. */
function waitEnd(
  { config, input: { now } }: Scene,
  { since, ackDeadline, answeredAt }: DrainState,
): Instant | undefined {
  const deadline = since + ackDeadline;
  if (answeredAt === undefined && deadline > now) return deadline;
  const end = Math.min(answeredAt ?? deadline, deadline) + (config?.stop?.drainWait ?? DEFAULTS.stop.drainWait);
  return end > now ? end : undefined;
}

function missedBy({ answeredAt, unanswered }: DrainState): string {
  if (answeredAt !== undefined || unanswered.length === 0) return "";
  return `; not acknowledged in time by ${unanswered.map(unansweredText).join(", ")}`;
}

function stop(scene: Scene, member: Member, container: ObservedContainer, reason: string): Step {
  const policy = scene.config?.stop;
  return doing({
    kind: "stop",
    intent: { ...member.intent, phase: "stopping" },
    containerId: container.id,
    grace: policy?.grace ?? DEFAULTS.stop.grace,
    reason,
  });
}

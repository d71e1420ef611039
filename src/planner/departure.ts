// How one container goes, whatever the cause: not restarted any more, out of discovery, stopped, removed, released. Each
// pass takes the next step from the facts, so a departure goes on where it stood after any crash.

import type { ObservedContainer } from "../model/container.js";
import { DEFAULTS } from "../model/defaults.js";
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
  if (container.restartPolicy !== "no") {
    const { id: containerId, host } = container;
    return doing({ kind: "setRestartPolicy", containerId, host, policy: "no", reason });
  }
  if (!isLeaving(intent)) return drain(scene, member, container, reason);
  const mistold = member.info !== undefined && member.info.state !== "draining";
  const correction = mistold ? publishStep(scene, member, { state: "draining", reason }) : undefined;
  if (correction !== undefined) return correction;
  const drainedAt = drainEnd(scene, member);
  return drainedAt === undefined ? stop(scene, member, container, reason) : waitingUntil(drainedAt);
}

function drain(scene: Scene, member: Member, container: ObservedContainer, reason: string): Step {
  const info =
    member.info === undefined ? undefined : { ...member.info, state: "draining" as const, since: scene.input.now };
  return doing({
    kind: "drain",
    intent: { ...member.intent, phase: "draining", reason },
    ...(info === undefined ? {} : { info }),
    containerId: container.id,
    reason,
  });
}

/** When the wait after the drain ends; undefined when it is over. A drain told for the future (the clock went back) is over. */
function drainEnd(scene: Scene, member: Member): Instant | undefined {
  const { now } = scene.input;
  const since = member.info?.since;
  if (since === undefined || since > now) return undefined;
  const end = since + (scene.config?.stop?.drainWait ?? DEFAULTS.stop.drainWait);
  return end > now ? end : undefined;
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

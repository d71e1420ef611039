// A container that runs as it should: once it is stable the engine may restart it by itself and its slot is forgiven.

import type { ObservedContainer } from "../model/container.js";
import { DEFAULTS } from "../model/defaults.js";
import type { GroupConfig } from "../model/group.js";
import { type Instant, MINUTE, SECOND } from "../model/instant.js";
import { rolloutOf } from "../model/rollout.js";
import type { Member, Scene } from "./scene.js";
import { doing, NOTHING, noticing, type Step, together, waitingUntil } from "./step.js";

/** So many restarts by the engine within that time make the slot's restarts ours again. */
const RESTLESS_RESTARTS = 2;
export const RESTLESS_FOR = 10 * MINUTE;
/** While containers are replaced the engine has better to do: at the end of that, and after this time at the latest. */
const ARMED_WITHIN = 10 * SECOND;
/** Not ready for that long is worth a person's look. */
const PATIENCE = 30 * SECOND;

export function upkeepStep(scene: Scene, member: Member, container: ObservedContainer, config: GroupConfig): Step {
  if (member.info?.state !== "ready") return together(notReadyStep(scene, member), disarm(scene, container, config));
  const stableAt =
    stableSince(scene, member, container) + (config.update?.minHealthyTime ?? DEFAULTS.update.minHealthyTime);
  const armedAt = stableAt + (isBusy(scene) ? ARMED_WITHIN : 0);
  return together(
    disarm(scene, container, config),
    restlessUntil(scene, container, config),
    notBefore(armedAt, scene.input.now, arm(scene, container, config)),
    notBefore(stableAt, scene.input.now, forgive(scene, member)),
  );
}

function notBefore(time: Instant, now: Instant, step: Step): Step {
  return time > now && step.actions.length > 0 ? waitingUntil(time) : step;
}

/** Containers are being replaced. */
function isBusy({ input: { rollouts, desired } }: Scene): boolean {
  const rollout = desired === undefined ? undefined : rolloutOf(rollouts, desired.record.configRevision);
  return rollout?.state === "running" && rollout.replaces;
}

/** A restart by the engine begins the time anew; a start in the future is another clock's. */
function stableSince({ input }: Scene, { info }: Member, { startedAt }: ObservedContainer): Instant {
  const times = [info?.since, startedAt].filter((time) => time !== undefined && time <= input.now);
  return Math.max(...times.map((time) => time ?? 0), Number.NEGATIVE_INFINITY);
}

function arm({ input }: Scene, container: ObservedContainer, config: GroupConfig): Step {
  const { id: containerId, host, restartPolicy } = container;
  if (restartPolicy === "unless-stopped" || !mayRestartItself(config) || isRestless(container, input.now))
    return NOTHING;
  return doing({ kind: "setRestartPolicy", containerId, host, policy: "unless-stopped", reason: "it is stable" });
}

function disarm({ input }: Scene, container: ObservedContainer, config: GroupConfig): Step {
  const { id: containerId, host, restartPolicy } = container;
  if (restartPolicy === "no") return NOTHING;
  if (!mayRestartItself(config)) {
    const reason = "the group does not want the engine to restart it";
    return doing({ kind: "setRestartPolicy", containerId, host, policy: "no", reason });
  }
  if (!isRestless(container, input.now)) return NOTHING;
  const reason = `the engine has restarted it ${container.restartCount} times in the last 10 minutes`;
  return doing({ kind: "setRestartPolicy", containerId, host, policy: "no", reason });
}

function restlessUntil({ input }: Scene, container: ObservedContainer, config: GroupConfig): Step {
  const waits =
    mayRestartItself(config) && container.restartPolicy !== "unless-stopped" && isRestless(container, input.now);
  return waits && container.startedAt !== undefined ? waitingUntil(container.startedAt + RESTLESS_FOR) : NOTHING;
}

/** Not for an old one: the failures may be those of its successor. */
function forgive({ input }: Scene, { intent, outdated }: Member): Step {
  const record = input.slots.slots[intent.slot];
  if (outdated || record === undefined || (record.failures === 0 && record.attention === undefined)) return NOTHING;
  return doing({ kind: "forgiveSlot", slot: intent.slot, reason: `slot ${intent.slot} is stable` });
}

function mayRestartItself(config: GroupConfig): boolean {
  const always = (config.restart ?? DEFAULTS.restart) === "always";
  return always && !(config.lost?.atMostOnce ?? DEFAULTS.lost.atMostOnce);
}

function isRestless({ restartCount, startedAt }: ObservedContainer, now: Instant): boolean {
  return restartCount >= RESTLESS_RESTARTS && startedAt !== undefined && now - startedAt < RESTLESS_FOR;
}

function notReadyStep({ input }: Scene, { intent, info, container }: Member): Step {
  if (info?.since === undefined) return NOTHING;
  const noticedAt = info.since + PATIENCE;
  if (noticedAt > input.now) return waitingUntil(noticedAt);
  const { slot, host, name } = intent;
  const isOnProbation = container?.checked?.passingSince !== undefined;
  const fails = isOnProbation ? "its checks failed, and have not passed for long enough since" : "its checks fail";
  const why = info.state === "unhealthy" ? fails : "its checks have not passed yet";
  const saw = container?.fault === undefined ? "" : `: ${container.fault.text}`;
  return noticing({ reason: "CONTAINER_UNHEALTHY", slot, host, text: `${name} runs and is not ready: ${why}${saw}` });
}

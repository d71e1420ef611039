// Containers that ended or vanished by themselves: told, noted, removed, and counted against the slot's back-off. Every
// step can be told from what is stored before the next one destroys its evidence.

import type { Failure } from "../model/action.js";
import type { ObservedContainer } from "../model/container.js";
import { DEFAULTS } from "../model/defaults.js";
import type { GroupConfig } from "../model/group.js";
import { type Instant, type Milliseconds, SECOND } from "../model/instant.js";
import { noticedSince } from "./attention.js";
import { slotDelay } from "./backoff.js";
import { publishStep } from "./publish.js";
import type { Member, Scene } from "./scene.js";
import { doing, NOTHING, type Notice, noticing, type Step, together, waitingUntil } from "./step.js";

/** A container that the engine restarts shows as exited for a moment. */
const ENGINE_RESTART_PAUSE: Milliseconds = 2 * SECOND;

/** Ended by itself, and still on the engine. */
export function endedStep(scene: Scene, member: Member, container: ObservedContainer, config: GroupConfig): Step {
  const wellEnded = container.exitCode === 0;
  const notice = exitNotice(member, container);
  const reason = notice.text;
  if (restsAtEnd(config, wellEnded)) {
    const told = publishStep(scene, member, { state: wellEnded ? "stopped" : "failed", reason }) ?? NOTHING;
    return wellEnded ? told : together(noticing(notice), told);
  }
  const restartedBy = engineRestartsUntil(container, scene.input.now);
  if (restartedBy !== undefined) return waitingUntil(restartedBy);
  const told = publishStep(scene, member, { state: "failed", reason });
  if (told !== undefined) return together(noticing(notice), told);
  if (noticedSince(scene, notice) === undefined) return noticing(notice);
  const remove = { kind: "remove", intent: member.intent, containerId: container.id, reason } as const;
  return together(noticing(notice), doing(remove));
}

/** The engine is just removing it: what is stored of its end is not known from anywhere else any more. */
export function vanishingStep(scene: Scene, member: Member): Step {
  const notice = storedExit(scene, member);
  return notice === undefined ? NOTHING : noticing(notice);
}

/** No more on the engine: removed by us after its failure was stored, or taken away by another hand. */
export function goneStep(scene: Scene, member: Member, config: GroupConfig): Step {
  const { intent, info } = member;
  const notice = storedExit(scene, member);
  const kept = notice === undefined ? NOTHING : noticing(notice);
  if (info?.state === "stopped" || info?.state === "failed") {
    if (restsAtEnd(config, info.state === "stopped")) return kept;
    const text = notice?.text ?? `${intent.name} ended by itself`;
    const failure = countedFailure(scene, member, text);
    return together(kept, doing({ kind: "release", intent, failure, reason: text }));
  }
  const reason = `${intent.name} vanished from ${intent.host}`;
  const failures = scene.input.slots.slots[intent.slot]?.failures ?? 0;
  // The first one that had been ready is nobody's fault; one that never got ready would be made again without pause.
  if (failures === 0 && info?.state !== "starting") return doing({ kind: "release", intent, reason });
  return doing({ kind: "release", intent, failure: countedFailure(scene, member, reason), reason });
}

/** Whether this end is what the group asked for. */
function restsAtEnd(config: GroupConfig, wellEnded: boolean): boolean {
  switch (config.restart ?? DEFAULTS.restart) {
    case "always":
      return false;
    case "on-failure":
      return wellEnded;
    case "never":
      return true;
  }
}

function engineRestartsUntil(container: ObservedContainer, now: Instant): Instant | undefined {
  const { restartPolicy, finishedAt } = container;
  if (restartPolicy === "no" || finishedAt === undefined || finishedAt > now) return undefined;
  return finishedAt + ENGINE_RESTART_PAUSE > now ? finishedAt + ENGINE_RESTART_PAUSE : undefined;
}

function countedFailure(scene: Scene, { intent }: Member, text: string): Failure {
  const { now, slots } = scene.input;
  const failures = (slots.slots[intent.slot]?.failures ?? 0) + 1;
  const retryAt = now + slotDelay(failures);
  const { slot, host } = intent;
  return { counts: true, attention: { reason: "CONTAINER_EXITED", text, slot, host, since: now, retryAt } };
}

function exitNotice({ intent }: Member, container: ObservedContainer): Notice {
  const { slot, host, name } = intent;
  return { reason: "CONTAINER_EXITED", slot, host, text: `${name} ${exitText(container)}` };
}

/** What became of it by itself, to stand behind its name. */
export function exitText({ outOfMemory, exitCode }: Pick<ObservedContainer, "outOfMemory" | "exitCode">): string {
  if (outOfMemory) return `was out of memory and was killed (exit code ${exitCode ?? "unknown"})`;
  return exitCode === undefined ? "ended by itself" : `ended by itself with exit code ${exitCode}`;
}

function storedExit(scene: Scene, { intent }: Member): Notice | undefined {
  return scene.input.slots.attention.find(
    ({ reason, slot, text }) =>
      reason === "CONTAINER_EXITED" && slot === intent.slot && text.startsWith(`${intent.name} `),
  );
}

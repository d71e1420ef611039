// Whether a running container is starting, ready or unhealthy: contracts.md 5. Knows nothing of what is stored, but the
// info that is told of the container now.

import {
  type ContainerInfo,
  type ContainerState,
  type ObservedContainer,
  wasStartedSince,
} from "../model/container.js";
import type { Readiness } from "../model/defaults.js";
import { type Instant, SECOND } from "../model/instant.js";

/** A container without ports and checks is ready once it has run that long. */
const PROVEN_BY_RUNNING = 1 * SECOND;
/** One whose checks failed comes back when they have passed for so long; where that happens again and again, for so long. */
const PROBATION = 10 * SECOND;
const LONG_PROBATION = 30 * SECOND;

export type LiveState = {
  readonly state: Extract<ContainerState, "starting" | "ready" | "unhealthy">;
  /** When time alone changes it. */
  readonly changesAt?: Instant;
};

/** Of a container that the engine runs; `told` is its own info, if it has one. */
export function liveState(
  container: ObservedContainer,
  told: ContainerInfo | undefined,
  readiness: Readiness,
  now: Instant,
): LiveState {
  if (container.status === "restarting") return { state: "starting" };
  const live = byReadiness(container, told, readiness, now);
  const onProbation = live.state === "ready" && told?.state === "unhealthy" ? probationEnd(container) : now;
  return onProbation > now ? { state: "unhealthy", changesAt: onProbation } : live;
}

/** However hasty its checks are, clients are not told of it more often than that: it leaves at once, and comes back late. */
function probationEnd({ checked }: ObservedContainer): Instant {
  if (checked?.passingSince === undefined || checked.failures === 0) return Number.NEGATIVE_INFINITY;
  return checked.passingSince + (checked.failures > 1 ? LONG_PROBATION : PROBATION);
}

function byReadiness(
  container: ObservedContainer,
  told: ContainerInfo | undefined,
  readiness: Readiness,
  now: Instant,
): LiveState {
  switch (readiness.kind) {
    case "none":
      return { state: "ready" };
    case "running":
      return provenByRunning(container, told, now);
    case "docker":
      return byDocker(container, told, now);
    case "probe":
      return byProbe(container, told);
  }
}

/** Engine clocks may differ from ours: a start that has not come yet by our clock is not used. */
function provenByRunning(container: ObservedContainer, told: ContainerInfo | undefined, now: Instant): LiveState {
  const begins = [container.startedAt, told?.state === "starting" ? told.since : undefined].filter(
    (time) => time !== undefined && time <= now,
  );
  const provenAt = Math.max(...begins.map((time) => time ?? 0), Number.NEGATIVE_INFINITY) + PROVEN_BY_RUNNING;
  return provenAt <= now ? { state: "ready" } : { state: "starting", changesAt: provenAt };
}

function byDocker(container: ObservedContainer, told: ContainerInfo | undefined, now: Instant): LiveState {
  switch (container.health) {
    case "healthy":
      return { state: "ready" };
    case "unhealthy":
      return { state: "unhealthy" };
    case "starting":
      return { state: "starting" };
    case "none":
      return provenByRunning(container, told, now);
  }
}

/** Until the prober has found out for itself, what is told stands, unless the engine has restarted it since. */
function byProbe(container: ObservedContainer, told: ContainerInfo | undefined): LiveState {
  switch (container.verdict) {
    case "passing":
      return { state: "ready" };
    case "failing":
      return { state: "unhealthy" };
    case "untried":
      return { state: wasStartedSince(container.startedAt, told) ? "starting" : standingState(told) };
  }
}

function standingState(told: ContainerInfo | undefined): LiveState["state"] {
  return told?.state === "ready" || told?.state === "unhealthy" ? told.state : "starting";
}

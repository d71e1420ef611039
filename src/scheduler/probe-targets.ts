// Which running containers are probed, and at what. Pure.

import { type ContainerInfo, type Intent, wasStartedSince } from "../model/container.js";
import { type Readiness, readiness } from "../model/defaults.js";
import type { GroupConfig } from "../model/group.js";
import type { Instant } from "../model/instant.js";
import type { PlanInput } from "../model/plan.js";
import type { GroupRef } from "../model/reference.js";
import type { ProbeTarget } from "./prober.js";

/** Of a group as observed: everything that runs and is meant to. */
export function probeTargets(input: PlanInput): ProbeTarget[] {
  if (input.desired === undefined) return [];
  const { ref, uid, record } = input.desired;
  const ready = readiness(record.config, input.imageHasHealthcheck);
  return input.observed.flatMap(({ id, host, owner, status, startedAt }) => {
    const intent = input.intents.find(
      (one) => one.host === host && one.slot === owner.slot && one.generation === owner.generation,
    );
    const address = input.hosts.find(({ name }) => name === host)?.address;
    if (status !== "running" || owner.groupUid !== uid || address === undefined) return [];
    if (intent === undefined || intent.phase !== "running") return [];
    const wasReady = standsReady(input.infos.get(intent.name), startedAt);
    const running = { containerId: id, group: ref, startedAt, address, wasReady };
    return targetOf(ready, intent, running) ?? [];
  });
}

/** Told as ready, and not restarted since. */
function standsReady(info: ContainerInfo | undefined, startedAt: Instant | undefined): boolean {
  return info?.state === "ready" && !wasStartedSince(startedAt, info);
}

export type RunningContainer = Pick<ProbeTarget, "containerId" | "group" | "address" | "wasReady"> & {
  readonly startedAt: Instant | undefined;
};

/** Undefined where nothing is probed from outside: no such readiness, or none of its ports on this container. */
export function targetOf(ready: Readiness, intent: Intent, running: RunningContainer): ProbeTarget | undefined {
  if (ready.kind !== "probe") return undefined;
  const probes = ready.probes.flatMap((probed) => {
    const port = intent.hostPorts[probed.port];
    return port === undefined ? [] : [{ probed, port }];
  });
  return probes.length === 0 ? undefined : { ...running, name: intent.name, probes, pace: ready.pace };
}

/** Of one that is being launched, before any listing shows it. */
export function targetAtLaunch(
  config: GroupConfig,
  imageHasHealthcheck: boolean,
  launched: { intent: Intent; containerId: string; group: GroupRef; address: string },
): ProbeTarget | undefined {
  const { intent, containerId, group, address } = launched;
  const running = { containerId, group, address, startedAt: undefined, wasReady: false };
  return targetOf(readiness(config, imageHasHealthcheck), intent, running);
}

// What should be told of a container, from intent, engine, config and what is told now. Written only when it differs.

import type { ContainerInfo, ContainerState, PortMapping } from "../model/container.js";
import { DEFAULTS } from "../model/defaults.js";
import type { GroupConfig } from "../model/group.js";
import type { Group } from "../model/plan.js";
import { isSame } from "./compare.js";
import type { Member, Scene } from "./scene.js";
import { doing, type Step } from "./step.js";

/** Undefined when that is already told, or when nothing can be told: no config, or its host does not answer. */
export function publishStep(
  scene: Scene,
  member: Member,
  told: { readonly state: ContainerState; readonly reason: string },
): Step | undefined {
  const info = infoFor(scene, member, told.state);
  if (info === undefined || isTold(info, member.info)) return undefined;
  return doing({ kind: "publish", name: member.intent.name, info, reason: told.reason });
}

/** The whole info; since is kept while the state is. The start is the engine's, and what it was as long as the engine does not say. Keys that this version does not know are kept too. */
export function infoFor(scene: Scene, member: Member, state: ContainerState): ContainerInfo | undefined {
  const { desired, now } = scene.input;
  const { intent, info, host, container } = member;
  if (desired === undefined || host === undefined) return undefined;
  const config = desired.record.config;
  return {
    ...info,
    instanceName: intent.name,
    instanceHost: host.address,
    ...addresses(scene, member, config),
    state,
    labels: desired.ref.labels,
    host: intent.host,
    slot: intent.slot,
    generation: intent.generation,
    configRevision: toldRevision(scene, member, desired),
    origin: "managed",
    weight: config.weight ?? DEFAULTS.weight,
    since: info?.state === state ? (info.since ?? now) : now,
    ...(container?.startedAt === undefined ? {} : { startedAt: container.startedAt }),
  };
}

/** A container made from another config keeps its ports as they were told: only that config knew them. */
function addresses(
  scene: Scene,
  member: Member,
  config: GroupConfig,
): Pick<ContainerInfo, "instancePort" | "portMappings"> {
  const { info, intent } = member;
  if (info !== undefined && intent.fingerprint !== scene.fingerprint) {
    return { instancePort: info.instancePort, portMappings: info.portMappings };
  }
  const ports = config.ports ?? [];
  const mappings: Record<string, PortMapping> = {};
  for (const port of ports) {
    const external = intent.hostPorts[port.name];
    if (external !== undefined) {
      mappings[port.name] = { external, exposed: port.container, protocol: port.protocol ?? "tcp" };
    }
  }
  const first = ports[0]?.name;
  return {
    instancePort: first === undefined ? null : (intent.hostPorts[first] ?? null),
    portMappings: mappings,
  };
}

/** A config that makes the very same container is a new revision of it. */
function toldRevision(scene: Scene, member: Member, desired: Group): number {
  if (member.intent.fingerprint === scene.fingerprint && !member.outdated) return desired.record.configRevision;
  return member.info?.configRevision ?? member.intent.configRevision;
}

/** A start that was never noted comes with the next thing to tell; what an earlier version wrote is not written anew for it. */
function isTold(info: ContainerInfo, told: ContainerInfo | undefined): boolean {
  if (told === undefined) return false;
  const { since: _, startedAt, ...rest } = info;
  const { since: _told, startedAt: noted, ...known } = told;
  return isSame(rest, known) && (noted === undefined || noted === startedAt);
}

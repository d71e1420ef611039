// Volumes of groups: how they are named and mounted (pure), and how they come and go on the engine.

import type Docker from "dockerode";
import { TheseusError } from "../model/errors.js";
import type { Volume } from "../model/group.js";
import { SECOND } from "../model/instant.js";
import type { ContainerSpec, Mandate } from "../model/ports.js";
import { sha256 } from "../model/sha256.js";
import type { Engine } from "./engine.js";
import { refusedWith } from "./failure.js";
import { CLUSTER, GROUP_UID } from "./ownership.js";

export type NamedVolume = { readonly name: string; readonly labels: Readonly<Record<string, string>> };

type Named = Extract<Volume, { name: string }>;

const DEADLINE = 5 * SECOND;

/** One per cluster, group uid and name, and per slot unless the slots share it. */
function volumeName(spec: ContainerSpec, volume: Named): string {
  const { cluster, groupUid, slot } = spec.owner;
  const shared = `theseus-${sha256(cluster).slice(0, 6)}-${groupUid}-${volume.name}`;
  return volume.per === "group" ? shared : `${shared}-${slot}`;
}

export function namedVolumes(spec: ContainerSpec): readonly NamedVolume[] {
  const labels = { [CLUSTER]: spec.owner.cluster, [GROUP_UID]: spec.owner.groupUid };
  return (spec.config.volumes ?? [])
    .filter((volume) => "name" in volume)
    .map((volume) => ({ name: volumeName(spec, volume), labels }));
}

export function mounts(spec: ContainerSpec): Docker.MountSettings[] {
  return (spec.config.volumes ?? []).map((volume) => ({
    ...("name" in volume
      ? { Type: "volume" as const, Source: volumeName(spec, volume) }
      : { Type: "bind" as const, Source: volume.bind }),
    Target: volume.at,
    ReadOnly: volume.readOnly ?? false,
  }));
}

/** Creates the volume unless it is there. CONTAINER_REFUSED when the name is held by somebody else's. */
export async function ensureVolume(engine: Engine, volume: NamedVolume): Promise<void> {
  const found = await engine.call<{ Labels: Record<string, string> | null }>({
    method: "POST",
    path: "/volumes/create",
    body: { Name: volume.name, Labels: volume.labels },
    deadline: DEADLINE,
  });
  const ours = Object.entries(volume.labels).every(([label, value]) => found.Labels?.[label] === value);
  if (ours) return;
  throw new TheseusError("CONTAINER_REFUSED", {
    what: `volume ${volume.name.slice(0, 60)} on ${engine.host} belongs to somebody else`,
    why: [`${volume.name} is there without the labels of this group`],
    now: "no container was created and the volume was not touched",
    next: [`docker volume inspect ${volume.name}`],
    metadata: { volume: volume.name, host: engine.host },
  });
}

/**
 * Removes every volume with these two labels; one that is gone already is fine, one in use is CONTAINER_REFUSED. CANCELLED
 * at the end of the mandate, when some may be left.
 */
export async function removeVolumes(
  engine: Engine,
  { cluster, groupUid }: { readonly cluster: string; readonly groupUid: string },
  mandate?: Mandate,
): Promise<void> {
  const label = [`${CLUSTER}=${cluster}`, `${GROUP_UID}=${groupUid}`];
  const found = await engine.call<{ Volumes: { Name: string }[] | null }>({
    method: "GET",
    path: "/volumes",
    query: { filters: JSON.stringify({ label }) },
    deadline: DEADLINE,
  });
  for (const { Name } of found.Volumes ?? []) {
    const path = `/volumes/${encodeURIComponent(Name)}`;
    mandate?.assertMayAct();
    await engine.call({ method: "DELETE", path, deadline: DEADLINE }).catch((error: unknown) => {
      if (!refusedWith(error, 404)) throw error;
    });
  }
}

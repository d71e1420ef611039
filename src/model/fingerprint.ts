// What a container is made of, contracts.md 3. Two containers with the same fingerprint need no replacing.

import type { GroupConfig, HealthCheck, Pin } from "./group.js";
import { sha256 } from "./sha256.js";

/** Raised only when the same config has to give another fingerprint; a raise replaces every container everywhere. */
const ALGORITHM = "1";

/**
 * Over the asked and pinned image and what the user set, absent staying absent, so that new keys with defaults change
 * nothing. Instances, placement, update policy, outside probes and weight are left out on purpose.
 */
export function fingerprint(config: GroupConfig, pin: Pin): string {
  const known = latest.get(config);
  if (known?.pin.asked === pin.asked && known.pin.pinned === pin.pinned) return known.text;
  const text = worked(config, pin);
  latest.set(config, { pin, text });
  return text;
}

/** Nobody changes a config in place, and each pass over a group asks again. */
const latest = new WeakMap<GroupConfig, { readonly pin: Pin; readonly text: string }>();

function worked(config: GroupConfig, pin: Pin): string {
  const parts = {
    image: pin.asked,
    pinned: pin.pinned,
    command: config.command,
    args: config.args,
    workdir: config.workdir,
    user: config.user,
    init: config.init,
    env: config.env,
    ports: config.ports,
    cpu: config.cpu,
    mem: config.mem,
    volumes: config.volumes,
    files: config.files,
    networks: config.networks,
    profile: config.profile,
    logging: config.logging,
    dockerLabels: config.dockerLabels,
    exec: execCheck(config.health),
    stopSignal: config.stop?.signal,
  };
  return `${ALGORITHM}-${sha256(canonical(parts)).slice(0, 32)}`;
}

/** The exec check is Docker's, so it is part of the container, with its pace. */
function execCheck(health: HealthCheck | undefined): HealthCheck | undefined {
  return health?.check.kind === "exec" ? health : undefined;
}

/** JSON with sorted keys and without absent ones. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value)
    .filter(([, v]) => v !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`).join(",")}}`;
}

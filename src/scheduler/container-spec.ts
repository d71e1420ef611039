// From an intent to what the engine is asked to create, with the injected environment of contracts.md 4. Pure.

import type { Intent } from "../model/container.js";
import type { GroupConfig } from "../model/group.js";
import type { ContainerSpec } from "../model/ports.js";
import type { GroupRef } from "../model/reference.js";
import type { ConfigTexts } from "../model/store.js";

export type SpecInput = {
  readonly clusterId: string;
  readonly group: GroupRef;
  readonly groupUid: string;
  readonly intent: Intent;
  readonly config: GroupConfig;
  /** The pinned image. */
  readonly image: string;
  /** Of the host: where its published ports are reached. */
  readonly address: string;
  /** Where the discovery of each server is reached from containers. */
  readonly discoveryServers: readonly string[];
  readonly configs: Pick<ConfigTexts, "write">;
};

/** A listing gives every container's labels each time: a longer config would make it too long for an engine. */
const LONGEST_CONFIG = 16 * 1024;

/** The same input gives the same container, so that a retry is recognised. */
export function containerSpec(input: SpecInput): ContainerSpec {
  const { intent, group } = input;
  const configText = input.configs.write(input.config);
  return {
    name: intent.name,
    hostname: intent.name,
    image: input.image,
    owner: {
      cluster: input.clusterId,
      group,
      groupUid: input.groupUid,
      slot: intent.slot,
      generation: intent.generation,
      configRevision: intent.configRevision,
      fingerprint: intent.fingerprint,
    },
    config: input.config,
    address: input.address,
    hostPorts: intent.hostPorts,
    env: injectedEnvironment(input),
    ...(configText.length > LONGEST_CONFIG ? {} : { configText }),
  };
}

function injectedEnvironment(input: SpecInput): Record<string, string> {
  const { group, intent, config } = input;
  const env: Record<string, string> = {
    SERVICE_NAME: group.service,
    GROUP_LABELS: group.labels.join(","),
    CONTAINER_NAME: intent.name,
    NAMESPACE: group.namespace,
    CONTAINER_HOST_ADDRESS: input.address,
    THESEUS_SERVER: [...input.discoveryServers].sort().join(","),
  };
  for (const port of config.ports ?? []) {
    const suffix = port.name.toUpperCase().replaceAll("-", "_");
    const hostPort = intent.hostPorts[port.name];
    if (hostPort !== undefined) env[`PORT_${suffix}`] = String(hostPort);
    env[`EXPOSED_PORT_${suffix}`] = String(port.container);
  }
  return env;
}

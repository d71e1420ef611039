// Groups, containers and endpoints as messages, for tests of the command line.

import { Container, ContainerState, Origin } from "../../clients/gen/theseus/v1/container.js";
import { Endpoint } from "../../clients/gen/theseus/v1/discovery_service.js";
import type { ErrorReason } from "../../clients/gen/theseus/v1/error_reason.js";
import { Group, GroupState } from "../../clients/gen/theseus/v1/group.js";
import type { GroupRef } from "../../clients/gen/theseus/v1/reference.js";

export const CHANGED = new Date("2026-01-02T03:04:05Z");

export interface GroupFacts {
  readonly state?: GroupState;
  readonly wanted?: number;
  readonly ready?: number;
  readonly rev?: number;
  readonly image?: string;
  readonly attention?: readonly { readonly reason: ErrorReason; readonly text: string; readonly slot?: number }[];
}

/** "web/dev" in namespace default. */
export function refOf(text: string, namespace = "default"): GroupRef {
  const [service = "", labels = "-"] = text.split("/");
  return { namespace, service, labels: labels === "-" ? [] : labels.split(",") };
}

/** Steady unless said otherwise. */
export function groupOf(text: string, facts: GroupFacts = {}): Group {
  const { state = GroupState.STEADY, wanted = 2, ready = wanted, rev = 1, image = "web:1", attention = [] } = facts;
  return Group.fromPartial({
    ref: refOf(text),
    uid: "u1",
    config: {
      image,
      instances: wanted,
      env: { LOG_LEVEL: "info" },
      ports: [{ name: "http", container: 8080 }],
      memBytes: 64n << 20n,
    },
    status: {
      state,
      wanted,
      ready,
      attention: attention.map((one) => ({ ...one, sinceTime: new Date(CHANGED.getTime() + 1000) })),
    },
    configRevision: BigInt(rev),
    revision: 100n,
    createTime: CHANGED,
    lastChange: { actor: "ana@desk", command: "theseus apply", message: "why not", time: CHANGED },
    pinnedImage: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
  });
}

export function containerOf(text: string, slot: number, state = ContainerState.READY): Container {
  return Container.fromPartial({
    group: refOf(text),
    name: `${text.replaceAll(/[/,]/g, ".")}.${slot}.1-abcdef`,
    slot,
    generation: 1n,
    configRevision: 1n,
    state,
    origin: Origin.MANAGED,
    host: "local",
    address: "172.17.0.1",
    port: 20_000 + slot,
    ports: [{ name: "http", external: 20_000 + slot, exposed: 8080, protocol: 1 }],
    sinceTime: CHANGED,
    revision: 90n,
    phase: "running",
  });
}

export function endpointOf(text: string, slot: number, ready = true): Endpoint {
  const container = containerOf(text, slot, ready ? ContainerState.READY : ContainerState.STARTING);
  return Endpoint.fromPartial({
    container,
    address: container.address,
    port: container.port,
    portName: "http",
    ready,
    serving: ready,
  });
}

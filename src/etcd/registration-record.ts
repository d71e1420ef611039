// What is stored of one registration, and what it becomes by what its holder asks. Pure but for the one read.

import type { ContainerInfo } from "../model/container.js";
import type { Instant } from "../model/instant.js";
import { DEFAULT_NAMESPACE } from "../model/names.js";
import type { EtcdWire, KeyValue } from "../model/ports.js";
import type { ContainerRef } from "../model/reference.js";
import type { Holder, NamedPorts, Registration, RegistrationChange } from "../model/registration.js";
import type { Versioned } from "../model/store.js";
import { infoCodec } from "./container-codec.js";
import { configKey, containerKey, heartbeatKey, holderKey, infoKey, namespaceKey } from "./keys.js";
import { readKeys } from "./ranges.js";
import { holderCodec } from "./record-codec.js";
import { containerHeld, containerTaken, noSuchContainer } from "./refusals.js";
import { mustRead, readStored } from "./stored.js";

/** Everything about one name, at one revision. */
export type Found = {
  readonly holder: Versioned<Holder> | undefined;
  /** The record as it is stored, whoever wrote it. */
  readonly infoKv: KeyValue | undefined;
  /** The record, if it is one of a registration. */
  readonly info: Versioned<ContainerInfo> | undefined;
  readonly intent: KeyValue | undefined;
  readonly config: KeyValue | undefined;
  readonly hasNamespace: boolean;
  /** Of the heartbeat; 0n: there is none, or it is void. */
  readonly lease: bigint;
  readonly revision: bigint;
};

/** A name that nobody has, in a namespace that is there and a group without a config: as most registrations find it. */
export const NOBODY: Found = {
  holder: undefined,
  infoKv: undefined,
  info: undefined,
  intent: undefined,
  config: undefined,
  hasNamespace: true,
  lease: 0n,
  revision: 0n,
};

/** What is to be stored. */
export type Next = {
  readonly holder: Holder;
  readonly info: ContainerInfo;
  /** Of which unknown fields stay. */
  readonly former: Versioned<ContainerInfo> | undefined;
  /** Something in it is other than what is stored. */
  readonly isNew: boolean;
};

export type Held = { readonly holder: Versioned<Holder>; readonly info: Versioned<ContainerInfo> };

const TOLD = 12;

export async function readFound(wire: EtcdWire, container: ContainerRef): Promise<Found> {
  const namespace = container.namespace === DEFAULT_NAMESPACE ? [] : [namespaceKey(container.namespace)];
  const [own, info, intent] = [holderKey(container), infoKey(container), containerKey(container)];
  const heartbeat = heartbeatKey(container);
  const keys = [own, info, intent, heartbeat, configKey(container), ...namespace];
  const { values, revision } = await readKeys(wire, keys);
  const holder = values.get(own);
  const infoKv = values.get(info);
  return {
    holder: holder === undefined ? undefined : mustRead(holderCodec, holder),
    infoKv,
    info: infoKv === undefined ? undefined : registeredInfo(infoKv),
    intent: values.get(intent),
    config: values.get(configKey(container)),
    hasNamespace: namespace.every((key) => values.has(key)),
    lease: values.get(heartbeat)?.lease ?? 0n,
    revision,
  };
}

/** Undefined: another hand has written it. */
export function registeredInfo(kv: KeyValue): Versioned<ContainerInfo> | undefined {
  const read = readStored(infoCodec, kv);
  return "problem" in read || read.value.origin !== "registered" ? undefined : read;
}

/** NO_SUCH_CONTAINER, CONTAINER_EXISTS */
export function requireHolder(container: ContainerRef, id: string, found: Found): Held;
export function requireHolder(
  container: ContainerRef,
  id: string,
  found: Found,
  or: "or without its record",
): Pick<Held, "holder"> & Partial<Pick<Held, "info">>;
export function requireHolder(container: ContainerRef, id: string, { holder, info, infoKv }: Found, or?: string) {
  if (holder === undefined) throw noSuchContainer(container);
  if (holder.value.id !== id) throw containerHeld(container, holder.value, holder.value.id.slice(0, TOLD));
  if (info !== undefined) return { holder, info };
  if (or !== undefined) return { holder };
  throw infoKv === undefined ? noSuchContainer(container) : containerTaken(container, OTHER_HAND);
}

const OTHER_HAND = "a record that another hand has written";

/** CONTAINER_EXISTS: the name is another's, who is not known to be lost. */
export function registered(
  asked: Registration,
  { container, id }: { readonly container: ContainerRef; readonly id: string },
  found: Found,
  now: Instant,
): Next {
  const { holder, info, infoKv } = found;
  const isOurs = holder?.value.id === id;
  if (infoKv !== undefined && (info === undefined || holder === undefined)) {
    throw containerTaken(container, OTHER_HAND);
  }
  if (holder !== undefined && !isOurs && holder.value.standing !== "lost") {
    throw containerHeld(container, holder.value, holder.value.id.slice(0, TOLD));
  }
  const former = isOurs ? info : undefined;
  const stays = former?.value.state === asked.state;
  const nextHolder: Holder = {
    id,
    ...(asked.host === undefined ? {} : { host: asked.host }),
    since: isOurs ? holder.value.since : now,
    ttlSeconds: asked.ttl / 1000,
    state: asked.state,
    standing: "kept",
  };
  const nextInfo: ContainerInfo = {
    instanceName: container.name,
    instanceHost: asked.address,
    ...portsOf(asked.ports),
    state: asked.state,
    labels: container.labels,
    ...(asked.host === undefined ? {} : { host: asked.host }),
    origin: "registered",
    ...(asked.weight === undefined ? {} : { weight: asked.weight }),
    since: stays ? (former.value.since ?? now) : now,
  };
  return next(found, { holder: nextHolder, info: nextInfo, former });
}

/** A renewal too: it brings back what was lost meanwhile. */
export function changed({ holder, info }: Held, change: RegistrationChange, now: Instant): Next {
  const state = change.state ?? holder.value.state;
  const { ports, weight } = change;
  const { lostAt: _, ...present } = holder.value;
  return next(
    { holder, info },
    {
      holder: { ...present, state, standing: "kept" },
      info: {
        ...info.value,
        ...(ports === undefined ? {} : portsOf(ports)),
        ...(weight === undefined ? {} : { weight }),
        state,
        ...(state === info.value.state ? {} : { since: now }),
      },
      former: info,
    },
  );
}

function next({ holder, info }: Pick<Found, "holder" | "info">, to: Omit<Next, "isNew">): Next {
  const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
  const isNew = holder === undefined || !isSame(holder.value, to.holder) || !isSame(info?.value, to.info);
  return { ...to, isNew };
}

/** The fields of a record in one order; the order of its ports means something. */
function sorted(value: unknown): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    : value;
}

function portsOf(ports: NamedPorts): Pick<ContainerInfo, "instancePort" | "portMappings"> {
  return { instancePort: Object.values(ports)[0]?.external ?? null, portMappings: ports };
}

// Containers and endpoints as the proto tells them.

import type {
  Container,
  Drain as ProtoDrain,
  PortMapping as ProtoMapping,
} from "../../clients/gen/theseus/v1/container.js";
import type { Endpoint } from "../../clients/gen/theseus/v1/discovery_service.js";
import type { GroupRef as ProtoGroupRef } from "../../clients/gen/theseus/v1/reference.js";
import type { ContainerEntry, GroupEntry } from "../model/catalog.js";
import type { ContainerInfo, PortMapping } from "../model/container.js";
import { type Drain, unansweredOf } from "../model/drain.js";
import type { GroupRef } from "../model/reference.js";
import { toDate } from "./convert-time.js";
import { CONTAINER_STATE, ORIGIN, PROTOCOL } from "./convert-words.js";
import { type Serving, servingOf } from "./serving.js";

/** Of an endpoint whose record says nothing. */
const FULL_WEIGHT = 100;

export function fromGroupRef({ namespace, service, labels }: GroupRef): ProtoGroupRef {
  return { namespace, service, labels: [...labels] };
}

/** @param drain its own, where it leaves. */
export function fromContainer(entry: ContainerEntry, group: GroupEntry, drain: Drain | undefined): Container {
  const container = containerOf(entry, group, servingOf(entry, group));
  return drain === undefined ? container : { ...container, drain: fromDrain(drain) };
}

function fromDrain(drain: Drain): ProtoDrain {
  const { asked, ackDeadline } = drain.record;
  return {
    askedTime: toDate(asked),
    deadlineTime: toDate(asked + ackDeadline),
    servers: unansweredOf(drain).map(({ server, awaits = [] }) => ({ serverId: server, watchers: [...awaits] })),
  };
}

function containerOf(entry: ContainerEntry, group: GroupEntry, served: Serving): Container {
  const { intent, info, ref } = entry;
  return {
    group: fromGroupRef(group.ref),
    name: ref.name,
    slot: intent?.slot ?? info?.slot ?? 0,
    generation: BigInt(intent?.generation ?? info?.generation ?? 0),
    configRevision: BigInt(intent?.configRevision ?? info?.configRevision ?? 0),
    state: CONTAINER_STATE[served.state],
    origin: ORIGIN[served.origin],
    host: intent?.host ?? info?.host ?? "",
    address: info?.instanceHost ?? "",
    port: info?.instancePort ?? 0,
    ports: Object.entries(info?.portMappings ?? {}).map(fromMapping),
    weight: info?.weight,
    sinceTime: toDate(info?.since),
    revision: entry.modRevision,
    phase: intent?.phase ?? "",
    problem: served.problem,
    drain: undefined,
  };
}

function fromMapping([name, mapping]: [string, PortMapping]): ProtoMapping {
  return { name, external: mapping.external, exposed: mapping.exposed, protocol: PROTOCOL[mapping.protocol] };
}

/** Where the container answers on this named port, or on its first; undefined when it has no such port or is never served. */
export function endpointOf(entry: ContainerEntry, group: GroupEntry, portName: string): Endpoint | undefined {
  const { info } = entry;
  if (info === undefined) return undefined;
  const port = portName === "" ? firstPort(info) : namedPort(info, portName);
  if (port === undefined) return undefined;
  const served = servingOf(entry, group);
  if (served.barred) return undefined;
  return {
    // A record that is written again as it was is nothing to tell.
    container: { ...containerOf(entry, group, served), revision: 0n },
    address: info.instanceHost,
    port: port.number,
    portName: port.name,
    ready: served.ready,
    serving: served.serving,
    draining: served.draining,
    weight: info.weight ?? FULL_WEIGHT,
  };
}

type FoundPort = { readonly name: string; readonly number: number };

function firstPort(info: ContainerInfo): FoundPort {
  const number = info.instancePort ?? 0;
  const named = Object.entries(info.portMappings).find(([, mapping]) => mapping.external === number);
  return { name: named?.[0] ?? "", number };
}

function namedPort(info: ContainerInfo, name: string): FoundPort | undefined {
  const mapping = new Map(Object.entries(info.portMappings)).get(name);
  return mapping === undefined ? undefined : { name, number: mapping.external };
}

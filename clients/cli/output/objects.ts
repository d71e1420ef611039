// Messages of the wire as the JSON objects of the CLI: words for enums, strings for revisions, RFC 3339 times,
// nothing for what is not known.

import type { Container } from "../../gen/theseus/v1/container.js";
import type { Endpoint, Service } from "../../gen/theseus/v1/discovery_service.js";
import type { Attention, Group } from "../../gen/theseus/v1/group.js";
import type { Host } from "../../gen/theseus/v1/host.js";
import type { Namespace } from "../../gen/theseus/v1/namespace.js";
import type { GroupPlan, PlannedAction, PlannedImage, Refusal } from "../../gen/theseus/v1/plan.js";
import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import { DEFAULT_NAMESPACE } from "../names.js";
import { formatGroup } from "../references.js";
import { compact, configObject } from "./config-object.js";
import { drainObject } from "./drains.js";
import {
  actionWord,
  containerStateWord,
  groupStateWord,
  hostStateWord,
  orderWord,
  originWord,
  plannedKindWord,
  protocolWord,
  reasonCode,
} from "./words.js";

type Json = Record<string, unknown>;

const NO_REF: GroupRef = { namespace: "", service: "", labels: [] };

export function refOf({ ref }: { readonly ref: GroupRef | undefined }): GroupRef {
  return ref ?? NO_REF;
}

export function namespaceOf({ namespace }: { readonly namespace: string }): string {
  return namespace === "" ? DEFAULT_NAMESPACE : namespace;
}

/** "web/dev:3", or "web/dev and the name" for one that has no slot. */
export function containerName(container: Container): string {
  const group = formatGroup(container.group ?? NO_REF);
  return container.slot > 0 ? `${group}:${container.slot}` : `${group} ${container.name}`;
}

export function groupObject(group: Group): Json {
  const ref = refOf(group);
  return compact({
    ref: formatGroup(ref),
    namespace: namespaceOf(ref),
    service: ref.service,
    labels: [...ref.labels],
    uid: group.uid,
    configRevision: group.configRevision === 0n ? undefined : Number(group.configRevision),
    revision: String(group.revision),
    createdAt: group.createTime?.toISOString(),
    lastChange: changeObject(group),
    spec: group.config === undefined ? undefined : configObject(group.config, group.pinnedImage),
    status: statusObject(group),
  });
}

function changeObject({ lastChange }: Group): Json | undefined {
  if (lastChange === undefined) return undefined;
  const { actor, command, message, time } = lastChange;
  return compact({ actor, command, message, at: time?.toISOString() });
}

function statusObject({ status }: Group): Json | undefined {
  if (status === undefined) return undefined;
  const { state, wanted, ready, outdated, attention } = status;
  const given = wanted === undefined ? {} : { wanted };
  return { state: groupStateWord(state), ...given, ready, outdated, attention: attention.map(attentionObject) };
}

export function attentionObject(attention: Attention): Json {
  return compact({
    code: reasonCode(attention.reason),
    text: attention.text,
    slot: attention.slot === 0 ? undefined : attention.slot,
    host: attention.host,
    since: attention.sinceTime?.toISOString(),
    retryAt: attention.retryTime?.toISOString(),
  });
}

export function containerObject(container: Container): Json {
  const ref = container.group ?? NO_REF;
  return compact({
    ref: containerName(container),
    group: formatGroup(ref),
    namespace: namespaceOf(ref),
    service: ref.service,
    labels: [...ref.labels],
    name: container.name,
    slot: container.slot === 0 ? undefined : container.slot,
    generation: container.generation === 0n ? undefined : Number(container.generation),
    configRevision: container.configRevision === 0n ? undefined : Number(container.configRevision),
    state: containerStateWord(container.state),
    phase: container.phase,
    origin: originWord(container.origin),
    host: container.host,
    address: container.address,
    port: container.port === 0 ? undefined : container.port,
    ports: container.ports.map(({ name, external, exposed, protocol }) => ({
      name,
      external,
      exposed,
      protocol: protocolWord(protocol),
    })),
    weight: container.weight,
    since: container.sinceTime?.toISOString(),
    revision: container.revision === 0n ? undefined : String(container.revision),
    problem: container.problem,
    drain: drainObject(container),
  });
}

export function endpointObject(endpoint: Endpoint): Json {
  const { container, address, port, portName, ready, serving, draining, weight } = endpoint;
  const ref = container?.group ?? NO_REF;
  return compact({
    ref: formatGroup(ref),
    namespace: namespaceOf(ref),
    service: ref.service,
    labels: [...ref.labels],
    slot: container === undefined || container.slot === 0 ? undefined : container.slot,
    name: container?.name,
    host: container?.host,
    address,
    port: port === 0 ? undefined : port,
    portName,
    rev: container === undefined || container.configRevision === 0n ? undefined : Number(container.configRevision),
    state: container === undefined ? undefined : containerStateWord(container.state),
    origin: container === undefined ? undefined : originWord(container.origin),
    ready,
    serving,
    draining,
    weight,
  });
}

export function serviceObject(service: Service): Json {
  const { name, groups, wanted, ready, createTime } = service;
  return compact({
    namespace: namespaceOf(service),
    name,
    groups,
    wanted,
    ready,
    createdAt: createTime?.toISOString(),
  });
}

export function namespaceObject({ name, groups, createTime }: Namespace): Json {
  return compact({ name, groups, createdAt: createTime?.toISOString() });
}

export function hostObject(host: Host): Json {
  return compact({
    name: host.name,
    state: hostStateWord(host.state),
    address: host.address,
    engineId: host.engineId,
    engineVersion: host.engineVersion,
    labels: [...host.labels],
    cpu: { total: host.cpu, reserved: host.cpuReserved },
    mem: { total: Number(host.memBytes), reserved: Number(host.memBytesReserved) },
    containers: host.containers,
    lastSeen: host.lastSeenTime?.toISOString(),
    problem: host.problem,
  });
}

/** One of the "changes" of a Plan. */
export function planObject(plan: GroupPlan): Json {
  const ref = refOf(plan);
  return {
    ref: formatGroup(ref),
    namespace: namespaceOf(ref),
    action: actionWord(plan.action),
    fromRev: Number(plan.fromRevision),
    toRev: Number(plan.toRevision),
    fields: plan.fields.map(({ path, from, to }) => compact({ path, from, to })),
    ...(plan.image === undefined ? {} : { image: imageObject(plan.image) }),
    effect: effectObject(plan),
    placements: plan.placements.map(({ slot, host }) => ({ slot, host })),
    actions: plan.actions.map(actionObject),
    unplaced: plan.refusals.map(refusalObject),
  };
}

function imageObject({ image, fromPinned, toPinned, problem }: PlannedImage): Json {
  return compact({ image, from: fromPinned, to: toPinned, problem });
}

/** How containers are replaced is told only where some are. */
function effectObject(plan: GroupPlan): Json {
  const { replaced, created, stopped, batches, minReady, maxParallel, whyNotStartFirst } = plan;
  const order = orderWord(plan.order);
  const how = order === undefined ? {} : compact({ order, whyNotStartFirst, batches, maxParallel, minReady });
  return { replaced, created, stopped, ...how };
}

function actionObject({ slot, kind, fromHost, toHost, batch }: PlannedAction): Json {
  return compact({ slot, kind: plannedKindWord(kind), from: fromHost, to: toHost, batch });
}

function refusalObject({ slot, hosts }: Refusal): Json {
  return { slot, hosts: hosts.map(({ host, reason, text }) => ({ host, reason: reasonCode(reason), text })) };
}

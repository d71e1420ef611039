// The one builder of keys and the one parser of them, contracts.md 2. Builders throw BAD_NAME or BAD_LABEL, so that
// nothing that is not a name ever reaches the store, and no input leaves its subtree. Every prefix ends in "/".

import { TheseusError } from "../model/errors.js";
import { encodeLabels, type LabelSet } from "../model/labels.js";
import {
  DEFAULT_NAMESPACE,
  isContainerName,
  isLabel,
  isNamespaceName,
  isServiceName,
  labelComplaint,
  MAX_LABELS,
} from "../model/names.js";
import type { KeyRange } from "../model/ports.js";
import type { ContainerRef, GroupRef, ServiceRef } from "../model/reference.js";

export const CLUSTER_KEY = "/theseus/cluster";
export const DRAINS_PREFIX = "/theseus/drains/";
export const LEADER_KEY = "/theseus/leader";
export const EPOCHS_PREFIX = "/theseus/epochs/";
export const EVENTS_PREFIX = "/theseus/events/";
export const EVIDENCE_PREFIX = "/theseus/evidence/";
export const HEARTBEATS_PREFIX = "/theseus/heartbeats/";
export const HISTORY_PREFIX = "/theseus/history/";
/** Outside of what the leader watches: a registration concerns no group. */
export const HOLDERS_PREFIX = "/theseus/holders/";
export const HOSTS_PREFIX = "/theseus/hosts/";
export const RECOVERY_KEY = "/theseus/recovery";
export const REQUESTS_PREFIX = "/theseus/requests/";
export const ROLLOUTS_PREFIX = "/theseus/rollouts/";
/** Beside the servers, without leases: who has not signed off. */
export const ROSTER_PREFIX = "/theseus/roster/";
export const SERVERS_PREFIX = "/theseus/servers/";
export const SLOTS_PREFIX = "/theseus/slots/";
export const NAMESPACES_PREFIX = "/namespaces/";
const SERVICES_PREFIX = "/services/";
/** As many digits as the largest config revision has, so that keys are in the order of the revisions. */
const REVISION_DIGITS = 16;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** What the catalog mirrors: namespaces, services, cluster, drains and epochs in one order. */
export const CATALOG_RANGE: KeyRange = { key: NAMESPACES_PREFIX, end: "/theseus/epochs0" };
/** Every namespace with every service, group and container. */
export const GROUPS_RANGE: KeyRange = { key: NAMESPACES_PREFIX, end: "/services0" };
export const EPOCHS_RANGE = below(EPOCHS_PREFIX);

/** Everything below a prefix that ends in "/". */
export function below(prefix: string): Required<KeyRange> {
  return { key: prefix, end: `${prefix.slice(0, -1)}0` };
}

/** The first key after this one: [after(k), x) leaves k itself out. */
export const after = (key: string): string => `${key}\0`;

export function namespaceKey(name: string): string {
  if (!isNamespaceName(name)) throw badName("namespace", name);
  if (name === DEFAULT_NAMESPACE) throw badName("stored namespace", name);
  return `${NAMESPACES_PREFIX}${name}`;
}

/** Where the services of a namespace are. */
export function servicesPrefix(namespace: string): string {
  return namespace === DEFAULT_NAMESPACE ? SERVICES_PREFIX : `${namespaceKey(namespace)}/services/`;
}

export function serviceKey(ref: ServiceRef): string {
  if (!isServiceName(ref.service)) throw badName("service", ref.service);
  return servicesPrefix(ref.namespace) + ref.service;
}

export function groupKey(ref: GroupRef): string {
  return `${serviceKey(ref)}/${labelsSegment(ref.labels)}`;
}

export const configKey = (ref: GroupRef): string => `${groupKey(ref)}/config`;
export const containersPrefix = (ref: GroupRef): string => `${groupKey(ref)}/containers/`;

/** The intent of a container. */
export function containerKey(ref: ContainerRef): string {
  if (!isContainerName(ref.name)) throw badName("container", ref.name);
  return containersPrefix(ref) + ref.name;
}

export const infoKey = (ref: ContainerRef): string => `${containerKey(ref)}/info`;

/** Who holds a registration: lives as long as the record. */
export const holderKey = (ref: ContainerRef): string => HOLDERS_PREFIX + containerSegments(ref);
/** Under a lease: the holder lives. */
export const heartbeatKey = (ref: ContainerRef): string => HEARTBEATS_PREFIX + containerSegments(ref);

/** A container leaves; the answers of the servers lie below it. */
export const drainKey = (ref: ContainerRef): string => DRAINS_PREFIX + containerSegments(ref);
/** What one server says of a drain. */
export const drainAnswerKey = (ref: ContainerRef, serverId: string): string => `${drainKey(ref)}/${segment(serverId)}`;
/** Where the drains of a group are. */
export function drainsPrefix(ref: GroupRef): string {
  groupKey(ref);
  return `${DRAINS_PREFIX}${[ref.namespace, ref.service, encodeLabels(ref.labels)].map(segment).join("/")}/`;
}

/** The names are those of containerKey, which checks them. */
function containerSegments(ref: ContainerRef): string {
  containerKey(ref);
  const { namespace, service, labels, name } = ref;
  return [namespace, service, encodeLabels(labels), name].map(segment).join("/");
}

export const hostKey = (name: string): string => HOSTS_PREFIX + segment(name);
export const epochKey = (id: string): string => EPOCHS_PREFIX + segment(id);
export const serverKey = (id: string): string => SERVERS_PREFIX + segment(id);
export const rosterKey = (id: string): string => ROSTER_PREFIX + segment(id);
export const slotsKey = (namespace: string, groupUid: string): string =>
  `${SLOTS_PREFIX}${segment(namespace)}/${segment(groupUid)}`;
/** All rollouts that are kept of a group. */
export const rolloutsKey = (namespace: string, groupUid: string): string =>
  `${ROLLOUTS_PREFIX}${segment(namespace)}/${segment(groupUid)}`;
export const requestKey = (namespace: string, id: string): string =>
  `${REQUESTS_PREFIX}${segment(namespace)}/${segment(id)}`;

/** Where the configs of a group are, oldest first. */
export const historyPrefix = (namespace: string, groupUid: string): string =>
  `${HISTORY_PREFIX}${segment(namespace)}/${segment(groupUid)}/`;
export function historyKey(namespace: string, groupUid: string, configRevision: number): string {
  if (!isNumber(configRevision)) throw badName("config revision", String(configRevision));
  return historyPrefix(namespace, groupUid) + String(configRevision).padStart(REVISION_DIGITS, "0");
}

/** Where the evidence of a group is, by config revision. */
export const evidencePrefix = (namespace: string, groupUid: string): string =>
  `${EVIDENCE_PREFIX}${segment(namespace)}/${segment(groupUid)}/`;
/** One key a container, whenever it is asked for. */
export function evidenceKey(
  namespace: string,
  groupUid: string,
  { configRevision, slot, container }: Omit<EvidenceKey, "kind" | "namespace" | "groupUid">,
): string {
  if (!isContainerName(container)) throw badName("container", container);
  if (!isNumber(configRevision)) throw badName("config revision", String(configRevision));
  if (!isNumber(slot)) throw badName("slot", String(slot));
  const revision = String(configRevision).padStart(REVISION_DIGITS, "0");
  return `${evidencePrefix(namespace, groupUid)}${revision}/${slot}/${segment(container)}`;
}

/** Of events that are about the whole cluster; no namespace has that name. */
const NO_NAMESPACE = "-";
/** As many digits as the latest time that a Date can have. */
const TIME_DIGITS = 16;

/** Where the events of a namespace are, oldest first; undefined: those about the whole cluster. */
export const eventsPrefix = (namespace: string | undefined): string =>
  `${EVENTS_PREFIX}${segment(namespace ?? NO_NAMESPACE)}/`;
/** Where they are from that time on. */
export const eventsSince = (namespace: string | undefined, since: number): string =>
  eventsPrefix(namespace) + timeSegment(since);
/** The events of one write. */
export function eventsKey(namespace: string | undefined, { at, count, id }: Pick<EventsKey, "at" | "count" | "id">) {
  return `${eventsPrefix(namespace)}${timeSegment(at)}-${count}-${segment(id)}`;
}

const timeSegment = (at: number): string => String(Math.max(0, Math.trunc(at))).padStart(TIME_DIGITS, "0");

const isNumber = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

export type ParsedKey =
  | { readonly kind: "cluster" | "leader" | "recovery" }
  | { readonly kind: "namespace"; readonly name: string }
  | { readonly kind: "service"; readonly ref: ServiceRef }
  | { readonly kind: "group" | "config"; readonly ref: GroupRef }
  | { readonly kind: "intent" | "info"; readonly ref: ContainerRef }
  | { readonly kind: "holder" | "heartbeat" | "drain"; readonly ref: ContainerRef }
  | { readonly kind: "drainAnswer"; readonly ref: ContainerRef; readonly serverId: string }
  | { readonly kind: "host" | "epoch" | "server" | "roster"; readonly id: string }
  | { readonly kind: "slots" | "rollouts" | "request"; readonly namespace: string; readonly id: string }
  | HistoryKey
  | EvidenceKey
  | EventsKey;
export type HistoryKey = {
  readonly kind: "history";
  readonly namespace: string;
  readonly groupUid: string;
  readonly configRevision: number;
};
export type EvidenceKey = Omit<HistoryKey, "kind"> & {
  readonly kind: "evidence";
  readonly slot: number;
  readonly container: string;
};

export type EventsKey = {
  readonly kind: "events";
  /** Undefined: they are about the whole cluster. */
  readonly namespace: string | undefined;
  readonly at: number;
  /** How many they are. */
  readonly count: number;
  readonly id: string;
};

function labelsSegment(labels: LabelSet): string {
  const bad = labels.find((label) => !isLabel(label));
  if (bad !== undefined) {
    throw new TheseusError("BAD_LABEL", {
      what: `${JSON.stringify(bad.slice(0, 63))} is not a valid label`,
      why: [labelComplaint(bad)],
      now: "nothing was changed",
    });
  }
  if (new Set(labels).size > MAX_LABELS) {
    throw new TheseusError("BAD_LABEL", {
      what: `a group has at most ${MAX_LABELS} labels`,
      why: [`${labels.length} were given`],
      now: "nothing was changed",
    });
  }
  return encodeLabels(labels);
}

/** Any text as one segment of a key; never empty, never with a "/". */
function segment(text: string): string {
  if (!isSegment(text)) throw badName("key", text);
  return encodeURIComponent(text);
}

/** False for text that no key of Theseus's own has in it. */
export const isSegment = (text: string): boolean => text !== "" && !LONE_SURROGATE.test(text);

function badName(what: string, name: string): TheseusError {
  return new TheseusError("BAD_NAME", {
    what: `${JSON.stringify(name.slice(0, 63))} is not a valid ${what} name`,
    metadata: { name },
    now: "nothing was changed",
  });
}

// The stored forms of everything else: groups, namespaces, hosts, slots, requests, servers, epochs, the cluster.

import type { AwaitedWatcher, DrainAnswer, DrainRecord } from "../model/drain.js";
import { REASONS } from "../model/errors.js";
import type { HostRecord } from "../model/host.js";
import { ASKED_STATES, type Holder, STANDINGS } from "../model/registration.js";
import type { Attention, SlotRecord, SlotsRecord } from "../model/slots.js";
import {
  type Codec,
  decimal,
  flag,
  instant,
  list,
  mapOf,
  may,
  must,
  oneOf,
  record,
  text,
  whole,
} from "./json-codec.js";

/** /theseus/cluster */
export type ClusterRecord = { readonly clusterId: string };
export const clusterCodec = record<ClusterRecord>({ clusterId: must("cluster_id", text) });

/** /services/{service} and /namespaces/{ns} */
export type CreatedRecord = { readonly created: number };
export const createdCodec = record<CreatedRecord>({ created: must("created", instant) });

/** /services/{service}/{labels} */
export type GroupRecord = { readonly uid: string; readonly created: number };
export const groupCodec = record<GroupRecord>({ uid: must("uid", text), created: must("created", instant) });

const attentionCodec = record<Attention>({
  reason: must("reason", oneOf(...REASONS)),
  text: must("text", text),
  slot: may("slot", whole),
  host: may("host", text),
  since: must("since", instant),
  retryAt: may("retry_at", instant),
});

const slotCodec = record<SlotRecord>({
  generation: must("generation", whole),
  host: may("host", text),
  failures: must("failures", whole),
  notBefore: may("not_before", instant),
  attention: may("attention", attentionCodec),
});

/** /theseus/slots/{ns}/{group uid} */
export const slotsCodec = record<SlotsRecord>({
  slots: must("slots", mapOf(slotCodec) as Codec<SlotsRecord["slots"]>),
  attention: must("attention", list(attentionCodec)),
});

/** /theseus/hosts/{host} */
export const hostCodec = record<HostRecord>({
  name: must("name", text),
  engineId: must("engine_id", text),
  engineVersion: must("engine_version", text),
  address: must("address", text),
  labels: must("labels", list(text)),
  cpu: must("cpu", decimal),
  mem: must("mem", decimal),
  nextPort: must("next_port", whole),
  freedPorts: must("freed_ports", mapOf(instant)),
  problem: may(
    "problem",
    record<NonNullable<HostRecord["problem"]>>({
      reason: must("reason", oneOf("HOST_UNREACHABLE", "ENGINE_CHANGED")),
      text: must("text", text),
      since: must("since", instant),
    }),
  ),
  lastSeen: must("last_seen", instant),
});

/** /theseus/requests/{ns}/{id}: the answer that the same request gets again. The revision is that of the key. */
export type RequestRecord = {
  readonly digest: string;
  readonly time: number;
  readonly groups: readonly AnsweredGroup[];
};
type AnsweredGroup = {
  readonly namespace: string;
  readonly service: string;
  readonly labels: readonly string[];
  readonly configRevision: number;
};
export const requestCodec = record<RequestRecord>({
  digest: must("digest", text),
  time: must("time", instant),
  groups: must(
    "groups",
    list(
      record<AnsweredGroup>({
        namespace: must("namespace", text),
        service: must("service", text),
        labels: must("labels", list(text)),
        configRevision: must("config_revision", whole),
      }),
    ),
  ),
});

/** /theseus/holders/{ns}/{service}/{labels}/{name} */
export const holderCodec = record<Holder>({
  id: must("id", text),
  host: may("host", text),
  since: must("since", instant),
  ttlSeconds: must("ttl_seconds", whole),
  state: must("state", oneOf(...ASKED_STATES)),
  standing: must("standing", oneOf(...STANDINGS)),
  lostAt: may("lost_at", instant),
});

/** /theseus/servers/{id}, under a lease */
export type ServerRecord = { readonly discovery: string; readonly version: string; readonly since: number };
export const serverCodec = record<ServerRecord>({
  discovery: must("discovery", text),
  version: must("version", text),
  since: must("since", instant),
});

/** /theseus/roster/{id}, without a lease: gone by its server's sign-off alone, or 10 minutes after it was seen to be gone. */
export type RosterRecord = { readonly since: number; readonly gone?: number };
export const rosterCodec = record<RosterRecord>({ since: must("since", instant), gone: may("gone", instant) });

/** /theseus/drains/{ns}/{service}/{labels}/{name} */
export const drainCodec = record<DrainRecord>({
  servers: must("servers", list(text)),
  ackDeadline: must("ack_deadline_ms", decimal),
  asked: must("asked", instant),
});

/** /theseus/drains/{ns}/{service}/{labels}/{name}/{server id} */
export const drainAnswerCodec = record<DrainAnswer>({
  awaits: must(
    "awaits",
    list(
      record<AwaitedWatcher>({
        watcherId: must("watcher_id", text),
        peer: must("peer", text),
        connected: must("connected", flag),
      }),
    ),
  ),
});

/** /theseus/epochs/{id} */
export type EpochRecord = { readonly at: number; readonly leader: boolean };
export const epochCodec = record<EpochRecord>({ at: must("at", instant), leader: must("leader", flag) });

// The store's own state, as it is told: sizes, members, and what is wrong with it, with what to do. Pure.

import type { StoreStatus as StoreStatusMessage } from "../../clients/gen/theseus/v1/theseus_service.js";
import { roomInEtcd } from "../model/full-store.js";
import type { StoreStatus } from "../model/ports.js";

export function toStoreStatus(store: StoreStatus): StoreStatusMessage {
  return {
    kind: store.kind,
    version: store.version,
    revision: store.revision,
    sizeBytes: BigInt(store.size),
    sizeInUseBytes: BigInt(store.sizeInUse),
    alarms: [...store.alarms],
    members: store.members.map(({ endpoint, problem = "" }) => ({ endpoint, problem })),
  };
}

/** What is wrong with a store that answers. One text each: the first line says what, the others what to run. */
export function storeProblems(store: StoreStatus): string[] {
  const well = store.members.find(({ problem }) => problem === undefined) ?? store.members[0];
  const where = well?.endpoint ?? "";
  return [
    ...store.alarms.map((alarm) => (alarm === "NOSPACE" ? full(store, where) : damaged(store, where)).join("\n")),
    ...store.members.flatMap((member) => memberProblem(store.kind, member)),
  ];
}

function memberProblem(kind: StoreStatus["kind"], { endpoint, problem }: StoreStatus["members"][number]): string[] {
  if (problem === undefined) return [];
  if (kind === "etcd") return [`etcd at ${endpoint} cannot be used: ${problem}`];
  const look = /no space left/i.test(problem) ? [`df -h ${endpoint}`] : [];
  return [[`the embedded store in ${endpoint}: ${problem}`, ...look].join("\n")];
}

const ROOM_IN_EMBEDDED = [
  "wait a quarter of an hour: Theseus gives back what is older than 10 minutes; if that is not enough: docs/store.md",
];

function full(store: StoreStatus, where: string): readonly string[] {
  const what = "the store is full (alarm NOSPACE): changes are refused; lookups and containers go on";
  return [what, ...(store.kind === "etcd" ? roomInEtcd(where, store.revision) : ROOM_IN_EMBEDDED)];
}

function damaged({ kind }: StoreStatus, where: string): readonly string[] {
  const what = "the store has found its data damaged (alarm CORRUPT): nothing is changed; containers go on";
  const look = kind === "etcd" ? [`etcdctl --endpoints=${where} endpoint hashkv --cluster`] : [];
  return [what, ...look, "replace the damaged member, or restore a backup: docs/store.md"];
}

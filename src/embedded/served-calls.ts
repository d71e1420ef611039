// Plain calls of etcd's API, answered by the store. Nothing a call does can leave a promise unhandled or a client
// without an answer; must not know how the store keeps anything.

import { type handleUnaryCall, type StatusObject, status } from "@grpc/grpc-js";
import type { Logger } from "../model/ports.js";
import { type EmbeddedStore, EtcdRefusal } from "./api.js";
import type { ClusterServer, KVServer, LeaseServer, MaintenanceServer } from "./gen/etcd.js";

/** Only the generated methods: the library's type has a name for every string besides. */
type Calls<S, M extends keyof S> = { readonly [K in M]: S[K] };

export function kvCalls(
  store: EmbeddedStore,
  log: Logger,
): Calls<KVServer, "range" | "put" | "deleteRange" | "txn" | "compact"> {
  return {
    range: unary((request) => store.range(request), log),
    put: unary((request) => store.put(request), log),
    deleteRange: unary((request) => store.deleteRange(request), log),
    txn: unary((request) => store.txn(request), log),
    compact: unary((request) => store.compact(request), log),
  };
}

export function leaseCalls(
  store: EmbeddedStore,
  log: Logger,
): Calls<LeaseServer, "leaseGrant" | "leaseRevoke" | "leaseTimeToLive" | "leaseLeases"> {
  return {
    leaseGrant: unary((request) => store.leaseGrant(request), log),
    leaseRevoke: unary(({ id }) => store.leaseRevoke(id), log),
    leaseTimeToLive: unary((request) => store.leaseTimeToLive(request), log),
    leaseLeases: unary(() => store.leaseLeases(), log),
  };
}

export function clusterCalls(store: EmbeddedStore, log: Logger): Calls<ClusterServer, "memberList"> {
  return { memberList: unary(() => store.memberList(), log) };
}

export function maintenanceCalls(store: EmbeddedStore, log: Logger): Calls<MaintenanceServer, "status"> {
  return { status: unary(() => store.status(), log) };
}

function unary<Q, A>(answer: (request: Q) => Promise<A>, log: Logger): handleUnaryCall<Q, A> {
  return (call, callback) => {
    const run = async (): Promise<A> => await answer(call.request);
    run().then(
      (response) => callback(null, response),
      (error: unknown) => callback(statusOf(error, { method: call.getPath(), log })),
    );
  };
}

/** etcd's own code and text for a refusal; anything else is a bug of ours, and said in the log. */
export function statusOf(
  error: unknown,
  { method, log }: { readonly method: string; readonly log: Logger },
): Pick<StatusObject, "code" | "details"> {
  if (error instanceof EtcdRefusal) return { code: error.code, details: error.message };
  log.error({ method, cause: error instanceof Error ? (error.stack ?? error.message) : String(error) }, "call failed");
  return { code: status.INTERNAL, details: `the embedded store failed in ${method}; its log has the cause` };
}

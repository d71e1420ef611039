// A whole gRPC server on free loopback ports, over a store in memory, and clients that speak to it.

import { type CallOptions, Client, credentials, type ServiceError } from "@grpc/grpc-js";
import { ErrorInfo } from "../../../clients/gen/google/rpc/error_details.js";
import { Status } from "../../../clients/gen/google/rpc/status.js";
import * as discovery from "../../../clients/gen/theseus/v1/discovery_service.js";
import * as theseus from "../../../clients/gen/theseus/v1/theseus_service.js";
import { createCatalog } from "../../../src/catalog/catalog.js";
import type { CallRecord } from "../../../src/grpc/call.js";
import { createGrpcServer, type GrpcServerDeps } from "../../../src/grpc/server.js";
import type { Logger } from "../../../src/model/ports.js";
import { byGroup } from "../../../src/model/reservations.js";
import { systemClock, systemRng } from "../../../src/system.js";
import { noEvents } from "../../support/no-events.js";
import { noLogs } from "../../support/no-logs.js";
import { noStats } from "../../support/no-stats.js";
import { FakeRegistrations } from "./fake-registrations.js";
import { FakeStorage } from "./fake-storage.js";
import { FakeStore } from "./fake-store.js";

const { DiscoveryServiceService } = discovery;
const { TheseusServiceService } = theseus;

const discoveryRequests: Codecs<typeof DiscoveryServiceService> = {
  lookup: discovery.LookupRequest,
  watch: discovery.WatchRequest,
  acknowledge: discovery.AcknowledgeRequest,
  listServices: discovery.ListServicesRequest,
  listGroups: discovery.ListGroupsRequest,
  getGroup: discovery.GetGroupRequest,
  listContainers: discovery.ListContainersRequest,
  getContainer: discovery.GetContainerRequest,
  register: discovery.RegisterRequest,
  renew: discovery.RenewRequest,
  updateRegistration: discovery.UpdateRegistrationRequest,
  deregister: discovery.DeregisterRequest,
};
const theseusRequests: Codecs<typeof TheseusServiceService> = {
  createGroup: theseus.CreateGroupRequest,
  updateGroup: theseus.UpdateGroupRequest,
  applyGroups: theseus.ApplyGroupsRequest,
  removeGroup: theseus.RemoveGroupRequest,
  removeService: theseus.RemoveServiceRequest,
  createNamespace: theseus.CreateNamespaceRequest,
  getNamespace: theseus.GetNamespaceRequest,
  listNamespaces: theseus.ListNamespacesRequest,
  removeNamespace: theseus.RemoveNamespaceRequest,
  listHosts: theseus.ListHostsRequest,
  getHost: theseus.GetHostRequest,
  getServerStatus: theseus.GetServerStatusRequest,
  getRecovery: theseus.GetRecoveryRequest,
  recover: theseus.RecoverRequest,
  backUpStore: theseus.BackUpStoreRequest,
  readLogs: theseus.ReadLogsRequest,
  getRollout: theseus.GetRolloutRequest,
  listRevisions: theseus.ListRevisionsRequest,
  pauseRollout: theseus.PauseRolloutRequest,
  resumeRollout: theseus.ResumeRolloutRequest,
  promoteRollout: theseus.PromoteRolloutRequest,
  abortRollout: theseus.AbortRolloutRequest,
  undoGroup: theseus.UndoGroupRequest,
  restartGroup: theseus.RestartGroupRequest,
  listEvidence: theseus.ListEvidenceRequest,
  readEvents: theseus.ReadEventsRequest,
  readStats: theseus.ReadStatsRequest,
};

export type LogLine = {
  readonly level: string;
  readonly fields: { readonly method?: unknown; readonly request_id?: unknown };
  readonly text: string;
};

/** Keeps what is logged. */
export class LogBook implements Logger {
  constructor(
    readonly lines: LogLine[] = [],
    private readonly own: Readonly<Record<string, unknown>> = {},
  ) {}
  debug(fields: Readonly<Record<string, unknown>>, text: string): void {
    this.write("debug", fields, text);
  }
  info(fields: Readonly<Record<string, unknown>>, text: string): void {
    this.write("info", fields, text);
  }
  warn(fields: Readonly<Record<string, unknown>>, text: string): void {
    this.write("warn", fields, text);
  }
  error(fields: Readonly<Record<string, unknown>>, text: string): void {
    this.write("error", fields, text);
  }
  child(fields: Readonly<Record<string, unknown>>): Logger {
    return new LogBook(this.lines, { ...this.own, ...fields });
  }
  private write(level: string, fields: Readonly<Record<string, unknown>>, text: string): void {
    this.lines.push({ level, fields: { ...this.own, ...fields }, text });
  }
}

export async function startRig(options: Partial<GrpcServerDeps> & { readonly allowHostAccess?: boolean } = {}) {
  const store = new FakeStore();
  const storage = new FakeStorage();
  const log = new LogBook();
  const calls: CallRecord[] = [];
  const catalog = createCatalog(store, systemClock, log);
  const following = new AbortController();
  const followed = catalog.run(following.signal);
  const { allowHostAccess = false, ...others } = options;
  const server = createGrpcServer({
    catalog,
    changes: store,
    store,
    directory: store,
    feed: store,
    reservations: async () => byGroup(await store.readReservations()),
    registrations: new FakeRegistrations(),
    election: { leader: async () => "s1" },
    membership: {
      serverId: "s1",
      servers: async () => [{ id: "s1", discovery: "172.17.0.1:7700" }],
      isAwaited: async () => false,
    },
    storage,
    logs: noLogs,
    stats: noStats,
    timeline: noEvents,
    clock: systemClock,
    rng: systemRng,
    log,
    rules: { allowHostAccess },
    version: "0.1.0",
    startTime: systemClock.now(),
    onCall: (record) => calls.push(record),
    ...others,
  });
  const address = await server.listen({ host: "127.0.0.1", port: 0 });
  const inner = await server.listenDiscovery({ host: "127.0.0.1", port: 0 });
  const outside = new Client(address, credentials.createInsecure());
  const inside = new Client(inner, credentials.createInsecure());
  return {
    store,
    storage,
    catalog,
    server,
    log,
    calls,
    address,
    inner,
    client: outside,
    discovery: callersOf(outside, DiscoveryServiceService, discoveryRequests),
    theseus: callersOf(outside, TheseusServiceService, theseusRequests),
    /** A lookup with options of its own. */
    lookupWith: (request: Deep<discovery.LookupRequest>, options: CallOptions) =>
      lookupCall(outside, request, options)[1],
    /** A lookup that can be cancelled. */
    lookupCall: (request: Deep<discovery.LookupRequest>) => lookupCall(outside, request, {}),
    /** As containers reach it. */
    innerClient: inside,
    innerDiscovery: callersOf(inside, DiscoveryServiceService, discoveryRequests),
    innerTheseus: callersOf(inside, TheseusServiceService, theseusRequests),
    /** Until the catalog shows everything that is in the store. */
    settled: () => catalog.reach(store.revision, AbortSignal.timeout(5000)),
    close: async () => {
      outside.close();
      inside.close();
      await server.stop(500);
      following.abort();
      await followed;
    },
  };
}

export type Rig = Awaited<ReturnType<typeof startRig>>;

/** A message of which only what matters is said. */
type Deep<T> = T extends bigint | Buffer | Date | string | number | boolean | undefined
  ? T
  : T extends { $case: string; value: unknown }
    ? { $case: T["$case"]; value: Deep<T["value"]> }
    : T extends readonly (infer U)[]
      ? readonly Deep<U>[]
      : { readonly [K in keyof T]?: Deep<T[K]> | undefined };

type Method = {
  readonly path: string;
  readonly responseStream: boolean;
  readonly requestSerialize: (request: never) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => unknown;
};
type Request<M> = M extends { requestDeserialize: (bytes: Buffer) => infer Q } ? Q : never;
type Response<M> = M extends { responseDeserialize: (bytes: Buffer) => infer A } ? A : never;
type Codecs<S> = { readonly [K in keyof S]: { fromPartial(object: never): Request<S[K]> } };
type Answer<M> = M extends { responseStream: true } ? readonly Response<M>[] : Response<M>;
type Callers<S> = { readonly [K in keyof S]: (request: Deep<Request<S[K]>>) => Promise<Answer<S[K]>> };

/** Every method of the service as a function of a partial request that gives a promise; of a stream, of all of it. */
function callersOf<S extends Record<keyof S, Method>>(client: Client, service: S, codecs: Codecs<S>): Callers<S> {
  const names = Object.keys(service) as (keyof S)[];
  const callers = names.map((name) => {
    const method: Method = service[name];
    const complete = (partial: unknown) => codecs[name].fromPartial(partial as never) as never;
    const call = method.responseStream ? wholeStream : unary;
    return [name, (partial: unknown) => call(client, method, complete(partial))] as const;
  });
  return Object.fromEntries(callers) as Callers<S>;
}

function unary(client: Client, method: Method, request: never): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const { path, requestSerialize, responseDeserialize } = method;
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, answer) =>
      error === null ? resolve(answer) : reject(error),
    );
  });
}

function lookupCall(client: Client, request: Deep<discovery.LookupRequest>, options: CallOptions) {
  const { path, requestSerialize, responseDeserialize } = DiscoveryServiceService.lookup;
  const whole = discovery.LookupRequest.fromPartial(request as never);
  let call: { cancel(): void } = { cancel: () => undefined };
  const answer = new Promise<discovery.LookupResponse>((resolve, reject) => {
    call = client.makeUnaryRequest(path, requestSerialize, responseDeserialize, whole, options, (error, found) =>
      error === null && found !== undefined ? resolve(found) : reject(error),
    );
  });
  return [call, answer] as const;
}

async function wholeStream(client: Client, method: Method, request: never): Promise<unknown[]> {
  const { path, requestSerialize, responseDeserialize } = method;
  const answers: unknown[] = [];
  for await (const answer of client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request))
    answers.push(answer);
  return answers;
}

/** The rich error of a call that has to fail. */
export async function failureOf(call: Promise<unknown>) {
  const error = await call.then(
    () => {
      throw new Error("the call was answered, and should have failed");
    },
    (failed: ServiceError) => failed,
  );
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  if (!Buffer.isBuffer(bytes)) throw error;
  const status = Status.decode(bytes);
  const infos = status.details.filter(({ typeUrl }) => typeUrl.endsWith("/google.rpc.ErrorInfo"));
  const [info] = infos;
  if (info === undefined || infos.length > 1) throw new Error("there has to be exactly one ErrorInfo");
  const { reason, domain, metadata } = ErrorInfo.decode(info.value);
  return { code: error.code, text: error.details, status, reason, domain, ...linesOf(metadata), metadata };
}

function linesOf(metadata: Readonly<Record<string, string>>) {
  const { why = "", now = "", next = "" } = metadata;
  return { why, now, next };
}

/** The details of this type, decoded. */
export function detailsOf<T>(status: Status, name: string, codec: { decode(bytes: Buffer): T }): T[] {
  return status.details
    .filter(({ typeUrl }) => typeUrl === `type.googleapis.com/google.rpc.${name}`)
    .map(({ value }) => codec.decode(value));
}

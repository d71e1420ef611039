// An etcd before an etcd: everything is passed on as it came, transactions are looked into, and may be held, or changed.
// What was refused is seen here on the wire, whoever says what of it.

import {
  Client,
  credentials,
  type handleBidiStreamingCall,
  type handleUnaryCall,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServiceError,
} from "@grpc/grpc-js";
import {
  ClusterService,
  type Compare,
  KVService,
  LeaseKeepAliveRequest,
  LeaseKeepAliveResponse,
  LeaseService,
  MaintenanceService,
  type RequestOp,
  TxnRequest,
  TxnResponse,
  WatchService,
} from "../../src/embedded/gen/etcd.js";
import type { Gate } from "./gate.js";

const LEADER = "/theseus/leader";
const OPTIONS = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
const CLIENT_OPTIONS = {
  ...OPTIONS,
  "grpc.use_local_subchannel_pool": 1,
  "grpc.initial_reconnect_backoff_ms": 50,
  "grpc.max_reconnect_backoff_ms": 200,
};

/** A transaction that writes. */
export type SeenTxn = {
  /** What it puts or deletes. */
  readonly keys: readonly string[];
  /** The term that it was written in, as it compares the leader's key; undefined: no leader's write. */
  readonly term: bigint | undefined;
  /** Milliseconds since 1970, of its coming. */
  readonly at: number;
  /** What etcd said; undefined: nothing yet. */
  outcome: { readonly succeeded: boolean; readonly revision: bigint } | undefined;
};

/** One keepalive of a lease. */
type Renewal = { readonly lease: bigint; readonly at: number; answeredAt: number | undefined };

export class EtcdProxy {
  /** Every writing transaction, in the order of their coming. */
  readonly txns: SeenTxn[] = [];
  /** Asked of each when it comes. */
  gate: (txn: SeenTxn) => Gate | undefined = () => undefined;
  /** What is passed on instead. */
  rewrite: (txn: SeenTxn, request: TxnRequest) => TxnRequest = (_, request) => request;
  readonly #renewals: Renewal[] = [];
  /** Under which the leader's key was last put through here. */
  #leaders = 0n;
  readonly #server = new Server(OPTIONS);
  readonly #client: Client;
  #port = 0;

  private constructor(port: number) {
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), CLIENT_OPTIONS);
    for (const service of [KVService, LeaseService, WatchService, ClusterService, MaintenanceService]) {
      const methods = Object.entries(service).map(([name, method]) => [name, rawly(method)] as const);
      this.#server.addService(Object.fromEntries(methods), this.#handlers(methods));
    }
  }

  /** @param port where the etcd listens on loopback. */
  static async start(port: number): Promise<EtcdProxy> {
    const proxy = new EtcdProxy(port);
    proxy.#port = await new Promise<number>((resolve, reject) => {
      proxy.#server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    return proxy;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /**
   * When the last keepalive came of the lease under which this one leads that was answered before that time: it was sent a
   * moment earlier. Milliseconds since 1970.
   */
  renewedAt(before: number): number | undefined {
    const isMeant = ({ lease, answeredAt = before }: Renewal) => lease === this.#leaders && answeredAt < before;
    return this.#renewals.findLast(isMeant)?.at;
  }

  close(): void {
    this.#server.forceShutdown();
    this.#client.close();
  }

  #handlers(methods: readonly (readonly [string, RawMethod])[]) {
    const entries = methods.map(([name, method]) => [
      name,
      method.responseStream ? this.#stream(method) : this.#unary(method),
    ]);
    return Object.fromEntries(entries) as Record<string, handleUnaryCall<Buffer, Buffer>>;
  }

  #unary(method: RawMethod): handleUnaryCall<Buffer, Buffer> {
    const isTxn = method.path === KVService.txn.path;
    return (call, callback) => {
      const answer = isTxn ? this.#txn(method, call.request) : this.#pass(method, call.request);
      answer.then(
        (bytes) => callback(null, bytes),
        ({ code, details }: ServiceError) => callback({ code, details }),
      );
    };
  }

  #pass({ path, ...form }: RawMethod, request: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const { requestSerialize, responseDeserialize } = form;
      this.#client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, bytes) =>
        error === null && bytes !== undefined ? resolve(bytes) : reject(error),
      );
    });
  }

  async #txn(method: RawMethod, bytes: Buffer): Promise<Buffer> {
    const request = TxnRequest.decode(bytes);
    const keys = request.success.flatMap(writtenBy);
    if (keys.length === 0) return await this.#pass(method, bytes);
    const term = request.compare.map(termIn).find((one) => one !== undefined);
    const txn: SeenTxn = { keys, term, at: Date.now(), outcome: undefined };
    this.txns.push(txn);
    const gate = this.gate(txn);
    await gate?.before?.();
    const answer = await this.#pass(method, Buffer.from(TxnRequest.encode(this.rewrite(txn, request)).finish()));
    const { succeeded, header } = TxnResponse.decode(answer);
    if (succeeded) this.#leaders = request.success.map(leadersLease).find((one) => one !== undefined) ?? this.#leaders;
    txn.outcome = { succeeded, revision: header?.revision ?? 0n };
    await gate?.after?.();
    return answer;
  }

  /** A stream answers in the order of what it was asked. */
  #noteRenewals(call: Bytes, there: Bytes): void {
    const asked: Renewal[] = [];
    call.on("data", (bytes) => {
      const one = { lease: LeaseKeepAliveRequest.decode(bytes).id, at: Date.now(), answeredAt: undefined };
      asked.push(one);
      this.#renewals.push(one);
    });
    there.on("data", (bytes) => {
      const one = asked.shift();
      if (one !== undefined && LeaseKeepAliveResponse.decode(bytes).ttl > 0n) one.answeredAt = Date.now();
    });
  }

  #stream({ path, requestSerialize, responseDeserialize }: RawMethod): handleBidiStreamingCall<Buffer, Buffer> {
    return (call) => {
      const there = this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
      if (path === LeaseService.leaseKeepAlive.path) this.#noteRenewals(call, there);
      call.on("data", (bytes: Buffer) => there.write(bytes));
      call.on("end", () => there.end());
      call.on("cancelled", () => there.cancel());
      call.on("error", () => there.cancel());
      there.on("data", (bytes: Buffer) => call.write(bytes));
      there.on("end", () => call.end());
      there.on("error", ({ code, details }: ServiceError) => call.destroy(Object.assign(new Error(details), { code })));
    };
  }
}

type Bytes = { on(event: "data", listener: (bytes: Buffer) => void): unknown };
type RawMethod = MethodDefinition<Buffer, Buffer>;

/** The same method, of bytes that nobody looks into. */
function rawly({ path, requestStream, responseStream }: Pick<RawMethod, "path" | "requestStream" | "responseStream">) {
  const same = (bytes: Buffer): Buffer => bytes;
  const form = { requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same };
  return { path, requestStream, responseStream, ...form };
}

function writtenBy({ request }: RequestOp): string[] {
  if (request?.$case === "requestPut" || request?.$case === "requestDeleteRange") return [request.value.key.toString()];
  return request?.$case === "requestTxn" ? request.value.success.flatMap(writtenBy) : [];
}

function leadersLease({ request }: RequestOp): bigint | undefined {
  return request?.$case === "requestPut" && request.value.key.toString() === LEADER ? request.value.lease : undefined;
}

function termIn({ key, targetUnion }: Compare): bigint | undefined {
  const isOfTerm = key.toString() === LEADER && targetUnion?.$case === "createRevision" && targetUnion.value > 0n;
  return isOfTerm ? targetUnion.value : undefined;
}

// A plain client of etcd's API: one request, one answer, every refusal an answer too. Knows nothing of the store behind.

import { Client, type ClientDuplexStream, credentials, type ServiceError } from "@grpc/grpc-js";
import type {
  LeaseKeepAliveRequest,
  LeaseKeepAliveResponse,
  WatchRequest,
  WatchResponse,
} from "../../src/embedded/gen/etcd.js";
import {
  ClusterService,
  KVService,
  LeaseService,
  MaintenanceService,
  WatchService,
} from "../../src/embedded/gen/etcd.js";

const CALLS = {
  range: KVService.range,
  put: KVService.put,
  deleteRange: KVService.deleteRange,
  txn: KVService.txn,
  compact: KVService.compact,
  leaseGrant: LeaseService.leaseGrant,
  leaseRevoke: LeaseService.leaseRevoke,
  leaseTimeToLive: LeaseService.leaseTimeToLive,
  leaseLeases: LeaseService.leaseLeases,
  memberList: ClusterService.memberList,
  status: MaintenanceService.status,
} as const;

type Calls = typeof CALLS;
export type CallName = keyof Calls;
export type RequestOf<N extends CallName> = ReturnType<Calls[N]["requestDeserialize"]>;
export type ResponseOf<N extends CallName> = ReturnType<Calls[N]["responseDeserialize"]>;

export type Answer<T> = { readonly ok: T } | { readonly code: number; readonly text: string };

type Method = {
  readonly path: string;
  readonly requestSerialize: (value: never) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => unknown;
};

const ANSWERS_WITHIN_MS = 20_000;

export class EtcdApiClient {
  readonly #client: Client;

  constructor(address: string, options: Readonly<Record<string, string | number>> = {}) {
    this.#client = new Client(address, credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
      "grpc.initial_reconnect_backoff_ms": 20,
      "grpc.max_reconnect_backoff_ms": 100,
      "grpc.use_local_subchannel_pool": 1,
      ...options,
    });
  }

  /** Never rejects. */
  call<N extends CallName>(
    name: N,
    request: RequestOf<N>,
    withinMs = ANSWERS_WITHIN_MS,
  ): Promise<Answer<ResponseOf<N>>> {
    const { path, requestSerialize, responseDeserialize } = CALLS[name] as unknown as Method;
    return new Promise((resolve) => {
      const done = (error: ServiceError | null, value?: unknown): void => {
        if (error === null) resolve({ ok: value as ResponseOf<N> });
        else resolve({ code: error.code, text: error.details });
      };
      const deadline = Date.now() + withinMs;
      this.#client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request as never, { deadline }, done);
    });
  }

  /** The answer's content; a refusal is an error. */
  async must<N extends CallName>(name: N, request: RequestOf<N>): Promise<ResponseOf<N>> {
    const answer = await this.call(name, request);
    if ("ok" in answer) return answer.ok;
    throw new Error(`${name} was refused: ${answer.code} ${answer.text}`);
  }

  watch(): ClientDuplexStream<WatchRequest, WatchResponse> {
    const { path, requestSerialize, responseDeserialize } = WatchService.watch;
    return this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  }

  leaseKeepAlive(): ClientDuplexStream<LeaseKeepAliveRequest, LeaseKeepAliveResponse> {
    const { path, requestSerialize, responseDeserialize } = LeaseService.leaseKeepAlive;
    return this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  }

  close(): void {
    this.#client.close();
  }
}

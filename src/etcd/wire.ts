// The one importer of etcd3: plain calls and raw streams, its fault handling switched off, a deadline on every call.
// Must not know keys or values.

import { rootCertificates } from "node:tls";
import type { Etcd3, IOptions } from "etcd3";
import type {
  Clock,
  Compare,
  EtcdWire,
  KeepAliveStream,
  KeyRange,
  Op,
  RangeRequest,
  WatchStream,
} from "../model/ports.js";
import { type Endpoint, Endpoints } from "./endpoints.js";
import { isLeaseGone, translate } from "./errors.js";
import { type RawDuplex, RawStream } from "./raw-stream.js";
import {
  opResult,
  type RawOpResult,
  rangeResult,
  rawCompare,
  rawKeys,
  rawOp,
  rawRangeRequest,
  revisionOf,
  watchMessage,
} from "./wire-messages.js";

export type EtcdWireOptions = {
  /** "http://HOST:PORT", "https://HOST:PORT" or "HOST:PORT"; one or more members of one cluster. */
  readonly endpoints: readonly string[];
  /** PEM text. A ca, or a cert with its key, means TLS. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly user?: string;
  readonly password?: string;
  readonly clock: Clock;
};

const CALL_TIMEOUT_MS = 2000;
/** etcd accepts a ping every 5 s and cuts who pings more often. */
const CHANNEL = {
  "grpc.keepalive_time_ms": 6000,
  "grpc.keepalive_timeout_ms": 2000,
  "grpc.max_receive_message_length": 64 * 1024 * 1024,
  "grpc.max_send_message_length": 64 * 1024 * 1024,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 1000,
  "grpc.enable_channelz": 0,
};

type Client = Etcd3;

/** Connects to nothing yet: the first call does, and fails if etcd is away. Loads etcd3, which takes about 0.3 s. */
export async function createEtcdWire(options: EtcdWireOptions): Promise<EtcdWire> {
  const [{ Etcd3 }, { noop }] = await Promise.all([import("etcd3"), import("cockatiel")]);
  const common: Omit<IOptions, "hosts"> = {
    ...security(options),
    grpcOptions: CHANNEL,
    defaultCallOptions: (call) => (call.isStream ? {} : { deadline: options.clock.now() + CALL_TIMEOUT_MS }),
    faultHandling: { host: () => noop, global: noop },
  };
  const clients = options.endpoints.map((name) => ({ name, client: new Etcd3({ ...common, hosts: name }) }));
  return new Wire(new Endpoints(clients, options.clock));
}

function security(options: EtcdWireOptions): Pick<IOptions, "credentials" | "auth"> {
  const { ca, cert, key, user, password } = options;
  const tls = ca !== undefined || (cert !== undefined && key !== undefined);
  return {
    ...(tls && {
      credentials: {
        rootCertificate: Buffer.from(ca ?? rootCertificates.join("\n")),
        ...(cert !== undefined && key !== undefined
          ? { certChain: Buffer.from(cert), privateKey: Buffer.from(key) }
          : {}),
      },
    }),
    ...(user !== undefined && { auth: { username: user, password: password ?? "" } }),
  };
}

class Wire implements EtcdWire {
  readonly #endpoints: Endpoints<Client>;

  constructor(endpoints: Endpoints<Client>) {
    this.#endpoints = endpoints;
  }

  async range(request: RangeRequest) {
    const raw = await this.#read("range", (client, deadline) =>
      client.kv.range(rawRangeRequest(request), { deadline }),
    );
    return rangeResult(raw, revisionOf(raw.header));
  }

  async txn(compares: readonly Compare[], success: readonly Op[], failure: readonly Op[] = []) {
    const request = { compare: compares.map(rawCompare), success: success.map(rawOp), failure: failure.map(rawOp) };
    const writes = [...success, ...failure].some((op) => op.op !== "range");
    const raw = await this.#call({ call: "txn", writes }, (client, deadline) => client.kv.txn(request, { deadline }));
    const revision = revisionOf(raw.header);
    const results = raw.responses.map((one) => opResult(one as RawOpResult, revision));
    return { succeeded: raw.succeeded, revision, results };
  }

  async compact(revision: bigint) {
    await this.#call({ call: "compact", writes: true }, (client, deadline) =>
      client.kv.compact({ revision: String(revision) }, { deadline }),
    );
  }

  async leaseGrant(ttlSeconds: number) {
    const raw = await this.#call({ call: "lease grant", writes: true }, (client, deadline) =>
      client.leaseClient.leaseGrant({ TTL: ttlSeconds, ID: 0 }, { deadline }),
    );
    return { lease: BigInt(raw.ID), ttlSeconds: Number(raw.TTL) };
  }

  async leaseRevoke(lease: bigint) {
    await this.#call({ call: "lease revoke", writes: true }, async (client, deadline) => {
      try {
        await client.leaseClient.leaseRevoke({ ID: String(lease) }, { deadline });
      } catch (error) {
        if (!isLeaseGone(error)) throw error;
      }
    });
  }

  leaseKeepAlive(lease: bigint): KeepAliveStream {
    const stream = this.#stream(
      "lease keepalive",
      (client) => client.leaseClient.leaseKeepAlive(),
      (raw: { readonly TTL: string }) => ({ ttlSeconds: Number(raw.TTL) }),
    );
    return {
      send: () => stream.send({ ID: String(lease) }),
      close: () => stream.close(),
      [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator](),
    };
  }

  watch(request: KeyRange & { readonly startRevision: bigint; readonly previous?: boolean }): WatchStream {
    const stream = this.#stream("watch", (client) => client.watchClient.watch(), watchMessage);
    stream.send({
      create_request: {
        ...rawKeys(request),
        start_revision: String(request.startRevision),
        prev_kv: request.previous ?? false,
        fragment: true,
      },
    });
    return {
      requestProgress: () => stream.send({ progress_request: {} }),
      close: () => stream.close(),
      [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator](),
    };
  }

  async status() {
    const raw = await this.#read("status", (client, deadline) => client.maintenance.status({ deadline }));
    return { version: raw.version, dbSize: Number(raw.dbSize), revision: revisionOf(raw.header) };
  }

  close() {
    for (const { client } of this.#endpoints.all) client.close();
  }

  #read<T>(call: string, run: (client: Client, deadline: Date) => Promise<T>): Promise<T> {
    return this.#call({ call, writes: false }, run);
  }

  #call<T>(
    what: { readonly call: string; readonly writes: boolean },
    run: (client: Client, deadline: Date) => Promise<T>,
  ): Promise<T> {
    return this.#endpoints.call(what, run, CALL_TIMEOUT_MS);
  }

  #stream<Request, Response, Message>(
    call: string,
    open: (client: Client) => Promise<RawDuplex<Request, Response>>,
    read: (raw: Response) => Message,
  ): RawStream<Request, Response, Message> {
    const endpoint: Endpoint<Client> = this.#endpoints.present;
    return new RawStream(open(endpoint.client), read, (error) => {
      this.#endpoints.moveOn(endpoint);
      return translate(error, { call, writes: false, endpoint: endpoint.name });
    });
  }
}

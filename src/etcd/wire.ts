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
  StoreStatus,
  WatchStream,
} from "../model/ports.js";
import { type Endpoint, Endpoints } from "./endpoints.js";
import { brokenBackup, isLeaseGone, translate } from "./errors.js";
import { keepingConnection, outliveStreams, signInOverOneChannel } from "./library-repairs.js";
import { hasLeader, type MemberAnswer, storeStatus } from "./member-status.js";
import { type RawDuplex, RawStream } from "./raw-stream.js";
import { WholeBackup } from "./whole-backup.js";
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
/** For all members at once: whoever asks wants to hear of the others also when one is silent. */
const STATUS_TIMEOUT_MS = 1500;
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

type Client = Etcd3 & { snapshot(): Promise<RawDuplex<never, RawSnapshot>> };
type RawSnapshot = { readonly blob: Buffer };
type Snapshot = (request: object, metadata: unknown) => RawDuplex<never, RawSnapshot>;

/** Connects to nothing yet: the first call does, and fails if etcd is away. Loads etcd3, which takes about 0.3 s. */
export async function createEtcdWire(options: EtcdWireOptions): Promise<EtcdWire> {
  const [{ Etcd3, castGrpcError, RecoverableError }, { noop }] = await Promise.all([
    import("etcd3"),
    import("cockatiel"),
  ]);
  const host = keepingConnection(noop, RecoverableError);
  const common: Omit<IOptions, "hosts"> = {
    ...security(options),
    grpcOptions: CHANNEL,
    defaultCallOptions: (call) => (call.isStream ? {} : { deadline: options.clock.now() + CALL_TIMEOUT_MS }),
    faultHandling: { host: () => host, global: noop },
  };
  class Member extends Etcd3 {
    constructor(hosts: string) {
      super({ ...common, hosts });
      signInOverOneChannel(this.pool, castGrpcError);
      outliveStreams(this.pool);
    }

    /** The library's own call for a snapshot forgets who is asking. */
    snapshot(): Promise<RawDuplex<never, RawSnapshot>> {
      return this.pool.withConnection("Maintenance", ({ client, metadata }) =>
        (client as unknown as { snapshot: Snapshot }).snapshot({}, metadata),
      );
    }
  }
  const clients = options.endpoints.map((name) => ({ name, client: new Member(name) }));
  return new Wire(new Endpoints<Client>(clients, options.clock), options.clock, castGrpcError);
}

async function askStatus({ name, client }: Endpoint<Client>, deadline: Date): Promise<MemberAnswer> {
  try {
    return { endpoint: name, status: await client.maintenance.status({ deadline }) };
  } catch (error) {
    return { endpoint: name, failure: translate(error, { call: "status", writes: false, endpoint: name }) };
  }
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
  readonly #clock: Clock;
  readonly #cast: (error: Error) => Error;

  /** @param cast gives what streams fail with the class that it has after a call. */
  constructor(endpoints: Endpoints<Client>, clock: Clock, cast: (error: Error) => Error) {
    this.#endpoints = endpoints;
    this.#clock = clock;
    this.#cast = cast;
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
    const endpoint = this.#endpoints.present;
    const stream = this.#stream(
      "lease keepalive",
      (client) => client.leaseClient.leaseKeepAlive(),
      (raw: { readonly TTL: string }) => ({ ttlSeconds: Number(raw.TTL) }),
    );
    return {
      send: () => stream.send({ ID: String(lease) }),
      close: (unanswered = false) => {
        if (unanswered) this.#endpoints.moveOn(endpoint);
        stream.close();
      },
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

  async status(): Promise<StoreStatus> {
    const deadline = new Date(this.#clock.now() + STATUS_TIMEOUT_MS);
    const answers = await Promise.all(this.#endpoints.all.map((endpoint) => askStatus(endpoint, deadline)));
    return storeStatus(answers, await this.#alarms(answers, deadline));
  }

  async *backup(): AsyncGenerator<Uint8Array, void, undefined> {
    // Whatever was answered before is in it: this read is answered once the member has applied all of that.
    const client = await this.#read("backup", async (client, deadline) => {
      await client.kv.range(rawRangeRequest({ key: "/", keysOnly: true }), { deadline });
      return client;
    });
    const endpoint = this.#endpoints.all.find((one) => one.client === client)?.name ?? "";
    const broken = (error?: unknown) => brokenBackup(this.#classed(error), { call: "backup", writes: false, endpoint });
    const whole = new WholeBackup();
    const stream = new RawStream(client.snapshot(), (raw: RawSnapshot) => raw.blob, broken);
    try {
      for await (const part of stream) {
        whole.see(part);
        yield part;
      }
    } finally {
      stream.close();
    }
    if (!whole.isWhole()) throw broken();
  }

  close() {
    for (const { client } of this.#endpoints.all) client.close();
  }

  /** All members tell the same, so one is asked, and one without a leader cannot tell. Status has most of them as well. */
  async #alarms(answers: readonly MemberAnswer[], deadline: Date): Promise<readonly string[]> {
    const able = answers.find((answer) => "status" in answer && hasLeader(answer.status));
    const client = this.#endpoints.all.find(({ name }) => name === able?.endpoint)?.client;
    if (client === undefined) return [];
    try {
      const { alarms } = await client.maintenance.alarm({ action: "Get" }, { deadline });
      return alarms.map(({ alarm }) => alarm.toUpperCase());
    } catch {
      // For administrators alone, in newer versions of etcd.
      return [];
    }
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
      return translate(this.#classed(error), { call, writes: false, endpoint: endpoint.name });
    });
  }

  #classed(error: unknown): unknown {
    return error instanceof Error ? this.#cast(error) : error;
  }
}

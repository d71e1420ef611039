import { once } from "node:events";
import { type ClientHttp2Stream, connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import type { Readable } from "node:stream";
import { Client, credentials, type StatusObject, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "@jest/globals";
import { CODE, type EmbeddedStore, EtcdRefusal } from "../../src/embedded/api.js";
import {
  PutRequest,
  RangeRequest,
  WatchCreateRequest,
  type WatchRequest,
  WatchResponse,
  WatchService,
} from "../../src/embedded/gen/etcd.js";
import { type EtcdApi, serveEtcdApi } from "../../src/embedded/serve.js";
import type { Logger } from "../../src/model/ports.js";
import { EtcdApiClient } from "../support/etcd-api.js";
import { until } from "../support/until.js";

const undo: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

const errors: unknown[] = [];
const log: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (fields) => errors.push(fields),
  child: () => log,
};

/** A store that does what the test says, and nothing else. */
const storeThat = (does: Partial<EmbeddedStore>): EmbeddedStore => does as EmbeddedStore;

async function serve(does: Partial<EmbeddedStore>): Promise<{ client: EtcdApiClient; api: EtcdApi }> {
  const api = await serveEtcdApi(storeThat(does), { host: "127.0.0.1", port: 0 }, log);
  const client = new EtcdApiClient(api.address);
  undo.push(
    () => api.close(),
    () => client.close(),
  );
  return { client, api };
}

/** Tells as many messages as are taken out, and counts them. */
function endless(size: number) {
  const told = { count: 0, closed: false };
  const watch = () => ({
    request: () => undefined,
    close: () => {
      told.closed = true;
    },
    async *[Symbol.asyncIterator]() {
      while (!told.closed) {
        told.count += 1;
        yield WatchResponse.fromPartial({ cancelReason: "x".repeat(size) });
      }
    },
  });
  return { told, watch };
}

/** Tells nothing until it is closed. */
function silent() {
  const heard = { requests: [] as WatchRequest[], closed: false };
  let close: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  const watch = () => ({
    request: (request: WatchRequest) => void heard.requests.push(request),
    close: () => {
      heard.closed = true;
      close();
    },
    // biome-ignore lint/correctness/useYield: it ends without a word
    async *[Symbol.asyncIterator]() {
      await closed;
    },
  });
  return { heard, watch };
}

/** A client that reads nothing until it is told to; the library's own reads ahead. */
function watchByHand(address: string): ClientHttp2Stream {
  const session = connectHttp2(`http://${address}`);
  session.on("error", () => undefined);
  undo.push(() => session.destroy());
  const headers = {
    ":method": "POST",
    ":path": "/etcdserverpb.Watch/Watch",
    "content-type": "application/grpc",
    te: "trailers",
  };
  const stream = session.request(headers, { endStream: false });
  stream.on("error", () => undefined);
  const message = WatchService.watch.requestSerialize(create);
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  stream.write(Buffer.concat([frame, message]));
  return stream;
}

const create: WatchRequest = {
  requestUnion: { $case: "createRequest", value: WatchCreateRequest.fromPartial({ key: Buffer.from("a") }) },
};

/** Code and text of its end. Nothing of a stream comes before somebody reads it. */
async function ending(stream: Readable): Promise<{ code: number; details: string }> {
  stream.on("error", () => undefined);
  stream.resume();
  const { code, details } = await new Promise<StatusObject>((resolve) => stream.once("status", resolve));
  return { code, details };
}

describe("a call", () => {
  it("is refused with the code and the words of the store", async () => {
    const { client } = await serve({
      put: async () => {
        throw new EtcdRefusal(CODE.resourceExhausted, "etcdserver: mvcc: database space exceeded");
      },
    });
    const answer = await client.call("put", PutRequest.fromPartial({}));
    expect(answer).toEqual({ code: 8, text: "etcdserver: mvcc: database space exceeded" });
  });

  it("is answered and said in the log when the store has a bug, whether it throws or rejects", async () => {
    const { client } = await serve({
      range: async () => Promise.reject(new TypeError("oh")),
      compact: () => {
        throw new TypeError("no");
      },
    });
    const text = (method: string) => `the embedded store failed in ${method}; its log has the cause`;
    const rejected = await client.call("range", RangeRequest.fromPartial({}));
    expect(rejected).toEqual({ code: status.INTERNAL, text: text("/etcdserverpb.KV/Range") });
    const thrown = await client.call("compact", { revision: 1n, physical: false });
    expect(thrown).toEqual({ code: status.INTERNAL, text: text("/etcdserverpb.KV/Compact") });
    expect(errors.splice(0)).toMatchObject([
      { cause: expect.stringContaining("TypeError: oh") },
      { cause: expect.stringContaining("TypeError: no") },
    ]);
  });

  it.each(["/etcdserverpb.Maintenance/Snapshot", "/etcdserverpb.Auth/Authenticate", "/other.Service/Call"])(
    "of %s is UNIMPLEMENTED by its name",
    async (path) => {
      const { api } = await serve({});
      const client = new Client(api.address, credentials.createInsecure());
      undo.push(() => client.close());
      const same = (bytes: Buffer) => bytes;
      const answer = await new Promise((resolve) => {
        client.makeUnaryRequest(path, same, same, Buffer.alloc(0), (error) => resolve(error));
      });
      expect(answer).toMatchObject({ code: status.UNIMPLEMENTED, details: expect.stringContaining(path) });
    },
  );

  it("whose bytes are no message is refused, and the next one is answered", async () => {
    const header = { clusterId: 1n, memberId: 1n, revision: 1n, raftTerm: 1n };
    const { api, client } = await serve({ leaseLeases: async () => ({ header, leases: [] }) });
    const raw = new Client(api.address, credentials.createInsecure());
    undo.push(() => raw.close());
    const same = (bytes: Buffer) => bytes;
    const answer = await new Promise((resolve) => {
      const broken = Buffer.from([0x0a, 0xff, 0xff]);
      raw.makeUnaryRequest("/etcdserverpb.KV/Put", same, same, broken, (error) => resolve(error));
    });
    expect(answer).toMatchObject({ code: status.INTERNAL });
    expect(await client.call("leaseLeases", {})).toMatchObject({ ok: { leases: [] } });
  });

  it("may be as large as etcd takes it, and no larger", async () => {
    const { client } = await serve({ put: async () => ({ header: undefined, prevKv: undefined }) });
    const put = (mib: number) => PutRequest.fromPartial({ value: Buffer.alloc(mib * 1024 * 1024) });
    expect(await client.call("put", put(1.9))).toMatchObject({ ok: {} });
    expect(await client.call("put", put(2.1))).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  });
});

describe("a watch stream", () => {
  it("takes nothing out of the store for a client that does not read, and the rest once it reads", async () => {
    const { told, watch } = endless(64 * 1024);
    const { api } = await serve({ watch });
    const stream = watchByHand(api.address);
    let before = -1;
    const isLeftAlone = () => {
      const isQuiet = told.count > 0 && told.count === before;
      before = told.count;
      return isQuiet;
    };
    await until("the store to be left alone", isLeftAlone, { everyMs: 250 });
    expect(told.count).toBeLessThan(100);
    stream.on("data", () => undefined);
    await until("the rest to be taken", () => told.count > 10 * before);
    stream.close();
    await until("the watch to be closed", () => told.closed);
  });

  it("hands every request on, in order, and goes on after the client's last one", async () => {
    const { heard, watch } = silent();
    const { client } = await serve({ watch });
    const stream = client.watch();
    const requests = [create, { requestUnion: { $case: "cancelRequest" as const, value: { watchId: 3n } } }];
    for (const request of requests) stream.write(request);
    stream.end();
    await until("the requests to come", () => heard.requests.length === 2);
    expect(heard).toEqual({ requests, closed: false });
    stream.on("error", () => undefined);
    stream.cancel();
    await until("the watch to be closed", () => heard.closed);
  });

  it("is refused like a call when the store cannot watch", async () => {
    const { client } = await serve({
      watch: () => {
        throw new EtcdRefusal(CODE.unavailable, "theseus: the store is closed");
      },
    });
    const end = await ending(client.watch());
    expect(end).toEqual({ code: status.UNAVAILABLE, details: "theseus: the store is closed" });
  });
});

describe("a keepalive stream", () => {
  it("answers one after the other, and ends well with the client", async () => {
    const header = { clusterId: 1n, memberId: 1n, revision: 1n, raftTerm: 1n };
    const { client } = await serve({ leaseKeepAlive: async (id) => ({ header, id, ttl: 60n }) });
    const stream = client.leaseKeepAlive();
    const ids: bigint[] = [];
    stream.on("data", ({ id }) => ids.push(id));
    for (const id of [1n, 2n, 3n]) stream.write({ id });
    stream.end();
    expect(await ending(stream)).toMatchObject({ code: status.OK });
    expect(ids).toEqual([1n, 2n, 3n]);
  });

  it("ends with the store's refusal", async () => {
    const { client } = await serve({
      leaseKeepAlive: async () => Promise.reject(new EtcdRefusal(CODE.unavailable, "theseus: the store is closed")),
    });
    const stream = client.leaseKeepAlive();
    stream.write({ id: 1n });
    const end = await ending(stream);
    expect(end).toEqual({ code: status.UNAVAILABLE, details: "theseus: the store is closed" });
  });
});

describe("the listener", () => {
  it.each(["0.0.0.0", "::", "192.168.1.5", "example.org", "127.0.0.1.example.org"])("refuses %s", async (host) => {
    const refused = serveEtcdApi(storeThat({}), { host, port: 0 }, log);
    await expect(refused).rejects.toMatchObject({
      reason: "NOT_READY",
      facts: { why: [expect.stringContaining("only this machine")], now: expect.stringContaining("nothing") },
    });
  });

  it("says who is in the way of its port", async () => {
    const { api } = await serve({});
    const port = Number(api.address.split(":")[1]);
    const refused = serveEtcdApi(storeThat({}), { host: "127.0.0.1", port }, log);
    await expect(refused).rejects.toMatchObject({
      facts: { why: [expect.stringContaining("taken by another program")], next: [expect.stringContaining(`${port}`)] },
    });
  });

  it("ends open streams with UNAVAILABLE when it is closed, and listens no more", async () => {
    const { heard, watch } = silent();
    const kept: bigint[] = [];
    const header = { clusterId: 1n, memberId: 1n, revision: 1n, raftTerm: 1n };
    const leaseKeepAlive = async (id: bigint) => {
      kept.push(id);
      return { header, id, ttl: 60n };
    };
    const { client, api } = await serve({ watch, leaseKeepAlive });
    const [watching, keeping] = [client.watch(), client.leaseKeepAlive()];
    watching.write(create);
    keeping.write({ id: 1n });
    const ends = Promise.all([ending(watching), ending(keeping)]);
    await until("both streams to come", () => heard.requests.length === 1 && kept.length === 1);
    await api.close();
    const stopped = { code: status.UNAVAILABLE, details: "etcdserver: server stopped" };
    expect(await ends).toEqual([stopped, stopped]);
    expect(heard.closed).toBe(true);
    const socket = connect(Number(api.address.split(":")[1]), "127.0.0.1");
    const [error] = await once(socket, "error");
    expect(error).toMatchObject({ code: "ECONNREFUSED" });
  });

  it("closes although a client does not read", async () => {
    const { told, watch } = endless(64 * 1024);
    const { api } = await serve({ watch });
    const stream = watchByHand(api.address);
    await until("the client to be behind", () => told.count > 5);
    await api.close();
    expect(told.closed).toBe(true);
    stream.resume();
    await until("the stream to be cut", () => stream.closed);
  });
});

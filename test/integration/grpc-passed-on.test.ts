// Acknowledgements for watches of other servers: where they are passed on to, and where they end.

import { createServer, type Server, type Socket } from "node:net";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { connect } from "../../clients/connect.js";
import { DiscoveryServiceService, WatchResponse } from "../../clients/gen/theseus/v1/discovery_service.js";
import { watchService } from "../../clients/watch-service.js";
import { TheseusError } from "../../src/model/errors.js";
import { type GroupRef, groupRef } from "../../src/model/reference.js";
import { until } from "../support/until.js";
import { Watching } from "../support/watching.js";
import { failureOf, type Rig, startRig } from "../unit/grpc/rig.js";

const ID = "0".repeat(32);
let servers: { id: string; discovery: string }[] = [];
let mute: Server;
const sockets = new Set<Socket>();
let client: Client;
let one: Rig;
let two: Rig;
let cursor: string;
let asked = 0;
let broken: Error | undefined;

beforeAll(async () => {
  const list = async () => {
    asked += 1;
    if (broken !== undefined) throw broken;
    return servers;
  };
  one = await startRig({ membership: { serverId: "one", servers: list, isAwaited: async () => true } });
  two = await startRig({ membership: { serverId: "two", servers: list, isAwaited: async () => true } });
  mute = createServer((socket) => sockets.add(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
  const silent = mute.address();
  servers = [
    { id: "one", discovery: one.inner },
    { id: "two", discovery: two.inner },
    { id: "before-one", discovery: one.inner },
    { id: "mute", discovery: `127.0.0.1:${typeof silent === "object" ? silent?.port : 0}` },
    { id: "deaf", discovery: "" },
  ];
  client = new Client(two.inner, credentials.createInsecure());
  const watching = new Watching(client, { target: { $case: "group", value: groupRef("web", []) } });
  await watching.first();
  cursor = watching.cursor;
  watching.cancel();
});
afterAll(async () => {
  client.close();
  await Promise.all([one.close(), two.close()]);
  for (const socket of sockets) socket.destroy();
  mute.close();
});

/** How often this server was called since it was last asked. */
function callsOf({ calls }: Rig): number {
  return calls.splice(0).filter(({ method }) => method.endsWith("/Acknowledge")).length;
}

function marked(rig: Rig, watchId: string, how: string): Promise<unknown> {
  const { path, requestSerialize, responseDeserialize } = DiscoveryServiceService.acknowledge;
  const metadata = new Metadata();
  metadata.set("theseus-passed-on", how);
  const to = new Client(rig.inner, credentials.createInsecure());
  return new Promise((resolve, reject) => {
    to.makeUnaryRequest(path, requestSerialize, responseDeserialize, { watchId, cursor }, metadata, (error, answer) =>
      error === null ? resolve(answer) : reject(error),
    );
  }).finally(() => to.close());
}

describe("an acknowledgement for a watch of another server", () => {
  it("that was started again at the same address ends there, and does not go round", async () => {
    callsOf(one);
    const request = { watchId: `before-one.${ID}`, cursor };
    expect(await failureOf(one.discovery.acknowledge(request))).toMatchObject({ reason: "NO_SUCH_WATCH" });
    expect(callsOf(one)).toBe(1);
    expect(await failureOf(two.discovery.acknowledge(request))).toMatchObject({ reason: "NO_SUCH_WATCH" });
    await until("the call to be written down", () => two.calls.length > 0);
    expect([callsOf(one), callsOf(two)]).toEqual([1, 1]);
  });

  it("is never passed on twice", async () => {
    callsOf(one);
    for (const how of ["as it came", "came back", "?"]) {
      expect(await failureOf(marked(two, `one.${ID}`, how))).toMatchObject({ reason: "NO_SUCH_WATCH" });
    }
    expect(callsOf(one)).toBe(0);
  });

  it("is to be said again when that server does not answer, or does not listen yet", async () => {
    for (const id of ["mute", "deaf"]) {
      const failed = await failureOf(one.discovery.acknowledge({ watchId: `${id}.${ID}`, cursor }));
      expect(failed).toMatchObject({ reason: "NOT_READY", code: 14, now: "the acknowledgement was not counted" });
      expect(failed.why).toContain(id === "deaf" ? "deaf" : "127.0.0.1");
    }
  });

  it("needs no store where that server is known", async () => {
    const watching = new Watching(client, {
      target: { $case: "group", value: groupRef("web", []) },
      acknowledges: true,
    });
    await watching.first();
    broken = new TheseusError("STORE_UNREACHABLE", { what: "away" });
    const before = asked;
    await one.discovery.acknowledge({ watchId: watching.watchId, cursor: watching.cursor });
    broken = undefined;
    expect(asked - before).toBeLessThanOrEqual(1);
    watching.cancel();
  });
});

it("a record that is written again as it was is told to nobody", async () => {
  const ref = groupRef("same", []);
  const info = { instanceName: "a", instanceHost: "10.1.2.3", instancePort: 1, portMappings: {} };
  const { revision } = await written(info);
  const watching = new Watching(client, { target: { $case: "group", value: ref }, includeNotReady: true });
  await watching.first();
  await written({ ...info });
  const changed = await written({ ...info, weight: 7 });
  await watching.reached(changed.revision);
  expect(watching.messages).toHaveLength(2);
  expect(watching.messages.at(-1)?.revision).toBeGreaterThan(revision + 1n);
  watching.cancel();

  async function written(as: typeof info & { weight?: number }) {
    two.store.putContainer({ ...ref, name: "a" }, { info: as });
    await two.settled();
    return { revision: two.store.revision };
  }
});

describe("an answer that has much to say", () => {
  /** So many endpoints, each of about 20 kB. */
  async function put(ref: GroupRef, count: number): Promise<void> {
    const info = { instanceName: "x", instanceHost: "h".repeat(10_000), instancePort: 1, portMappings: {} };
    for (let i = 0; i < count; i++) two.store.putContainer({ ...ref, name: `c${i}` }, { info });
    await two.settled();
  }

  it("is watched in parts that every client takes, where a lookup is too much for some", async () => {
    const ref = groupRef("large", []);
    const target = { $case: "group" as const, value: ref };
    await put(ref, 250);
    const watching = new Watching(client, { target });
    await until("everything to be told", () => watching.cursor !== "" || watching.ended !== undefined);
    expect(watching.ended).toBeUndefined();
    expect(watching.names).toHaveLength(250);
    const { messages } = watching;
    expect(messages.length).toBeGreaterThan(4);
    expect(messages.map(({ more }) => more)).toEqual(messages.map((_, i) => i < messages.length - 1));
    expect(messages.map((message) => message.cursor !== "")).toEqual(messages.map(({ more }) => !more));
    const sizes = messages.map((message) => WatchResponse.encode(message).finish().length);
    expect(Math.max(...sizes)).toBeLessThan(1.1 * 1024 * 1024);
    watching.cancel();
    await expect(two.discovery.lookup({ target })).rejects.toMatchObject({ code: 8 });
    const connection = connect(two.inner);
    const { endpoints } = await connection.discovery.lookup({ target });
    const watch = watchService(connection, { group: ref });
    const { value: state } = await watch[Symbol.asyncIterator]().next();
    expect(state?.endpoints).toEqual(endpoints);
    await watch.return?.();
    connection.close();
  }, 30_000);

  it("is refused as a lookup where no message takes it, with what to do", async () => {
    const ref = groupRef("larger", []);
    await put(ref, 900);
    const failed = await failureOf(two.discovery.lookup({ target: { $case: "group", value: ref } }));
    expect(failed).toMatchObject({ code: 8, reason: "LIMIT_REACHED" });
    expect(failed.text).toMatch(/^the answer has [\d.]+ MiB, and one message takes 15 MiB$/);
    expect(failed.next).toContain("watch instead");
  }, 30_000);
});

// watchService() against servers that break off, fall silent, lose history and wait for acknowledgements.

import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "@jest/globals";
import { connect, type ServiceState, type ServiceWatch, watchService } from "../../clients/index.js";
import { endpointNamed, ScriptedDiscovery } from "../support/scripted-discovery.js";
import { startTcpProxy } from "../support/tcp-proxy.js";
import { until } from "../support/until.js";

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function server(name?: string): Promise<ScriptedDiscovery> {
  const scripted = await ScriptedDiscovery.start(name);
  ending.push(() => scripted.close());
  return scripted;
}

function watching(address: string | readonly string[], options: Parameters<typeof watchService>[2] = {}): ServiceWatch {
  const watch = watchService(address, "web", { watcherId: "me", ...options });
  ending.push(() => watch.return());
  return watch;
}

async function next(watch: ServiceWatch): Promise<ServiceState> {
  const { value } = await watch.next();
  if (value === undefined) throw new Error("the watch has ended");
  return value;
}

const names = ({ endpoints }: ServiceState) => endpoints.map(({ container }) => container?.name);

describe("a watched service", () => {
  it("is told whole, in stable order, after each snapshot and each change", async () => {
    const scripted = await server();
    const watch = watching(scripted.address, { port: "http", includeNotReady: true });
    const stream = await scripted.watch(1);
    expect(stream.request).toMatchObject({
      target: { $case: "selector", value: { service: "web", labels: "" } },
      port: "http",
      includeNotReady: true,
      cursor: "",
      acknowledges: false,
      watcherId: "me",
    });
    stream.snapshot(5, [endpointNamed("w2"), endpointNamed("w1")]);
    const first = await next(watch);
    expect(names(first)).toEqual(["w1", "w2"]);
    expect(first).toMatchObject({ revision: 5n, cursor: "c5" });
    stream.put(6, endpointNamed("w10"), endpointNamed("w1", { weight: 7 }));
    const second = await next(watch);
    expect(names(second)).toEqual(["w1", "w2", "w10"]);
    expect(second.endpoints[0]?.weight).toBe(7);
    stream.removed(7, "w2");
    expect(names(await next(watch))).toEqual(["w1", "w10"]);
    stream.snapshot(9, [endpointNamed("w3")]);
    expect(names(await next(watch))).toEqual(["w3"]);
  });

  it("is told at its newest to a reader who is slow", async () => {
    const scripted = await server();
    const watch = watching(scripted.address);
    const stream = await scripted.watch(1);
    stream.snapshot(1, []);
    await next(watch);
    for (let revision = 2; revision <= 500; revision += 1) stream.put(revision, endpointNamed(`w${revision}`));
    const states: ServiceState[] = [];
    while (states.at(-1)?.revision !== 500n) {
      states.push(await next(watch));
      const busy = performance.now() + 20;
      await until("the reader to have done its work", () => performance.now() > busy);
    }
    expect(states.length).toBeLessThan(499);
    expect(states.at(-1)?.endpoints).toHaveLength(499);
  });

  it("goes on from its cursor after a break, without telling anything twice", async () => {
    const scripted = await server();
    const watch = watching(scripted.address);
    const first = await scripted.watch(1);
    first.snapshot(5, [endpointNamed("w1")]);
    await next(watch);
    first.bookmark(8);
    first.end();
    const second = await scripted.watch(2);
    expect(second.request).toMatchObject({ cursor: "c8", lastWatchId: "s.1", watcherId: "me" });
    second.bookmark(8);
    second.put(9, endpointNamed("w2"));
    const state = await next(watch);
    expect(names(state)).toEqual(["w1", "w2"]);
    expect(state.revision).toBe(9n);
  });

  it("goes on at another server when its own is gone, and when its own takes no more", async () => {
    const [one, two] = [await server("one"), await server("two")];
    const watch = watching([one.address, two.address]);
    (await one.watch(1)).snapshot(5, [endpointNamed("w1")]);
    await next(watch);
    one.close();
    const there = await two.watch(1);
    expect(there.request).toMatchObject({ cursor: "c5", lastWatchId: "one.1" });
    there.snapshot(7, [endpointNamed("w2")]);
    expect(names(await next(watch))).toEqual(["w2"]);
    const [full, free] = [await server("full"), await server("free")];
    const other = watching([full.address, free.address]);
    (await full.watch(1)).end(status.RESOURCE_EXHAUSTED);
    (await free.watch(1)).snapshot(1, []);
    expect(names(await next(other))).toEqual([]);
  });

  it("goes on elsewhere when a stream falls silent though its connection stands", async () => {
    const [one, two] = [await server("one"), await server("two")];
    const proxy = await startTcpProxy(Number(one.address.split(":")[1]));
    ending.push(() => proxy.close());
    const watch = watching([`127.0.0.1:${proxy.port}`, two.address], { silence: 200 });
    (await one.watch(1)).snapshot(5, [endpointNamed("w1")]);
    await next(watch);
    proxy.swallow();
    const there = await two.watch(1);
    there.put(6, endpointNamed("w2"));
    expect(names(await next(watch))).toEqual(["w1", "w2"]);
  });

  it("ends a stream that fell silent once another one has spoken, or with the watch", async () => {
    const scripted = await server();
    const watch = watching(scripted.address, { silence: 200 });
    const streams = [await scripted.watch(1), await scripted.watch(2)];
    streams[1]?.snapshot(1, []);
    await next(watch);
    await until("the first to be ended", () => streams[0]?.isCancelled === true);
    await scripted.watch(3);
    await watch.return();
    await until("all to be ended", () => scripted.watches.every(({ isCancelled }) => isCancelled));
  });

  it("is not taken for silent as long as bookmarks come, and tells how old it is", async () => {
    const scripted = await server();
    const watch = watching(scripted.address, { silence: 200 });
    expect(watch.age()).toBeUndefined();
    const stream = await scripted.watch(1);
    stream.snapshot(5, []);
    await next(watch);
    const [early, late] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 3_600_000)];
    for (let count = 0; count < 10; count += 1) {
      const waited = performance.now() + 60;
      stream.bookmark(5, early);
      await until("a moment to be over", () => performance.now() > waited);
    }
    expect(scripted.watches).toHaveLength(1);
    // Not by the server's clock, which goes wrong, but for as long as that has said nothing new.
    const old = watch.age() ?? 0;
    expect(old).toBeLessThan(3_600_000);
    stream.bookmark(5, late);
    await until("to be younger", () => (watch.age() ?? old) < old);
  });

  it("begins anew with a snapshot when its cursor is refused", async () => {
    const scripted = await server();
    const watch = watching(scripted.address);
    (await scripted.watch(1)).snapshot(5, [endpointNamed("w1")]);
    await next(watch);
    (await scripted.watch(1)).end();
    (await scripted.watch(2)).end(status.INVALID_ARGUMENT);
    const third = await scripted.watch(3);
    expect(third.request).toMatchObject({ cursor: "", lastWatchId: "" });
    third.snapshot(2, [endpointNamed("w2")]);
    expect(names(await next(watch))).toEqual(["w2"]);
  });
});

describe("the end of a watch", () => {
  it("is an error when no server will ever answer", async () => {
    const scripted = await server();
    const watch = watching(scripted.address);
    (await scripted.watch(1)).end(status.PERMISSION_DENIED);
    await expect(watch.next()).rejects.toMatchObject({ code: status.PERMISSION_DENIED });
    expect(await watch.next()).toEqual({ done: true, value: undefined });
  });

  it("comes with the signal, with leaving the loop, and ends the call at the server", async () => {
    const scripted = await server();
    const stop = new AbortController();
    const aborted = watching(scripted.address, { signal: stop.signal });
    const waiting = aborted.next();
    const first = await scripted.watch(1);
    stop.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await until("the first call to end", () => first.isCancelled);
    const connection = connect(scripted.address);
    ending.push(() => connection.close());
    const left = watchService(connection, { group: { service: "web", labels: ["dev"] } });
    const second = await scripted.watch(2);
    expect(second.request.target).toMatchObject({ $case: "group", value: { service: "web", labels: ["dev"] } });
    second.snapshot(1, []);
    for await (const { revision } of left) {
      expect(revision).toBe(1n);
      break;
    }
    await until("the second call to end", () => second.isCancelled);
  });
});

describe("an acknowledgement", () => {
  it("is sent once the next state is asked for, for the newest that was taken", async () => {
    const scripted = await server();
    const watch = watching(scripted.address, { acknowledge: true });
    const stream = await scripted.watch(1);
    expect(stream.request.acknowledges).toBe(true);
    stream.snapshot(5, [endpointNamed("w1")]);
    const one = await next(watch);
    expect(one.revision).toBe(5n);
    stream.removed(6, "w1");
    const asking = watch.next();
    const { value } = await asking;
    expect(value?.revision).toBe(6n);
    await scripted.acknowledgedCursor("c5", "s.1");
    expect(scripted.acknowledged.some(({ cursor }) => cursor === "c6")).toBe(false);
    void watch.next();
    await scripted.acknowledgedCursor("c6", "s.1");
  });

  it("is sent again until a server has heard it, and not when nobody waits", async () => {
    const scripted = await server();
    const watch = watching(scripted.address, { acknowledge: true });
    scripted.refusals.push(status.UNAVAILABLE, status.UNAVAILABLE, status.UNAVAILABLE);
    const stream = await scripted.watch(1);
    stream.snapshot(5, []);
    await next(watch);
    void watch.next();
    await scripted.acknowledgedCursor("c5", "s.1");
    expect(scripted.refusals).toEqual([]);
    scripted.refusals.push(status.NOT_FOUND);
    stream.bookmark(6);
    await until("the refusal", () => scripted.refusals.length === 0);
    stream.bookmark(7);
    await scripted.acknowledgedCursor("c7", "s.1");
    expect(scripted.acknowledged.map(({ cursor }) => cursor)).toEqual(["c5", "c7"]);
  });

  it("is sent again after a refusal of any kind, with the next message at the latest", async () => {
    const scripted = await server();
    const watch = watching(scripted.address, { acknowledge: true });
    scripted.refusals.push(status.INTERNAL, status.UNKNOWN);
    const stream = await scripted.watch(1);
    stream.snapshot(5, []);
    await next(watch);
    void watch.next();
    await scripted.acknowledgedCursor("c5", "s.1");
    scripted.refusals.push(status.NOT_FOUND);
    stream.bookmark(6);
    await until("the refusal", () => scripted.refusals.length === 0);
    // No other cursor, and yet there is something to be said.
    stream.bookmark(6);
    await scripted.acknowledgedCursor("c6", "s.1");
  });

  it("goes to another server when one is silent though its connection stands", async () => {
    const [one, two] = [await server("one"), await server("two")];
    const proxy = await startTcpProxy(Number(one.address.split(":")[1]));
    ending.push(() => proxy.close());
    const watch = watching([`127.0.0.1:${proxy.port}`, two.address], { acknowledge: true });
    (await one.watch(1)).snapshot(5, []);
    await next(watch);
    proxy.swallow();
    void watch.next();
    await two.acknowledgedCursor("c5", "one.1");
    expect(one.acknowledged).toEqual([]);
  });

  it("is repeated for the stream that comes after a break", async () => {
    const scripted = await server();
    const watch = watching(scripted.address, { acknowledge: true });
    const first = await scripted.watch(1);
    first.snapshot(5, []);
    await next(watch);
    void watch.next();
    await scripted.acknowledgedCursor("c5", "s.1");
    first.end();
    (await scripted.watch(2)).bookmark(5);
    await scripted.acknowledgedCursor("c5", "s.2");
  });

  it("is repeated for a new stream that begins with a change, for what was taken before", async () => {
    const scripted = await server();
    const watch = watching(scripted.address, { acknowledge: true });
    const first = await scripted.watch(1);
    first.snapshot(5, [endpointNamed("w1")]);
    await next(watch);
    const asking = watch.next();
    await scripted.acknowledgedCursor("c5", "s.1");
    first.end();
    (await scripted.watch(2)).removed(6, "w1");
    await asking;
    await scripted.acknowledgedCursor("c5", "s.2");
    expect(scripted.acknowledged.some(({ cursor }) => cursor === "c6")).toBe(false);
  });

  it("comes before a stream that fell silent is ended: a server that hears the end waits for nobody", async () => {
    const [one, two] = [await server("one"), await server("two")];
    const watch = watching([one.address, two.address], { acknowledge: true, silence: 200 });
    const silent = await one.watch(1);
    silent.snapshot(5, [endpointNamed("w1")]);
    await next(watch);
    const there = await two.watch(1);
    there.removed(6, "w1");
    const beating = setInterval(() => there.bookmark(6), 50);
    ending.push(() => clearInterval(beating));
    expect(names(await next(watch))).toEqual([]);
    expect(silent.isCancelled).toBe(false);
    void watch.next();
    await two.acknowledgedCursor("c6", "two.1");
    await until("the silent one to be ended", () => silent.isCancelled);
  });

  it("is not made for what a new stream brings before the caller has taken it", async () => {
    const scripted = await server();
    const watch = watching(scripted.address, { acknowledge: true });
    const first = await scripted.watch(1);
    first.snapshot(5, [endpointNamed("w1")]);
    await next(watch);
    first.removed(6, "w1");
    first.end();
    (await scripted.watch(2)).bookmark(6);
    (await scripted.watch(2)).bookmark(7);
    const { value } = await watch.next();
    expect(value?.revision).toBe(6n);
    await until("an acknowledgement", () => scripted.acknowledged.length > 0);
    expect(new Set(scripted.acknowledged.map(({ cursor }) => cursor))).toEqual(new Set(["c5"]));
    void watch.next();
    await scripted.acknowledgedCursor("c7", "s.2");
  });
});

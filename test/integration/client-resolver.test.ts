// The name resolver in channels of grpc-js: lists that grow, shrink and are empty, servers that go, and the end.

import { type ChannelOptions, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "@jest/globals";
import { registerTheseusResolver } from "../../clients/index.js";
import { ResolvedChannel, startBackend } from "../support/resolved-channel.js";
import { endpointNamed, ScriptedDiscovery } from "../support/scripted-discovery.js";
import { until } from "../support/until.js";

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function scriptedServer(): Promise<ScriptedDiscovery> {
  const scripted = await ScriptedDiscovery.start();
  ending.push(() => scripted.close());
  registerTheseusResolver({ servers: scripted.address, watcherId: "backend" });
  return scripted;
}

function channel(name: string, options?: ChannelOptions): ResolvedChannel {
  const made = new ResolvedChannel(name, options);
  ending.push(() => made.close());
  return made;
}

/** A backend, as discovery tells of it. */
async function backend(name: string, more: { readonly weight?: number; readonly ready?: boolean } = {}) {
  const server = await startBackend(name);
  ending.push(() => server.close());
  const [address = "", port] = server.address.split(":");
  return { server, endpoint: endpointNamed(name, { address, port: Number(port), ...more }) };
}

describe("a channel to a service by name", () => {
  it("asks for what its name says, and spreads calls over what is ready", async () => {
    const scripted = await scriptedServer();
    const [a, b, c] = [await backend("a1"), await backend("b2"), await backend("c3", { ready: false })];
    const caller = channel("theseus:///web?labels=dev,frontend&port=grpc&namespace=shop");
    const answers = caller.askMany(20);
    const stream = await scripted.watch(1);
    expect(stream.request).toMatchObject({
      target: { $case: "selector", value: { namespace: "shop", service: "web", labels: "dev,frontend" } },
      port: "grpc",
      acknowledges: true,
      watcherId: "backend",
    });
    stream.snapshot(1, [a.endpoint, b.endpoint, c.endpoint]);
    expect((await answers).length).toBeGreaterThan(0);
    await until("both to be asked", async () => (await caller.askMany(20)).join() === "a1,b2");
  });

  it("sees one more as soon as it is told of it, and asks no more where it is told that one leaves", async () => {
    const scripted = await scriptedServer();
    const [a, b] = [await backend("a1"), await backend("b2")];
    const caller = channel("theseus:///web/dev,frontend");
    const first = caller.ask();
    const stream = await scripted.watch(1);
    expect(stream.request.target).toMatchObject({ $case: "group", value: { labels: ["dev", "frontend"] } });
    stream.snapshot(1, [a.endpoint]);
    expect(await first).toBe("a1");
    stream.put(2, b.endpoint);
    await until("the new one to be asked", async () => (await caller.askMany(4)).includes("b2"));
    stream.removed(3, "a1");
    await scripted.acknowledgedCursor("c3", "s.1");
    expect(await caller.askMany(20)).toEqual(["b2"]);
  });

  it("fails calls at once, saying why, while nothing is ready, and goes on when something is", async () => {
    const scripted = await scriptedServer();
    const a = await backend("a1");
    const caller = channel("theseus:///web?labels=dev");
    const first = caller.ask();
    const stream = await scripted.watch(1);
    stream.snapshot(1, []);
    await expect(first).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringContaining("no endpoint of web -l dev is ready"),
    });
    stream.put(2, a.endpoint);
    await scripted.acknowledgedCursor("c2", "s.1");
    expect(await caller.ask()).toBe("a1");
    stream.removed(3, "a1");
    await scripted.acknowledgedCursor("c3", "s.1");
    await expect(caller.ask()).rejects.toMatchObject({ details: expect.stringContaining("no endpoint of web") });
    stream.put(4, a.endpoint);
    await scripted.acknowledgedCursor("c4", "s.1");
    expect(await caller.ask()).toBe("a1");
  });

  it("leaves those of weight 0 alone as long as there are others", async () => {
    const scripted = await scriptedServer();
    const [a, b] = [await backend("a1", { weight: 0 }), await backend("b2")];
    const caller = channel("theseus:///web");
    const first = caller.ask();
    const stream = await scripted.watch(1);
    stream.snapshot(1, [a.endpoint, b.endpoint]);
    await first;
    expect(await caller.askMany(10)).toEqual(["b2"]);
    stream.snapshot(2, [a.endpoint]);
    await scripted.acknowledgedCursor("c2", "s.1");
    expect(await caller.askMany(10)).toEqual(["a1"]);
  });

  it("keeps its list while no server answers, and says that none does when it has no list", async () => {
    const scripted = await scriptedServer();
    const a = await backend("a1");
    const caller = channel("theseus:///web");
    const first = caller.ask();
    (await scripted.watch(1)).snapshot(1, [a.endpoint]);
    await first;
    scripted.close();
    expect(await caller.askMany(10)).toEqual(["a1"]);
    await expect(channel("theseus:///web").ask()).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringContaining("no answer from a Theseus server"),
    });
  });

  it("asks the next server when the first goes before it has said anything, and no call fails of it", async () => {
    const [gone, other] = [await scriptedServer(), await scriptedServer()];
    registerTheseusResolver({ servers: [gone.address, other.address], watcherId: "backend" });
    const a = await backend("a1");
    const first = channel("theseus:///web").ask();
    await gone.watch(1);
    gone.close();
    (await other.watch(1)).snapshot(1, [a.endpoint]);
    expect(await first).toBe("a1");
  });

  it("that is closed ends its watch", async () => {
    const scripted = await scriptedServer();
    const caller = channel("theseus:///web");
    const call = caller.ask();
    const stream = await scripted.watch(1);
    stream.snapshot(1, []);
    await expect(call).rejects.toMatchObject({ code: status.UNAVAILABLE });
    caller.close();
    await until("the watch to end", () => stream.isCancelled);
  });

  it("keeps a service config of its own", async () => {
    const scripted = await scriptedServer();
    const [a, b] = [await backend("a1"), await backend("b2")];
    const config = JSON.stringify({ loadBalancingConfig: [{ pick_first: {} }] });
    const caller = channel("theseus:///web", { "grpc.service_config": config });
    const first = caller.ask();
    (await scripted.watch(1)).snapshot(1, [a.endpoint, b.endpoint]);
    await first;
    expect(await caller.askMany(10)).toEqual(["a1"]);
  });

  it("is refused with a name that means nothing", async () => {
    await scriptedServer();
    expect(() => channel("theseus:///web?label=dev")).toThrow("label, and may have labels, namespace, port");
    expect(() => channel("theseus://web/x")).toThrow("three slashes");
    expect(() => channel("theseus:///web/dev?labels=dev")).toThrow("labels twice");
    expect(() => registerTheseusResolver({ servers: "" })).toThrow(TypeError);
  });
});

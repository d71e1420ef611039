// Watch handlers against a scripted server: when they run, how often, and what is told of their ends.

import { afterEach, describe, expect, it } from "@jest/globals";
import {
  type RunningWatchHandlers,
  runWatchHandlers,
  type WatchHandler,
  type WatchHandlerCall,
} from "../../clients/index.js";
import { endpointNamed, ScriptedDiscovery, type ScriptedWatch } from "../support/scripted-discovery.js";
import { until } from "../support/until.js";

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

type Started = {
  readonly scripted: ScriptedDiscovery;
  readonly stream: ScriptedWatch;
  readonly running: RunningWatchHandlers;
};

async function start(handler: WatchHandler): Promise<Started> {
  const scripted = await ScriptedDiscovery.start();
  ending.push(() => scripted.close());
  const running = runWatchHandlers({ handlers: { web: handler }, services: ["web"], server: scripted.address });
  ending.push(() => running.stop());
  return { scripted, stream: await scripted.watch(1), running };
}

describe("a watch handler", () => {
  it("runs once at first and once per change, and not for what does not concern it", async () => {
    const calls: WatchHandlerCall[] = [];
    const { scripted, stream, running } = await start((call) => void calls.push(call));
    stream.snapshot(1, [endpointNamed("w1")]);
    await scripted.acknowledgedCursor("c1", "s.1");
    // The same endpoints, at other revisions.
    stream.put(2, endpointNamed("w1"));
    await scripted.acknowledgedCursor("c2", "s.1");
    stream.snapshot(3, [endpointNamed("w1")]);
    await scripted.acknowledgedCursor("c3", "s.1");
    stream.put(4, endpointNamed("w2"));
    await scripted.acknowledgedCursor("c4", "s.1");
    expect(calls.map(({ initial, nodes }) => [initial, nodes])).toEqual([
      [true, ["10.0.0.1:20001"]],
      [false, ["10.0.0.1:20001", "10.0.0.1:20002"]],
    ]);
    expect(running.status()["web"]).toMatchObject({ runs: 2, exitStatus: 0, failures: 0, isRunning: false });
  });

  it("runs one at a time, and then for the newest alone", async () => {
    const seen: number[] = [];
    const releases: (() => void)[] = [];
    const { scripted, stream, running } = await start(async ({ nodes }) => {
      seen.push(nodes.length);
      await new Promise<void>((resolve) => releases.push(resolve));
    });
    stream.snapshot(1, [endpointNamed("w1")]);
    await until("the first run", () => releases.length === 1);
    expect(running.status()["web"]).toMatchObject({ runs: 0, isRunning: true });
    for (let count = 2; count <= 20; count += 1) stream.put(count, endpointNamed(`w${count}`));
    stream.end();
    (await scripted.watch(2)).bookmark(20);
    expect(releases).toHaveLength(1);
    releases[0]?.();
    await until("the second run", () => releases.length === 2);
    releases[1]?.();
    await scripted.acknowledgedCursor("c20", "s.2");
    expect(seen).toEqual([1, 20]);
  });

  it("that fails runs again with the newest, its last end visible, and nothing counts as taken before", async () => {
    const attempts: [number, number, boolean][] = [];
    const heals = new Set<number>([3]);
    const { scripted, stream, running } = await start(({ attempt, nodes, initial }) => {
      attempts.push([attempt, nodes.length, initial]);
      if (attempts.length === 1) throw new Error("no");
      return heals.has(nodes.length) ? 0 : 7;
    });
    stream.snapshot(1, [endpointNamed("w1")]);
    await until("two failures", () => running.status()["web"]?.failures === 2);
    expect(running.status()["web"]).toMatchObject({ runs: 2, exitStatus: 7, failures: 2 });
    expect(scripted.acknowledged).toEqual([]);
    stream.put(2, endpointNamed("w2"), endpointNamed("w3"));
    await scripted.acknowledgedCursor("c2", "s.1");
    expect(attempts.slice(0, 2)).toEqual([
      [1, 1, true],
      [2, 1, true],
    ]);
    expect(attempts.at(-1)).toEqual([1, 3, true]);
    expect(running.status()["web"]).toMatchObject({ exitStatus: 0, failures: 0 });
  });

  it("runs again for what it had handled before a failure, and nothing is taken until that has ended well", async () => {
    const seen: string[] = [];
    let heals = true;
    const { scripted, stream, running } = await start(({ nodes, initial }) => {
      seen.push(`${nodes.length} ${initial}`);
      return heals ? 0 : 7;
    });
    stream.snapshot(1, [endpointNamed("w1")]);
    await scripted.acknowledgedCursor("c1", "s.1");
    heals = false;
    stream.put(2, endpointNamed("w2"));
    await until("a failure", () => running.status()["web"]?.failures === 1);
    // As it was at first; what the run that failed has done to that is not known.
    stream.removed(3, "w2");
    await until("a run for the first state", () => seen.filter((text) => text === "1 false").length === 1);
    expect(scripted.acknowledged.map(({ cursor }) => cursor)).toEqual(["c1"]);
    heals = true;
    await scripted.acknowledgedCursor("c3", "s.1");
    expect(running.status()["web"]).toMatchObject({ exitStatus: 0, failures: 0 });
  });

  it("is given addresses of IPv6 in brackets", async () => {
    const seen: string[] = [];
    const { scripted, stream } = await start(({ nodes }) => void seen.push(...nodes));
    stream.snapshot(1, [endpointNamed("w1", { address: "fd00::1" })]);
    await scripted.acknowledgedCursor("c1", "s.1");
    expect(seen).toEqual(["[fd00::1]:20001"]);
  });

  it("is told when it has to stop, and is waited for", async () => {
    let isOver = false;
    const { stream, running } = await start(async ({ signal }) => {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      isOver = true;
    });
    stream.snapshot(1, []);
    await until("a run", () => running.status()["web"]?.isRunning);
    await running.stop();
    expect(isOver).toBe(true);
    await running.ended;
  });

  it("is there for each service of WATCHES, or nothing begins", async () => {
    const scripted = await ScriptedDiscovery.start();
    ending.push(() => scripted.close());
    process.env["WATCHES"] = "web, db,web";
    process.env["THESEUS_SERVER"] = scripted.address;
    ending.push(() => {
      delete process.env["WATCHES"];
      delete process.env["THESEUS_SERVER"];
    });
    expect(() => runWatchHandlers({ handlers: { web: () => undefined } })).toThrow("db is to be watched");
    const running = runWatchHandlers({ handlers: { web: () => undefined, "*": () => undefined } });
    ending.push(() => running.stop());
    await scripted.watch(2);
    expect(Object.keys(running.status())).toEqual(["web", "db"]);
    delete process.env["WATCHES"];
    expect(() => runWatchHandlers({ handlers: {} })).toThrow("WATCHES is not set");
  });
});

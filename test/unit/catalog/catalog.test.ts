import { getEventListeners } from "node:events";
import { describe, expect, it } from "@jest/globals";
import { createCatalog } from "../../../src/catalog/catalog.js";
import type { Clock, Logger } from "../../../src/model/ports.js";
import { type GroupRef, groupId, groupRef } from "../../../src/model/reference.js";
import type { CatalogFeed, Entry, EntryAt, Feed } from "../../../src/model/store.js";

const NOW = { wall: 1_000_000, monotonic: 5_000 };

class Source implements CatalogFeed {
  readonly #queue: Feed[] = [];
  #wake: () => void = () => undefined;
  reads: bigint[] = [];
  old: readonly EntryAt[] | Error = [];

  send(...messages: Feed[]): void {
    this.#queue.push(...messages);
    this.#wake();
  }

  async *follow(signal: AbortSignal): AsyncIterable<Feed> {
    signal.addEventListener("abort", () => this.#wake());
    for (;;) {
      const next = this.#queue.shift();
      if (next !== undefined) yield next;
      else if (signal.aborted) throw signal.reason;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  readSlots = () => Promise.resolve(undefined);
  readRollouts = () => Promise.resolve(undefined);
  readHosts = () => Promise.resolve([]);
  /** What the store holds at this moment. */
  present: { keys: Map<string, bigint>; revision: bigint } = { keys: new Map(), revision: 0n };
  presentKeys = async () => this.present;
  readAt = async (revision: bigint) => {
    this.reads.push(revision);
    if (this.old instanceof Error) throw this.old;
    return this.old;
  };
}

function start() {
  const source = new Source();
  const quiet = () => undefined;
  const log: Logger = {
    debug: quiet,
    info: quiet,
    error: quiet,
    warn: quiet,
    child: () => log,
  };
  const clock: Clock = {
    now: () => NOW.wall,
    monotonic: () => NOW.monotonic,
    sleep: () => new Promise(() => undefined),
  };
  const catalog = createCatalog(source, clock, log);
  const stop = new AbortController();
  const running = catalog.run(stop.signal);
  return { source, catalog, stop, running };
}

const cursor = (revision: bigint) => ({ epoch: "e", revision });
const info = { instanceName: "x", instanceHost: "10.0.0.1", instancePort: 1, portMappings: {} };

function foreign(ref: GroupRef, name: string, modRevision: bigint): EntryAt {
  return { key: `${groupId(ref)}/${name}/info`, entry: { kind: "info", ref: { ...ref, name }, info }, modRevision };
}

function at(key: string, entry: Entry, modRevision = 1n): EntryAt {
  return { key, entry, modRevision };
}

const web = groupRef("web", ["dev"]);
const patience = () => new AbortController().signal;

describe("the catalog", () => {
  it("says NOT_READY until the store has been read once", () => {
    const { catalog } = start();
    expect(() => catalog.view()).toThrow(expect.objectContaining({ reason: "NOT_READY" }));
    expect(catalog.cursor()).toBeUndefined();
  });

  it("says STORE_UNREACHABLE when the store has not been read for a while after the start", () => {
    const { catalog } = start();
    NOW.monotonic += 3_000;
    expect(() => catalog.view()).toThrow(expect.objectContaining({ reason: "STORE_UNREACHABLE", retryable: true }));
  });

  it("finds a record that somebody wrote by hand, without any key above it", async () => {
    const { catalog, source } = start();
    source.send({ kind: "snapshot", entries: [foreign(web, "x", 3n)], cursor: cursor(3n) });
    await catalog.reach(3n, patience());
    expect(catalog.view().services()).toMatchObject([{ ref: { service: "web" }, groups: [{ ref: web }] }]);
    expect(catalog.view().group(web)).toMatchObject({ containers: [{ ref: { name: "x" }, info }], modRevision: 3n });
    expect(catalog.view().group(web)?.uid).toBeUndefined();
  });

  it("always has the namespace default, and those that only a record implies", async () => {
    const { catalog, source } = start();
    const shop = groupRef("web", [], "shop");
    source.send({ kind: "snapshot", entries: [foreign(shop, "x", 1n)], cursor: cursor(1n) });
    await catalog.reach(1n, patience());
    expect(
      catalog
        .view()
        .namespaces()
        .map(({ name }) => name),
    ).toEqual(["default", "shop"]);
    expect(catalog.view().services("default")).toEqual([]);
    expect(catalog.view().groups("shop", "web")).toHaveLength(1);
  });

  it("tells that everything may have changed when another epoch begins", async () => {
    const { catalog, source } = start();
    const told: unknown[] = [];
    source.send({ kind: "snapshot", entries: [], cursor: cursor(1n) });
    await catalog.reach(1n, patience());
    catalog.onChange((group) => told.push(group));
    source.send({ kind: "bookmark", cursor: cursor(2n) });
    source.send({ kind: "bookmark", cursor: { epoch: "f", revision: 3n } });
    await catalog.reach(3n, patience());
    expect(told).toEqual(["all"]);
  });

  it("shows values that cannot be understood as problems", async () => {
    const { catalog, source } = start();
    const broken = at("k", { kind: "broken", ref: { ...web, name: "x" }, problem: "no JSON" });
    const group = at("g", { kind: "broken", ref: web, problem: "no uid" });
    source.send({ kind: "snapshot", entries: [broken, group], cursor: cursor(1n) });
    await catalog.reach(1n, patience());
    expect(catalog.view().group(web)).toMatchObject({ problems: ["no uid"], containers: [{ problem: "no JSON" }] });
  });

  it("keeps a view as it was while changes come, and shares what did not change", async () => {
    const { catalog, source } = start();
    const api = groupRef("api", []);
    source.send({ kind: "snapshot", entries: [foreign(web, "x", 1n), foreign(api, "y", 1n)], cursor: cursor(1n) });
    await catalog.reach(1n, patience());
    const before = catalog.view();
    source.send({ kind: "delta", put: [], removed: [foreign(web, "x", 1n).key], cursor: cursor(2n) });
    await catalog.reach(2n, patience());
    expect(before.group(web)?.containers).toHaveLength(1);
    expect(catalog.view().group(web)).toBeUndefined();
    expect(
      catalog
        .view()
        .services()
        .map(({ ref }) => ref.service),
    ).toEqual(["api"]);
    expect(catalog.view().services()[0]).toBe(before.services()[0]);
  });

  it("tells its listeners which group changed, and survives one that throws", async () => {
    const { catalog, source } = start();
    const told: string[] = [];
    catalog.onChange(() => {
      throw new Error("listener");
    });
    const end = catalog.onChange((group, revision) =>
      told.push(`${group === "all" ? group : groupId(group)} at ${revision}`),
    );
    source.send(
      { kind: "snapshot", entries: [], cursor: cursor(1n) },
      { kind: "delta", put: [foreign(web, "x", 2n), foreign(web, "y", 2n)], removed: [], cursor: cursor(2n) },
      { kind: "bookmark", cursor: cursor(3n) },
      { kind: "delta", put: [], removed: [foreign(web, "x", 2n).key, "unknown"], cursor: cursor(4n) },
    );
    await catalog.reach(4n, patience());
    expect(told).toEqual(["all at 1", "default/web/dev at 2", "default/web/dev at 4"]);
    end();
    source.send({ kind: "snapshot", entries: [], cursor: cursor(5n) });
    await catalog.reach(5n, patience());
    expect(told).toHaveLength(3);
  });

  it("is confirmed once it holds what the store holds, though the store has gone on elsewhere", async () => {
    const { catalog, source } = start();
    source.send({ kind: "snapshot", entries: [foreign(web, "x", 3n)], cursor: cursor(3n) });
    await catalog.reach(3n, patience());
    const scope = { namespace: "default", service: "web" };
    source.present = { keys: new Map([[foreign(web, "x", 3n).key, 3n]]), revision: 90n };
    await catalog.confirm(scope, patience());
    source.present = { keys: new Map([[foreign(web, "x", 3n).key, 5n]]), revision: 91n };
    const confirmed = catalog.confirm(scope, patience()).then(() => "confirmed");
    source.send({ kind: "bookmark", cursor: cursor(4n) });
    await catalog.reach(4n, patience());
    expect(await Promise.race([confirmed, Promise.resolve("not yet")])).toBe("not yet");
    source.send({ kind: "delta", put: [foreign(web, "x", 5n)], removed: [], cursor: cursor(5n) });
    expect(await confirmed).toBe("confirmed");
  });

  it("is not confirmed while it shows a container that the store has no more", async () => {
    const { catalog, source } = start();
    source.send({ kind: "snapshot", entries: [foreign(web, "x", 3n)], cursor: cursor(3n) });
    await catalog.reach(3n, patience());
    source.present = { keys: new Map(), revision: 9n };
    const late = new AbortController();
    const confirmed = catalog.confirm({}, late.signal);
    await Promise.resolve();
    late.abort("too late");
    await expect(confirmed).rejects.toBe("too late");
  });

  it("counts a bookmark as having heard from the store", async () => {
    const { catalog, source } = start();
    source.send({ kind: "snapshot", entries: [], cursor: cursor(1n) });
    await catalog.reach(1n, patience());
    NOW.monotonic += 700;
    expect(catalog.age()).toBe(700);
    NOW.wall += 700;
    source.send({ kind: "bookmark", cursor: cursor(9n) });
    await catalog.reach(9n, patience());
    expect(catalog.age()).toBe(0);
    expect(catalog.asOf()).toBe(NOW.wall);
    expect(catalog.view().revision).toBe(9n);
  });

  it("stops waiting for a revision when it is told to, leaving no listener", async () => {
    const { catalog } = start();
    const stop = new AbortController();
    const waiting = catalog.reach(1n, stop.signal);
    stop.abort("too long");
    await expect(waiting).rejects.toBe("too long");
    expect(getEventListeners(stop.signal, "abort")).toHaveLength(0);
  });

  it("reads an older revision from the store once, and again only after a failure", async () => {
    const { catalog, source } = start();
    source.send({ kind: "snapshot", entries: [], cursor: cursor(9n) });
    await catalog.reach(9n, patience());
    source.old = new Error("compacted");
    await expect(catalog.viewAt(4n)).rejects.toThrow("compacted");
    source.old = [foreign(web, "x", 4n)];
    const [first, second] = [await catalog.viewAt(4n), await catalog.viewAt(4n)];
    expect(first.group(web)).toBeDefined();
    expect([first.revision, second]).toEqual([4n, first]);
    expect((await catalog.viewAt(9n)).group(web)).toBeUndefined();
    expect(source.reads).toEqual([4n, 4n]);
  });

  it("sorts managed containers by slot, and others after them by name", async () => {
    const { catalog, source } = start();
    const managed = (name: string, slot: number) =>
      at(name, {
        kind: "intent",
        ref: { ...web, name },
        intent: {
          name,
          slot,
          generation: 1,
          configRevision: 1,
          fingerprint: "",
          host: "",
          hostPorts: {},
          phase: "running",
        },
      });
    const entries = [
      foreign(web, "b", 1n),
      managed("m2", 2),
      foreign(web, "a", 1n),
      managed("z1", 1),
      managed("m10", 10),
    ];
    source.send({ kind: "snapshot", entries, cursor: cursor(1n) });
    await catalog.reach(1n, patience());
    expect(
      catalog
        .view()
        .group(web)
        ?.containers.map(({ ref }) => ref.name),
    ).toEqual(["z1", "m2", "m10", "a", "b"]);
  });

  it("ends with its signal", async () => {
    const { stop, running } = start();
    stop.abort(new Error("server stops"));
    await expect(running).resolves.toBeUndefined();
  });
});

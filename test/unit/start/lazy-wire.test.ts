import { describe, expect, it } from "@jest/globals";
import type { EtcdWire } from "../../../src/model/ports.js";
import { lazyWire } from "../../../src/start/lazy-wire.js";

function fakeWire(log: string[]): EtcdWire {
  const wire: Partial<EtcdWire> = {
    range: async ({ key }) => {
      log.push(`range ${key}`);
      return { kvs: [], more: false, revision: 7n };
    },
    watch: () => ({
      requestProgress: () => log.push("progress"),
      close: () => log.push("close watch"),
      async *[Symbol.asyncIterator]() {
        yield {
          created: true,
          canceled: false,
          compactRevision: 0n,
          cancelReason: "",
          fragment: false,
          headerRevision: 7n,
          events: [],
        };
      },
    }),
    close: () => void log.push("close"),
  };
  return wire as EtcdWire;
}

describe("a wire whose library is still being loaded", () => {
  it("loads it at the first call, once, and lets calls wait for it", async () => {
    const log: string[] = [];
    const loading = deferred<EtcdWire>();
    const wire = lazyWire(() => {
      log.push("load");
      return loading.promise;
    });
    expect(log).toEqual([]);
    const first = wire.range({ key: "a" });
    const second = wire.range({ key: "b" });
    expect(log).toEqual(["load"]);
    loading.resolve(fakeWire(log));
    expect((await first).revision).toBe(7n);
    await second;
    expect(log).toEqual(["load", "range a", "range b"]);
  });

  it("remembers what was sent on a stream before it was open, in order", async () => {
    const log: string[] = [];
    const wire = lazyWire(async () => fakeWire(log));
    const stream = wire.watch({ key: "a", startRevision: 1n });
    stream.requestProgress();
    const seen: bigint[] = [];
    for await (const { headerRevision } of stream) seen.push(headerRevision);
    stream.close();
    await Promise.resolve();
    expect(seen).toEqual([7n]);
    expect(log).toEqual(["progress", "close watch"]);
  });

  it("fails every call and stream with what the loading failed with", async () => {
    const wire = lazyWire(async () => {
      throw new Error("no library");
    });
    await expect(wire.status()).rejects.toThrow("no library");
    const stream = wire.leaseKeepAlive(1n);
    stream.send();
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toThrow("no library");
  });

  it("closes what was loaded only after it was closed itself, and loads nothing to close it", async () => {
    const log: string[] = [];
    const loading = deferred<EtcdWire>();
    const wire = lazyWire(() => loading.promise);
    const call = wire.range({ key: "a" });
    wire.close();
    loading.resolve(fakeWire(log));
    await call;
    expect(log).toContain("close");
    const idle = lazyWire(() => {
      throw new Error("loaded");
    });
    idle.close();
  });
});

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

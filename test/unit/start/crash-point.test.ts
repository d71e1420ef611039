import { describe, expect, it } from "@jest/globals";
import type { EtcdWire, Runtime } from "../../../src/model/ports.js";
import { crashingAt } from "../../../src/start/crash-point.js";

const refused = new Error("refused");
const done: string[] = [];

/** A class with secrets of its own, as real wires are. */
class Wire {
  readonly #name = "txn";
  async range() {
    return { kvs: [], revision: 1n };
  }
  async txn() {
    done.push(this.#name);
    return { succeeded: true, revision: 1n, results: [] };
  }
}

const runtime = {
  host: "local",
  list: async () => ({ engineId: "e", ours: [], strangers: [] }),
  create: async () => {
    done.push("create");
    return { id: "c" };
  },
  start: () => Promise.reject(refused),
  stop: async () => undefined,
  remove: async () => undefined,
  setRestartPolicy: async () => undefined,
  tryOut: async () => undefined,
} as unknown as Runtime;

describe("the crash point", () => {
  it("comes right after the n-th transaction or changing call, refused ones included, and reads do not count", async () => {
    let crashes = 0;
    const counted = crashingAt({ count: 3, when: "after" }, () => crashes++);
    const [wire, fragile] = [counted.wire(new Wire() as unknown as EtcdWire), counted.runtime(runtime)];
    await fragile.list();
    await wire.range({ key: "/a" });
    await wire.txn([], []);
    await expect(fragile.start("c")).rejects.toBe(refused);
    expect(crashes).toBe(0);
    await fragile.setRestartPolicy("c", "no");
    expect(crashes).toBe(1);
  });

  it("comes before anything of the n-th has been done, when that is asked for", async () => {
    done.length = 0;
    const seen: string[][] = [];
    const counted = crashingAt({ count: 2, when: "before" }, () => seen.push([...done]));
    await counted.runtime(runtime).create({} as never);
    await counted.wire(new Wire() as unknown as EtcdWire).txn([], []);
    expect(seen).toEqual([["create"]]);
  });

  it("is not there unless it is asked for", () => {
    const wire = new Wire() as unknown as EtcdWire;
    expect(crashingAt(undefined).runtime(runtime)).toBe(runtime);
    expect(crashingAt(undefined).wire(wire)).toBe(wire);
  });
});

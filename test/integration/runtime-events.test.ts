// The Runtime's events and lists over the death and return of a (private) engine.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { EngineEvent } from "../../src/model/ports.js";
import { engineJson } from "../support/engine-api.js";
import { type PrivateEngine, startPrivateEngine } from "../support/start-docker.js";
import { isStopped } from "../support/start-etcd.js";
import { type TestRuntime, testRuntime } from "../support/test-runtime.js";
import { until } from "../support/until.js";

let engine: PrivateEngine;
let test: TestRuntime;

beforeAll(async () => {
  engine = await startPrivateEngine();
  test = await testRuntime(engine.socket, "172.17.0.1");
}, 60_000);

afterAll(() => engine.cleanUp(), 60_000);

/** Collects events until stopped. */
function follow(): { seen: EngineEvent[]; stop(): Promise<void> } {
  const ending = new AbortController();
  const seen: EngineEvent[] = [];
  const reading = (async () => {
    for await (const event of test.runtime.events(ending.signal)) seen.push(event);
  })();
  return {
    seen,
    stop: async () => {
      ending.abort();
      await reading;
    },
  };
}

const connects = (seen: readonly EngineEvent[]) => seen.filter((event) => event.kind === "connected").length;

describe("events", () => {
  it("tell of each container, with its cluster, and connect again after the engine was killed", async () => {
    const events = follow();
    try {
      await until("connected", async () => connects(events.seen) === 1);
      const { id } = await test.runtime.create(test.spec());
      await test.runtime.start(id);
      const started = { kind: "container", id, action: "start", cluster: test.clusterId };
      await until("start is told", async () =>
        events.seen.some((event) => event.kind !== "connected" && event.action === "start"),
      );
      expect(events.seen).toContainEqual(started);
      await engine.kill();
      await expect(test.runtime.list()).rejects.toMatchObject({ reason: "HOST_UNREACHABLE" });
      await engine.start();
      await until("connected again", async () => connects(events.seen) === 2);
      const again = await test.runtime.create(test.spec());
      await until("create is told", async () =>
        events.seen.some((event) => event.kind !== "connected" && event.id === again.id),
      );
    } finally {
      await events.stop();
    }
  }, 60_000);

  it("make the list see a restart that happened between two lists", async () => {
    const events = follow();
    try {
      await until("connected", async () => connects(events.seen) === 1);
      const { id } = await test.runtime.create(test.spec());
      await test.runtime.start(id);
      const look = async () => (await test.runtime.list()).ours.find((container) => container.id === id);
      const before = (await look())?.startedAt;
      expect((await look())?.startedAt).toBe(before);
      await engineJson(engine.socket, "POST", `/containers/${id}/restart?t=0`);
      await until("the list shows the new start", async () => ((await look())?.startedAt ?? 0) > (before ?? 0));
    } finally {
      await events.stop();
    }
  }, 60_000);
});

describe("an engine that was killed and started again", () => {
  it.each(["kill", "stop"] as const)(
    "(%s) is the same engine and runs a stable container again",
    async (how) => {
      const { engineId } = await test.runtime.list();
      const { id } = await test.runtime.create(test.spec());
      await test.runtime.start(id);
      await test.runtime.setRestartPolicy(id, "unless-stopped");
      await engine[how]();
      await engine.start();
      await until("it runs again", async () => {
        const listing = await test.runtime.list().catch(() => undefined);
        const container = listing?.ours.find((one) => one.id === id);
        return listing?.engineId === engineId && container?.status === "running";
      });
    },
    60_000,
  );
});

describe("a frozen engine", () => {
  it("is HOST_UNREACHABLE once the deadline has passed, and answers again when it thaws", async () => {
    const pid = engine.pid ?? 0;
    process.kill(pid, "SIGSTOP");
    try {
      await until("the engine to stand still", () => isStopped(pid));
      await expect(test.runtime.list()).rejects.toMatchObject({
        reason: "HOST_UNREACHABLE",
        facts: { why: ["it did not answer in 2 s"] },
      });
    } finally {
      process.kill(pid, "SIGCONT");
    }
    expect((await test.runtime.list()).engineId).not.toBe("");
  }, 60_000);
});

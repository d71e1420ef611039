// `theseus stats` against a real server and engine: a container that is busy, one that rests, and one that joins.

import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type GroupText, Stage } from "../proof/stage.js";
import { engineRequest } from "../support/engine-api.js";
import { FollowingCli } from "../support/following-cli.js";
import { importBusyboxImage } from "../support/images.js";
import { ObservedGroup } from "../support/observed-group.js";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";

type Item = {
  readonly ref: string;
  readonly slot: number;
  readonly container: string;
  readonly cpu?: { readonly used?: number; readonly limit?: number };
  readonly mem?: { readonly used?: number; readonly limit?: number };
  readonly net?: { readonly rx: number; readonly tx: number };
  readonly restarts?: number;
  readonly problem?: string;
};

const REST = "exec sleep 100000";
const MIB = 2 ** 20;

let stage: Stage;
let server: RunningServer;
const followers: FollowingCli[] = [];
const image = `theseus-test-${randomBytes(4).toString("hex")}:1`;

beforeAll(async () => {
  stage = await Stage.setUp(undefined, "embedded");
  stage.keepImage(image);
  await importBusyboxImage(stage.engine.socket, image, { entrypoint: ["/bin/sh", "-c"], command: [REST] });
  server = await stage.startServer();
}, 60_000);

afterAll(async () => {
  await Promise.all(followers.map((cli) => cli.stop()));
  await stage?.strike();
}, 60_000);

function running(script: string, more: Partial<GroupText> = {}): GroupText {
  return { image, pull: "never", instances: 1, args: [script], stop: { grace: "1s" }, ...more };
}

async function stats(...args: string[]): Promise<Item[]> {
  const { stdout, stderr, code } = await server.theseus(["stats", ...args, "-o", "json"]);
  if (code !== 0) throw new Error(`exit ${code}: ${stderr}${stdout}`);
  return (JSON.parse(stdout) as { items: Item[] }).items;
}

/** What the engine has counted by now, in seconds. */
async function counted(id = ""): Promise<{ readonly at: number; readonly cpuSeconds: number }> {
  const { body } = await engineRequest(
    stage.engine.socket,
    "GET",
    `/containers/${id}/stats?stream=false&one-shot=true`,
  );
  const { read, cpu_stats: cpu } = JSON.parse(body) as {
    read: string;
    cpu_stats: { cpu_usage: { total_usage: number } };
  };
  return { at: Date.parse(read) / 1000, cpuSeconds: cpu.cpu_usage.total_usage / 1e9 };
}

describe("stats of what runs", () => {
  it("tell a busy container, its limits, and one that rests without any", async () => {
    await stage.apply(server, {
      "shop/busy": running("while :; do :; done", { cpu: 0.6, mem: "64MiB" }),
      "shop/idle": running(REST),
    });
    const [container] = await new ObservedGroup(stage, "shop/busy").containers();
    // How much it gets depends on what else runs here: it is held against the engine's own counter over the same time.
    const busy = await until("the busy one to be told as the engine counts it", async () => {
      const before = await counted(container?.id);
      const [item] = await stats("shop/busy");
      const after = await counted(container?.id);
      const cores = (after.cpuSeconds - before.cpuSeconds) / (after.at - before.at);
      const told = (item?.cpu?.used ?? 0) / cores;
      return told > 0.6 && told < 1.6 ? item : undefined;
    });
    expect(busy).toMatchObject({
      ref: "shop/busy",
      slot: 1,
      cpu: { limit: 0.6 },
      mem: { limit: 64 * MIB },
      restarts: 0,
    });
    const [idle] = await stats("shop/idle:1");
    expect(idle?.cpu?.used).toBeLessThan((busy?.cpu?.used ?? 0) / 2);
    expect(idle?.cpu?.limit).toBeUndefined();
    expect(idle?.mem?.limit).toBeUndefined();
    expect(idle?.mem?.used).toBeGreaterThan(0);
    expect(idle?.mem?.used).toBeLessThan(64 * MIB);
    expect(idle?.net).toMatchObject({ rx: expect.any(Number), tx: expect.any(Number) });
    expect((await stats()).map(({ ref }) => ref).sort()).toEqual(["shop/busy", "shop/idle"]);
  }, 60_000);

  it("of a group that is not there are exit 4", async () => {
    expect((await server.theseus(["stats", "shop/nobody"])).code).toBe(4);
  });
});

describe("stats that are followed", () => {
  it("have containers that are made later, not those that are gone, and those that stand still", async () => {
    await stage.apply(server, { "shop/live": running(REST) });
    const cli = new FollowingCli(["stats", "shop/live", "-w", "-o", "jsonl"], { server: server.listeners.grpc });
    followers.push(cli);
    const last = () => {
      const lines = cli.stdout.split("\n").slice(0, -1);
      return lines.length === 0 ? [] : (JSON.parse(lines.at(-1) ?? "") as { items: Item[] }).items;
    };
    await until("the first sample", () => last().length === 1);
    await stage.apply(server, { "shop/live": running(REST, { instances: 2 }) });
    await until("the second container", () => last().filter(({ cpu }) => cpu?.used !== undefined).length === 2);
    await stage.apply(server, { "shop/live": running(REST) });
    await until("one to be gone", () => last().length === 1);
    const [container] = await new ObservedGroup(stage, "shop/live").containers();
    await engineRequest(stage.engine.socket, "POST", `/containers/${container?.id}/pause`);
    try {
      await until("a sample while it is paused", () => last()[0]?.cpu?.used === 0);
    } finally {
      await engineRequest(stage.engine.socket, "POST", `/containers/${container?.id}/unpause`);
    }
    expect(await cli.stop()).toBe(130);
  }, 60_000);
});

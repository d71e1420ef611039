// Everything on the command line that goes on, with two servers named: when the one that is used is gone, it goes on at the
// other one by itself, and misses nothing.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Stage } from "../proof/stage.js";
import { FollowingCli } from "../support/following-cli.js";
import type { SeenContainer } from "../support/observed-engine.js";
import { generationOf, ObservedGroup } from "../support/observed-group.js";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";

const GROUP = "web/dev";
const started: FollowingCli[] = [];

let stage: Stage;
let first: RunningServer;
let second: RunningServer;
let web: ObservedGroup;

beforeAll(async () => {
  stage = await Stage.setUp();
  first = await stage.startServer();
  await until("the first to lead", async () => (await stage.store.under("/theseus/leader")).size > 0);
  second = await stage.startServer();
  web = new ObservedGroup(stage, GROUP);
  const stop = { grace: "1s", ack_deadline: "500ms" };
  const command = ["/bin/sh", "-c", "echo started; exec httpd -f -p 8080 -h /tmp"];
  const update = { min_healthy_time: "1s" };
  const config = { image: stage.image, command, instances: 2, ports: { http: 8080 }, stop, update };
  await stage.apply(first, { [GROUP]: config });
}, 60_000);

afterAll(async () => {
  await Promise.all(started.map((cli) => cli.stop()));
  await stage?.strike();
}, 60_000);

function follow(...argv: readonly string[]): FollowingCli {
  const server = `${first.listeners.grpc}, ${second.listeners.grpc}`;
  const cli = new FollowingCli([...argv], { server, env: { NO_COLOR: "1" } });
  started.push(cli);
  return cli;
}

/** Started one after the other: each loads its parts when it is asked for them. */
async function begun(where: "stdout" | "stderr", ...argv: readonly string[]): Promise<FollowingCli> {
  const cli = follow(...argv);
  await cli.said(where, /./);
  return cli;
}

describe("commands that go on, with two servers", () => {
  it("go on at the second one when the first is killed", async () => {
    await web.ready(2);
    const containers = await begun("stdout", "get", "containers", GROUP, "-w", "-o", "jsonl");
    const groups = await begun("stdout", "get", "groups", "-w", "-o", "jsonl");
    const discovered = await begun("stdout", "discover", "web", "--watch", "-o", "jsonl");
    const events = await begun("stderr", "get", "events", "-w", "-o", "jsonl");
    const logs = await begun("stdout", "logs", GROUP, "-f");
    const stats = await begun("stdout", "stats", GROUP, "-w", "-o", "jsonl");
    const restart = await begun("stderr", "rollout", "restart", GROUP, "--yes");
    const isFresh = (one: SeenContainer) => generationOf(one) > 1;
    await until("the restart to begin", async () => (await web.containers()).some(isFresh));
    const status = await begun("stderr", "rollout", "status", GROUP);
    await first.child.kill9();
    expect([await restart.ended, restart.stderr]).toEqual([0, expect.any(String)]);
    expect([await status.ended, status.stderr]).toEqual([0, expect.any(String)]);
    const [fresh] = await web.ready(2);
    const name = fresh?.name ?? "";
    for (const cli of [containers, discovered]) await cli.said("stdout", name);
    await groups.said("stdout", /"config_?[rR]evision":"?2/);
    await events.said("stdout", /r-2 .*done|"rollout/);
    // Two of the old containers, and two of the new, each once.
    await until("the new ones' lines", () => logs.stdout.split("started").length === 5);
    await stats.said("stdout", name);
    for (const cli of started.slice(0, 6)) expect(await cli.stop()).toBe(130);
  }, 120_000);
});

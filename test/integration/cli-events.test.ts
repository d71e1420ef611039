// `theseus get events` and `theseus watch` against a real server, store and engine: who did what, and what Theseus did.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Connection, connect } from "../../clients/connect.js";
import { UpdateOrder } from "../../clients/gen/theseus/v1/group.js";
import { Stage } from "../proof/stage.js";
import { FollowingCli } from "../support/following-cli.js";
import { ObservedGroup } from "../support/observed-group.js";
import { type CliResult, runCli } from "../support/run-cli.js";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";

type Told = { time: string; actor: string; what: string; ref?: string; configRevision?: number; text: string };

let stage: Stage;
let server: RunningServer;
let client: Connection;
let watching: FollowingCli;

beforeAll(async () => {
  stage = await Stage.setUp();
  server = await stage.startServer();
  client = connect(server.listeners.grpc);
  watching = new FollowingCli(["watch"], { server: server.listeners.grpc });
  await watching.said("stderr", "up to date");
}, 60_000);

afterAll(async () => {
  await watching?.stop();
  client?.close();
  await stage?.strike();
}, 60_000);

const theseus = (...args: string[]): Promise<CliResult> =>
  runCli(args, { env: { THESEUS_SERVER: server.listeners.grpc, USER: "ana", PATH: process.env["PATH"] ?? "" } });

async function events(...args: string[]): Promise<Told[]> {
  const { exit, stdout, stderr } = await theseus("get", "events", ...args, "-o", "json");
  expect([exit, stderr]).toEqual([0, ""]);
  const list = JSON.parse(stdout) as { kind: string; items: Told[] };
  expect(list.kind).toBe("EventList");
  return list.items;
}

/** A group whose update has been rolled back. */
async function rolledBack(reference: string): Promise<void> {
  const group = new ObservedGroup(stage, reference);
  const ended = (to: number, state: string) =>
    until(`r-${to} to be ${state}`, async () =>
      (await group.rollouts()).some((one) => one.to === to && one.state === state),
    );
  const update = { order: UpdateOrder.STOP_FIRST, minHealthyTime: { seconds: 0n, nanos: 0 } };
  const config = { image: stage.image, ports: [{ name: "http", container: 8080 }], instances: 2, update };
  const change = { actor: "ana@desk", message: "first light" };
  await client.theseus.createGroup({ group: group.ref, config, change });
  await ended(1, "done");
  const exits = { command: ["sh", "-c", "exit 3"] };
  await client.theseus.updateGroup({ group: group.ref, config: exits, updateMask: ["command"], change });
  await ended(2, "rolled_back");
}

describe("the timeline of a group", () => {
  it("has who did what, and what Theseus did and why, in order, here and for who watches", async () => {
    await rolledBack("web/told");
    const told = await events("web/told");
    expect(told.map(({ time }) => time)).toEqual(told.map(({ time }) => time).sort());
    const words = told.map(({ what, configRevision }) => `${what} ${configRevision}`);
    expect(words.filter((word) => !word.startsWith("container-failed"))).toEqual([
      ...["created 1", "rollout-begun 1", "rollout-done 1"],
      ...["updated 2", "rollout-begun 2", "rolling-back 2"],
      ...["rollout-begun 3", "rollout-done 3", "rolled-back 2"],
    ]);
    expect(told[0]?.actor).toBe("ana@desk");
    expect(told[0]?.text).toBe(`${stage.image}, 2 instances: "first light"`);
    expect(told[1]?.actor).toBe("theseus");
    const failed = told.filter(({ what }) => what === "container-failed");
    expect(failed.length).toBeGreaterThanOrEqual(3);
    expect(failed.every(({ text }) => text.includes("exit code 3"))).toBe(true);
    await watching.said("stdout", "rolled-back web/told rev 2");
    const lines = watching.stdout.split("\n").filter((line) => line.includes("web/told"));
    expect(lines).toHaveLength(told.length);
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}\S+ +created web\/told rev 1 {2}.*"first light"$/);
  }, 90_000);

  it("is the last part of what describe says, twenty events at most", async () => {
    const { stdout } = await theseus("describe", "web/told");
    expect(stdout).toMatch(/\nevents {4}\S+ \S+Z {2}\S+ +created rev 1 {2}/);
    expect(stdout.trimEnd().split("\n").at(-1)).toContain("rolled-back");
    const object = JSON.parse((await theseus("describe", "web/told", "-o", "json")).stdout) as { events: Told[] };
    expect(object.events.slice(-20)).toEqual((await events("web/told")).slice(-20));
  });

  it("is that of exactly the group, the service, the labels or the slot that is named", async () => {
    const config = ["--image", stage.image, "-i", "0", "--detach"];
    expect(await theseus("create", "web/told,wide", ...config)).toMatchObject({ exit: 0 });
    const refs = (told: readonly Told[]) => [...new Set(told.map(({ ref }) => ref))].sort();
    expect(refs(await events("web/told"))).toEqual(["web/told"]);
    expect(refs(await events("web"))).toEqual(["web/told", "web/told,wide"]);
    expect(refs(await events("-l", "wide"))).toEqual(["web/told,wide"]);
    const slots = (await events("web/told:1")) as readonly (Told & { slot?: number })[];
    expect(slots.every(({ slot }) => slot === 1)).toBe(true);
    const all = await events();
    expect(all.map(({ what }) => what)).toContain("leader");
    expect(refs(await events("-A"))).toEqual(refs(all));
    const [last] = all.slice(-1);
    expect((await events("--since", last?.time ?? "")).length).toBeLessThan(all.length);
  });

  it("is a table for people, and nothing where nothing happened", async () => {
    const { stdout } = await theseus("get", "ev", "web/told");
    expect(stdout).toMatch(/^TIME +WHO +WHAT +WHY\n/);
    const none = await theseus("get", "events", "web/other");
    expect(none).toMatchObject({ exit: 0, stdout: "", stderr: "no events in namespace default\n" });
  });

  it("refuses a namespace that there is not, a time that is none, and a form that cannot follow", async () => {
    expect(await theseus("get", "events", "-n", "nowhere")).toMatchObject({ exit: 4 });
    expect((await theseus("get", "events", "-n", "nowhere")).stderr).toContain("NO_SUCH_NAMESPACE");
    expect(await theseus("get", "events", "--since", "soon")).toMatchObject({ exit: 2 });
    expect(await theseus("get", "groups", "--since", "1h")).toMatchObject({ exit: 2 });
    expect(await theseus("get", "events", "-w", "-o", "yaml")).toMatchObject({ exit: 2 });
  });
});

describe("events that are followed", () => {
  it("go on through a restart of the server, none lost and none twice", async () => {
    const [, port = ""] = server.listeners.grpc.split(":");
    const following = new FollowingCli(["get", "events", "web", "-w", "-o", "jsonl"], {
      server: server.listeners.grpc,
    });
    try {
      await following.said("stderr", "up to date");
      await server.child.stop();
      await following.said("stderr", "connection lost");
      server = await stage.startServer({ flags: ["--listen", `127.0.0.1:${port}`] });
      await following.said("stderr", "connected again");
      expect(await theseus("scale", "web/told,wide", "1", "--detach")).toMatchObject({ exit: 0 });
      await following.said("stdout", "instances 0 -> 1");
      const lines = following.stdout.trim().split("\n");
      expect(new Set(lines).size).toBe(lines.length);
      expect(await following.stop()).toBe(130);
    } finally {
      await following.stop();
    }
  }, 60_000);
});

// Changes and rollouts as a person at the command line has them, against a whole server with Docker: exit codes, what is
// said, and whether the commands that are suggested work.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Connection, connect } from "../../clients/connect.js";
import { Stage } from "../proof/stage.js";
import type { Ended } from "../support/child.js";
import { importBusyboxImage } from "../support/images.js";
import { ObservedGroup } from "../support/observed-group.js";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";

const AT_ONCE = { seconds: 0n, nanos: 0 };
const LONG = { seconds: 600n, nanos: 0 };

let stage: Stage;
let server: RunningServer;
let client: Connection;
let newImage: string;
let badImage: string;

beforeAll(async () => {
  stage = await Stage.setUp();
  newImage = stage.image.replace(/:1$/, ":2");
  badImage = stage.image.replace(/:1$/, ":bad");
  for (const image of [newImage, badImage]) stage.keepImage(image);
  const { socket } = stage.engine;
  await importBusyboxImage(socket, newImage, { version: "2" });
  await importBusyboxImage(socket, badImage, { command: ["/bin/sh", "-c", "echo 'no PAYMENT_URL'; exit 1"] });
  server = await stage.startServer();
  client = connect(server.listeners.grpc);
  await until("a leader", async () => (await client.theseus.getServerStatus({})).leaderId !== "");
}, 60_000);

afterAll(async () => {
  client?.close();
  await stage?.strike();
}, 60_000);

const theseus = (...args: string[]): Promise<Ended> => server.theseus(args, { patienceMs: 60_000 });

/** Two ready containers that are stable at once; each later update as the wait says. */
async function create(name: string, minHealthyTime = AT_ONCE): Promise<ObservedGroup> {
  const group = new ObservedGroup(stage, name);
  const config = { image: stage.image, instances: 2, ports: [{ name: "http", container: 8080 }] };
  await client.theseus.createGroup({ group: group.ref, config: { ...config, update: { minHealthyTime } } });
  expect((await theseus("rollout", "status", name)).code).toBe(0);
  return group;
}

describe("a bad version", () => {
  it("is exit 8 with its cause and last lines, and everything that is suggested works", async () => {
    const group = await create("web/bad");
    const { code, stdout, stderr } = await theseus("set", "image", "web/bad", badImage);
    expect({ code, stdout }).toEqual({ code: 8, stdout: "" });
    expect(stderr).toMatch(/r-2 start rev 1 -> 2, want 2, never below 2, start-first, 1 at a time, deadline /);
    expect(stderr).toMatch(/error: rollout r-2 of web\/bad failed and was rolled back +\[ROLLED_BACK\]/);
    expect(stderr).toMatch(
      /why {3}:1 on local: \S+ ended by itself with exit code 1, 3 of 3 tries\n.*last lines.*\n +no PAYMENT_URL\n/,
    );
    expect(stderr).toContain("  now   rev 1 serves again as rev 3, 2 of 2 ready");
    const next = stderr.slice(stderr.indexOf("  next  ")).match(/theseus .*/g) ?? [];
    expect(next).toHaveLength(3);
    for (const command of next)
      expect({ command, code: (await theseus(...command.split(" ").slice(1))).code }).toEqual({ command, code: 0 });
    expect((await theseus("rollout", "status", "web/bad", "--no-wait")).code).toBe(8);
    expect((await theseus("rollout", "status", "web/bad")).code).toBe(8);
    await group.ready(2);
  }, 90_000);

  it("of a group that never was is exit 7, since there is nothing to go back to", async () => {
    const { code, stderr } = await theseus("create", "web/never", "--image", badImage);
    expect({ code, stderr }).toEqual({ code: 7, stderr: expect.stringContaining("[ROLLOUT_FAILED]") });
    expect(stderr).toContain("  now   it stands still at rev 1, 0 of 1 ready\n");
  }, 90_000);
});

describe("a rollout on its way", () => {
  it("is waited for while it is paused, resumed, and given way to by a newer change", async () => {
    await create("web/steered", LONG);
    const waiting = theseus("set", "image", "web/steered", newImage);
    await until("the rollout", async () => (await theseus("rollout", "pause", "web/steered", "-m", "wait")).code === 0);
    expect((await theseus("rollout", "status", "web/steered", "--no-wait")).code).toBe(9);
    const patient = await theseus("rollout", "status", "web/steered", "--timeout", "500ms");
    expect(patient).toMatchObject({
      code: 9,
      stderr: expect.stringContaining("go on: theseus rollout resume web/steered"),
    });
    expect((await theseus("rollout", "resume", "web/steered")).code).toBe(0);
    expect((await theseus("update", "web/steered", "--env", "A=1", "--detach")).code).toBe(0);
    expect(await waiting).toMatchObject({ code: 13, stderr: expect.stringContaining("[SUPERSEDED]") });
  }, 90_000);

  it("is aborted, which is exit 0 for who asked and 8 for who waits", async () => {
    await create("web/aborted", LONG);
    const waiting = theseus("set", "image", "web/aborted", newImage);
    const abort = () => theseus("rollout", "abort", "web/aborted", "--yes");
    await until(
      "the rollout",
      async () =>
        (await client.theseus.getRollout({ group: { service: "web", labels: ["aborted"] } })).rollout?.toRevision ===
        2n,
    );
    expect(await abort()).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^r-2 of web\/aborted is taken back: rev 1 serves again as rev 3/),
    });
    expect((await waiting).code).toBe(8);
    expect((await abort()).code).toBe(5);
  }, 90_000);
});

describe("undo and restart", () => {
  it("keep the number of instances, and say in history what they were", async () => {
    const group = await create("web/undone");
    expect((await theseus("set", "image", "web/undone", newImage)).code).toBe(0);
    expect((await theseus("scale", "web/undone", "3")).code).toBe(0);
    expect((await theseus("rollout", "undo", "web/undone@1")).code).toBe(2);
    expect((await theseus("rollout", "undo", "web/undone@1", "--yes")).code).toBe(0);
    const before = (await group.ready(3)).map(({ id }) => id);
    const restarted = await theseus("rollout", "restart", "web/undone", "--yes", "-o", "json");
    expect({ code: restarted.code, ...JSON.parse(restarted.stdout) }).toMatchObject({
      code: 0,
      state: "DONE",
      want: 3,
    });
    expect((await group.ready(3)).filter(({ id }) => before.includes(id))).toEqual([]);
    const history = await theseus("rollout", "history", "web/undone", "-o", "json");
    const items = JSON.parse(history.stdout).items as { rev: number; what: string; rollout: { state: string } }[];
    expect(items.map(({ rev, what, rollout }) => [rev, what, rollout.state])).toEqual([
      [5, "restart", "DONE"],
      [4, "undo (= rev 1)", "DONE"],
      [3, "instances 2 -> 3", "DONE"],
      [2, `image ${stage.image} -> ${newImage}`, "DONE"],
      [1, `created with ${stage.image}`, "DONE"],
    ]);
  }, 120_000);
});

// Updates that fail: what is told, what serves meanwhile, and what the group is afterwards. Read from the engine and the
// store alone.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Connection, connect } from "../../clients/connect.js";
import { type GroupConfig, OnFailure, UpdateOrder } from "../../clients/gen/theseus/v1/group.js";
import type { Fields } from "../../clients/partial.js";
import { Stage } from "../proof/stage.js";
import { ObservedGroup, slotOf } from "../support/observed-group.js";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";

const HTTP = [{ name: "http", container: 8080 }];
const NO_TIME = { seconds: 0n, nanos: 0 };
const EXITS = { command: ["sh", "-c", "echo no key; exit 3"] };

let stage: Stage;
let server: RunningServer;
let client: Connection;

beforeAll(async () => {
  stage = await Stage.setUp();
  server = await stage.startServer();
  client = connect(server.listeners.grpc);
  await until("a leader", async () => (await client.theseus.getServerStatus({})).leaderId !== "");
}, 60_000);

afterAll(async () => {
  client?.close();
  await stage?.strike();
}, 60_000);

async function create(reference: string, config: Fields<GroupConfig>): Promise<ObservedGroup> {
  const group = new ObservedGroup(stage, reference);
  const all = { image: stage.image, ports: HTTP, instances: 3, ...config };
  await client.theseus.createGroup({ group: group.ref, config: all });
  await until("the creation to be done", async () => (await group.rollouts())[0]?.state === "done");
  return group;
}

async function ended(group: ObservedGroup, to: number): Promise<string> {
  const over = ["done", "failed", "rolled_back", "rollback_failed", "superseded", "aborted"];
  return await until(`r-${to} to end`, async () => {
    const rollout = (await group.rollouts()).find((one) => one.to === to);
    return rollout !== undefined && over.includes(rollout.state) && rollout.state;
  });
}

describe("an update whose containers exit at once", () => {
  it.each([
    ["stop-first", UpdateOrder.STOP_FIRST, 2],
    ["start-first", UpdateOrder.START_FIRST, 3],
  ])(
    "%s: is rolled back once, and never fewer than promised are left alone",
    async (name, order, untouched) => {
      const group = await create(`web/exits,${name}`, { update: { order, minHealthyTime: NO_TIME } });
      const before = (await group.ready(3)).map(({ id }) => id);
      await client.theseus.updateGroup({ group: group.ref, config: EXITS, updateMask: ["command"] });
      expect(await ended(group, 2)).toBe("rolled_back");
      const [back, failed] = await group.rollouts();
      expect(back).toMatchObject({ to: 3, state: "done", takes_back: 2 });
      expect(failed).toMatchObject({ to: 2, from: 1, back_by: 3, failure: { reason: "CONTAINER_EXITED" } });
      expect(failed?.failure?.text).toMatch(/exit code 3, 3 of 3 tries/);
      const after = await group.ready(3);
      expect(after.map(slotOf)).toEqual([1, 2, 3]);
      expect(after.filter(({ id }) => before.includes(id))).toHaveLength(untouched);
      const { group: told } = await client.discovery.getGroup({ group: group.ref });
      expect(told?.config?.command).toEqual([]);
      expect(told?.lastChange).toMatchObject({ actor: "theseus", command: "roll back r-2 to rev 1" });
    },
    60_000,
  );

  it("stands still where the policy says pause, and goes on with the next change", async () => {
    const update = { order: UpdateOrder.STOP_FIRST, minHealthyTime: NO_TIME, onFailure: OnFailure.PAUSE };
    const group = await create("web/halts", { update });
    await client.theseus.updateGroup({ group: group.ref, config: EXITS, updateMask: ["command"] });
    expect(await ended(group, 2)).toBe("failed");
    const old = (await group.containers()).filter(({ labels }) => labels["theseus.config-revision"] === "1");
    expect(old.map(slotOf).sort()).toEqual([2, 3]);
    await client.theseus.updateGroup({ group: group.ref, config: { command: [] }, updateMask: ["command"] });
    expect(await ended(group, 3)).toBe("done");
    await group.ready(3);
  }, 60_000);
});

describe("an update whose containers cannot even be created", () => {
  it.each([
    ["a command that is missing", { command: ["/no/such/program"] }, ["command"], "COMMAND_NOT_FOUND"],
    ["a network that is missing", { networks: ["theseus-no-such-network"] }, ["networks"], "NETWORK_NOT_FOUND"],
    ["a folder that is none", { workdir: "/bin/busybox" }, ["workdir"], "CONTAINER_REFUSED"],
  ])(
    "%s: is told and taken back before anything was stopped",
    async (name, config, updateMask, reason) => {
      const update = { order: UpdateOrder.STOP_FIRST, minHealthyTime: NO_TIME };
      const group = await create(`web/${name.replaceAll(" ", "-")}`, { update, instances: 1 });
      const [before] = await group.ready(1);
      await client.theseus.updateGroup({ group: group.ref, config, updateMask });
      expect(await ended(group, 2)).toBe("rolled_back");
      expect((await group.rollouts())[1]).toMatchObject({ to: 2, failure: { reason } });
      expect((await group.ready(1)).map(({ id }) => id)).toEqual([before?.id]);
      const uid = await group.uid();
      const all = await stage.engine.containers();
      expect(all.filter(({ labels }) => labels["theseus.trial"]?.endsWith(uid))).toEqual([]);
    },
    60_000,
  );
});

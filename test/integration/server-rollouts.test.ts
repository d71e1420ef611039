// What people ask of rollouts, of a whole server with Docker: each word, what is told of it, and what then runs.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Connection, connect } from "../../clients/connect.js";
import { type Rollout, RolloutSlotState, RolloutState } from "../../clients/gen/theseus/v1/rollout.js";
import { Stage } from "../proof/stage.js";
import { importBusyboxImage } from "../support/images.js";
import { ObservedGroup } from "../support/observed-group.js";
import { until } from "../support/until.js";

const INSTANCES = 3;
/** A container is stable at once, or never in this test. */
const AT_ONCE = { seconds: 0n, nanos: 0 };
const NEVER = { seconds: 600n, nanos: 0 };

let stage: Stage;
let newImage: string;
let client: Connection;

beforeAll(async () => {
  stage = await Stage.setUp();
  newImage = stage.image.replace(/:1$/, ":2");
  stage.keepImage(newImage);
  await importBusyboxImage(stage.engine.socket, newImage, { version: "2" });
  const server = await stage.startServer();
  client = connect(server.listeners.grpc);
  await until("a leader", async () => (await client.theseus.getServerStatus({})).leaderId !== "");
}, 60_000);

afterAll(async () => {
  client?.close();
  await stage?.strike();
}, 60_000);

const rolloutOf = async ({ ref: group }: ObservedGroup, configRevision = 0n): Promise<Rollout> => {
  const { rollout } = await client.theseus.getRollout({ group, configRevision });
  if (rollout === undefined) throw new Error("no rollout is told");
  return rollout;
};

/** The rollout once it is told like that. */
function rolledOut(group: ObservedGroup, is: (rollout: Rollout) => boolean, revision = 0n): Promise<Rollout> {
  return until(`the rollout of ${group.key}`, async () => {
    const rollout = await rolloutOf(group, revision);
    return is(rollout) && rollout;
  });
}

const isDone = ({ state }: Rollout): boolean => state === RolloutState.DONE;

async function steady(reference: string): Promise<ObservedGroup> {
  const group = new ObservedGroup(stage, reference);
  const ports = [{ name: "http", container: 8080 }];
  const config = { image: stage.image, instances: INSTANCES, ports, update: { minHealthyTime: AT_ONCE } };
  await client.theseus.createGroup({ group: group.ref, config });
  expect(await rolledOut(group, isDone)).toMatchObject({ id: "r-1", readyNew: INSTANCES, readyOld: 0, slots: [] });
  return group;
}

/** In the middle of going to the new image: it stays there, since no container becomes stable. */
async function midway(reference: string): Promise<ObservedGroup> {
  const group = await steady(reference);
  const config = { image: newImage, update: { minHealthyTime: NEVER } };
  const updateMask = ["image", "update.min_healthy_time"];
  await client.theseus.updateGroup({ group: group.ref, config, updateMask });
  const going = await rolledOut(group, ({ readyNew }) => readyNew === 1);
  expect(going).toMatchObject({ id: "r-2", state: RolloutState.RUNNING, fromRevision: 1n, wanted: INSTANCES });
  expect(going.deadlineTime).toEqual(expect.any(Date));
  expect(going.slots.map(({ state }) => state)).toEqual([
    RolloutSlotState.READY,
    RolloutSlotState.WAITING,
    RolloutSlotState.WAITING,
  ]);
  return group;
}

const imagesOf = async (group: ObservedGroup): Promise<string[]> =>
  (await group.ready(INSTANCES)).map(({ labels }) => labels["theseus.config-revision"] ?? "");

describe("a rollout of a whole server", () => {
  it("is paused and resumed, and taken back when that is asked", async () => {
    const group = await midway("web/taken");
    const asked = { group: group.ref, change: { actor: "ann@desk", message: "look first" } };
    const paused = await client.theseus.pauseRollout(asked);
    expect(paused.rollout).toMatchObject({ state: RolloutState.PAUSED, pause: { change: asked.change } });
    await until("the leader to have noticed", async () => (await group.rollouts())[0]?.state === "paused");
    expect(await rolloutOf(group)).toMatchObject({ state: RolloutState.PAUSED, deadlineTime: undefined });
    const resumed = await client.theseus.resumeRollout(asked);
    expect(resumed.rollout).toMatchObject({ state: RolloutState.RUNNING, pause: undefined });
    await until("the leader to have noticed", async () => (await group.rollouts())[0]?.state === "running");

    const aborted = await client.theseus.abortRollout(asked);
    expect(aborted.rollout).toMatchObject({ id: "r-2", state: RolloutState.ROLLING_BACK });
    const back = await rolledOut(group, (one) => one.toRevision === 3n && isDone(one));
    expect(back).toMatchObject({ rollbackOf: 2n, readyNew: INSTANCES, change: { actor: "theseus" } });
    expect(await rolledOut(group, ({ state }) => state === RolloutState.ABORTED, 2n)).toMatchObject({
      ...{ rollbackRevision: 3n, failure: { text: expect.stringContaining("ann@desk") } },
    });
    const { revisions } = await client.theseus.listRevisions({ group: group.ref });
    expect(revisions.map(({ config, rollout }) => [config?.image, rollout?.state])).toEqual([
      [stage.image, RolloutState.DONE],
      [newImage, RolloutState.ABORTED],
      [stage.image, RolloutState.DONE],
    ]);
  }, 60_000);

  it("gives way to an undo, which is done as any other, with the instances of now", async () => {
    const group = await midway("web/undone");
    await client.theseus.updateGroup({ group: group.ref, config: { instances: 2 }, updateMask: ["instances"] });
    const { madeFrom, plan } = await client.theseus.undoGroup({ group: group.ref });
    expect([madeFrom, plan?.toRevision]).toEqual([1n, 4n]);
    const done = await rolledOut(group, (one) => one.toRevision === 4n && isDone(one));
    expect(done).toMatchObject({ wanted: 2, readyNew: 2, readyOld: 0, rollbackOf: 0n });
    expect(await rolloutOf(group, 2n)).toMatchObject({ state: RolloutState.SUPERSEDED });
    expect(await group.ready(2)).toHaveLength(2);
  }, 60_000);

  it("of a restart makes every container anew", async () => {
    const group = await steady("web/restarted");
    const before = (await group.ready(INSTANCES)).map(({ id }) => id);
    const { plan } = await client.theseus.restartGroup({ group: group.ref });
    expect(plan).toMatchObject({ replaced: INSTANCES, fields: [] });
    const done = await rolledOut(group, (one) => one.toRevision === 2n && isDone(one));
    expect(done).toMatchObject({ fromRevision: 1n, readyNew: INSTANCES, readyOld: 0 });
    const after = await group.ready(INSTANCES);
    expect(after.filter(({ id }) => before.includes(id))).toEqual([]);
    expect(await imagesOf(group)).toEqual(Array(INSTANCES).fill("2"));
  }, 60_000);

  it("to an image that does not exist is told as running, with what it waits for, and stops nothing", async () => {
    const group = await steady("web/missing");
    const config = { image: "theseus-test/nowhere:1", pull: 3 };
    await client.theseus.updateGroup({ group: group.ref, config, updateMask: ["image", "pull"] });
    const text = (rollout: Rollout): string => rollout.slots[0]?.text ?? "";
    const told = await rolledOut(group, (rollout) => text(rollout).includes("nowhere"));
    expect(told).toMatchObject({ id: "r-2", state: RolloutState.RUNNING, readyNew: 0, readyOld: INSTANCES });
    expect(await imagesOf(group)).toEqual(Array(INSTANCES).fill("1"));
    await client.theseus.undoGroup({ group: group.ref });
    await rolledOut(group, (one) => one.toRevision === 3n && isDone(one));
    expect(await rolloutOf(group, 2n)).toMatchObject({ state: RolloutState.SUPERSEDED, supersededBy: 3n });
  }, 60_000);
});

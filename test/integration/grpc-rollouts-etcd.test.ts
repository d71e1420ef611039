// What people ask of rollouts, over a real etcd: the keys, read as a person at a terminal reads them.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { PlanAction } from "../../clients/gen/theseus/v1/plan.js";
import { RolloutState } from "../../clients/gen/theseus/v1/rollout.js";
import { createCatalog } from "../../src/catalog/catalog.js";
import { ensureCluster } from "../../src/etcd/cluster.js";
import { createStore, type Store } from "../../src/etcd/driver.js";
import { createEtcdWire } from "../../src/etcd/wire.js";
import type { EtcdWire } from "../../src/model/ports.js";
import { type GroupRef, groupRef } from "../../src/model/reference.js";
import type { Rollout } from "../../src/model/rollout.js";
import { systemClock, systemRng } from "../../src/system.js";
import { becomeLeader } from "../contract/fixture.js";
import { aRollout } from "../support/builders.js";
import { etcdctl } from "../support/etcdctl.js";
import { startEtcd, type TestEtcd } from "../support/start-etcd.js";
import { failureOf, LogBook, type Rig, startRig } from "../unit/grpc/rig.js";

let etcd: TestEtcd;
let wire: EtcdWire;
let store: Store;
let rig: Rig;
const following = new AbortController();
let followed: Promise<void>;

beforeAll(async () => {
  etcd = await startEtcd();
  wire = await createEtcdWire({ endpoints: [etcd.endpoint], clock: systemClock });
  await ensureCluster(wire, systemRng);
  const log = new LogBook();
  store = createStore(wire, { clock: systemClock, rng: systemRng, log, serverId: "s1" });
  const catalog = createCatalog(store, systemClock, log);
  followed = catalog.run(following.signal);
  rig = await startRig({ catalog, changes: store, store, directory: store, feed: store });
  await catalog.reach(1n, AbortSignal.timeout(10_000));
}, 30_000);
afterAll(async () => {
  await rig.close();
  following.abort();
  await followed;
  wire.close();
  await etcd.stop();
});

const WHO = { actor: "ann@desk", command: "theseus rollout", message: "error rate" };

/** The value of the only key below this, as etcdctl prints it. */
async function stored(prefix: string) {
  const { stdout } = await etcdctl(etcd.endpoint, ["get", "--prefix", prefix, "--print-value-only"]);
  return JSON.parse(stdout);
}
const configOf = ({ service }: GroupRef) => stored(`/services/${service}/dev/config`);

/** A group at rev 2, and what the leader has stored of its rollouts. */
async function goingOn(service: string, ...rollouts: Rollout[]): Promise<GroupRef> {
  const ref = groupRef(service, ["dev"]);
  await rig.theseus.createGroup({ group: ref, config: { image: "web:1", instances: 2 } });
  await rig.theseus.updateGroup({ group: ref, config: { image: "web:2", instances: 4 } });
  const fence = await becomeLeader(wire);
  await store.writeGroup(fence, await store.readGroup(ref), { rollouts: { rollouts } });
  return ref;
}

describe("over a real etcd", () => {
  it("a rollout is told from the record of the leader, or without it", async () => {
    const group = await goingOn("told", aRollout({ done: 1 }), aRollout({ to: 1, state: "done" }));
    expect((await rig.theseus.getRollout({ group })).rollout).toMatchObject({ id: "r-2", fromRevision: 1n, wanted: 4 });
    await rig.theseus.updateGroup({ group, config: { weight: 7 } });
    const { rollout } = await rig.theseus.getRollout({ group });
    expect(rollout).toMatchObject({ id: "r-3", state: RolloutState.RUNNING, fromRevision: 1n });
    const { revisions } = await rig.theseus.listRevisions({ group });
    expect(revisions.map(({ configRevision, rollout: one }) => [configRevision, one?.state])).toEqual([
      [3n, RolloutState.RUNNING],
      [2n, RolloutState.SUPERSEDED],
      [1n, RolloutState.DONE],
    ]);
  });

  it("pausing and resuming are written into the config, which stays at its revision", async () => {
    const group = await goingOn("paused", aRollout());
    const { rollout } = await rig.theseus.pauseRollout({ group, change: WHO, requestId: "p1" });
    expect(rollout).toMatchObject({ state: RolloutState.PAUSED, pause: { change: WHO } });
    expect(await configOf(group)).toMatchObject({
      config_revision: 2,
      steering: { paused: { actor: "ann@desk", message: "error rate" }, promotions: 0 },
    });
    await rig.theseus.resumeRollout({ group, change: WHO });
    expect((await configOf(group)).steering).toEqual({ promotions: 0 });
    const again = await rig.theseus.pauseRollout({ group, change: WHO, requestId: "p1" });
    expect(again.rollout).toMatchObject({ state: RolloutState.RUNNING });
    expect((await configOf(group)).steering).toEqual({ promotions: 0 });
  });

  it("of many who promote at once all succeed, and one barrier is opened", async () => {
    const pause = { since: 0, reason: "step" } as const;
    const policy = { steps: ["1", "pause", "2", "pause"] };
    const group = await goingOn("promoted", aRollout({ state: "paused", stepsDone: 1, pause, policy }));
    const answers = await Promise.all(Array.from({ length: 8 }, () => rig.theseus.promoteRollout({ group })));
    expect(answers.map(({ rollout }) => rollout?.state)).toEqual(Array(8).fill(RolloutState.RUNNING));
    expect((await configOf(group)).steering).toEqual({ promotions: 1 });
  });

  it("an undo is a new revision with the older content, the instances of now, and its own history", async () => {
    const group = await goingOn("undone", aRollout({ to: 1, state: "done" }));
    const { plan, madeFrom } = await rig.theseus.undoGroup({ group, change: WHO, requestId: "u1" });
    expect([plan?.action, plan?.toRevision, madeFrom]).toEqual([PlanAction.UPDATE, 3n, 1n]);
    const { config, ...rest } = await configOf(group);
    expect(config).toMatchObject({ image: "web:1", instances: 4 });
    expect(rest).toMatchObject({ config_revision: 3, change: { actor: "ann@desk" } });
    const uid = (await store.readConfig(group))?.uid ?? "";
    const { stdout } = await etcdctl(etcd.endpoint, [
      "get",
      "--prefix",
      `/theseus/history/default/${uid}/`,
      "--keys-only",
    ]);
    expect(stdout.trim().split(/\s+/)).toHaveLength(3);
    const again = await rig.theseus.undoGroup({ group, change: WHO, requestId: "u1" });
    expect([again.plan?.toRevision, again.madeFrom]).toEqual([3n, 1n]);
  });

  it("a restart is a new revision that says so", async () => {
    const group = await goingOn("restarted", aRollout({ state: "done" }));
    const { plan } = await rig.theseus.restartGroup({ group, change: WHO });
    expect(plan).toMatchObject({ action: PlanAction.UPDATE, toRevision: 3n, fields: [] });
    expect(await configOf(group)).toMatchObject({ config: { image: "web:2" }, config_revision: 3, restart: 3 });
  });

  it("rollouts that cannot be understood are said to be that, and nothing is written over them", async () => {
    const group = await goingOn("damaged", aRollout());
    const uid = (await store.readConfig(group))?.uid ?? "";
    await etcdctl(etcd.endpoint, ["put", `/theseus/rollouts/default/${uid}`, '{"rollouts":"none"}']);
    const before = await configOf(group);
    for (const call of [
      rig.theseus.getRollout({ group }),
      rig.theseus.pauseRollout({ group }),
      rig.theseus.undoGroup({ group }),
    ])
      expect(await failureOf(call)).toMatchObject({
        reason: "STORE_DAMAGED",
        next: `etcdctl get /theseus/rollouts/default/${uid}`,
      });
    expect(await configOf(group)).toEqual(before);
  });
});

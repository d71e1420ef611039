// The promises of the gRPC server that rest on the store's own: repeated requests and pages, over a real etcd.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { PlanAction } from "../../clients/gen/theseus/v1/plan.js";
import { createCatalog } from "../../src/catalog/catalog.js";
import { ensureCluster } from "../../src/etcd/cluster.js";
import { createStore, type Store } from "../../src/etcd/driver.js";
import { createEtcdWire } from "../../src/etcd/wire.js";
import type { EtcdWire } from "../../src/model/ports.js";
import { groupRef } from "../../src/model/reference.js";
import { systemClock, systemRng } from "../../src/system.js";
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

const DEV = groupRef("web", ["dev"]);

describe("over a real etcd", () => {
  it("a change is seen in the answer to it, and the same request again has the same answer", async () => {
    const request = { group: DEV, config: { image: "web:1" }, requestId: "r1" };
    const first = await rig.theseus.createGroup(request);
    expect(first.group).toMatchObject({ configRevision: 1n, uid: expect.stringMatching(/^[0-9a-f]+$/) });
    const again = await rig.theseus.createGroup(request);
    expect([again.revision, again.plan]).toEqual([first.revision, first.plan]);
    expect(await failureOf(rig.theseus.createGroup({ ...request, requestId: "r2" }))).toMatchObject({
      reason: "GROUP_EXISTS",
    });
  });

  it("an edit that is sent again after others came gets its answer, and changes nothing more", async () => {
    const edit = { group: DEV, config: { image: "web:2" }, expectedRevision: 1n, requestId: "r3" };
    const first = await rig.theseus.updateGroup(edit);
    await rig.theseus.updateGroup({ group: DEV, config: { image: "web:3" } });
    const again = await rig.theseus.updateGroup(edit);
    expect(again).toMatchObject({ revision: first.revision, plan: { action: PlanAction.UPDATE, toRevision: 2n } });
    expect(again.group?.config?.image).toBe("web:3");
    const other = { ...edit, config: { image: "web:9" } };
    expect(await failureOf(rig.theseus.updateGroup(other))).toMatchObject({ reason: "REQUEST_ID_REUSED" });
  });

  it("edits of different fields at the same time all survive", async () => {
    const names = ["A", "B", "C", "D", "E", "F"];
    await Promise.all(names.map((name) => rig.theseus.updateGroup({ group: DEV, config: { env: { [name]: "1" } } })));
    const { record } = (await store.readConfig(DEV)) ?? {};
    expect(Object.keys(record?.config.env ?? {}).sort()).toEqual(names);
    expect(record?.configRevision).toBe(3 + names.length);
  });

  it("pages are read at one revision, also one that this server does not remember", async () => {
    const groups = ["a", "b", "c"].map((label) => ({ ref: groupRef("paged", [label]), config: { image: "web:1" } }));
    const { revision } = await rig.theseus.applyGroups({ groups });
    await rig.discovery.getGroup({ group: groupRef("paged", ["a"]), atLeastRevision: revision });
    const first = await rig.discovery.listGroups({ selector: { service: "paged" }, pageSize: 1 });
    for (let i = 0; i < 100; i += 1) await wire.txn([], [{ op: "put", key: "/services/noise", value: `${i}` }]);
    const removed = await rig.theseus.removeGroup({ group: groupRef("paged", ["c"]) });
    await rig.discovery.getGroup({ group: DEV, atLeastRevision: removed.revision });
    const rest = await rig.discovery.listGroups({
      selector: { service: "paged" },
      pageSize: 9,
      pageToken: first.nextPageToken,
    });
    expect(rest.revision).toBe(first.revision);
    expect(rest.groups.map(({ ref, configRevision }) => [ref?.labels, configRevision])).toEqual([
      [["b"], 1n],
      [["c"], 1n],
    ]);
    await wire.compact(removed.revision);
    const late = rig.discovery.listGroups({
      selector: { service: "paged" },
      pageSize: 1,
      pageToken: Buffer.from(Buffer.from(first.nextPageToken, "base64url").toString().replace(/^\d+/, "3")).toString(
        "base64url",
      ),
    });
    expect(await failureOf(late)).toMatchObject({ reason: "PAGE_TOKEN_EXPIRED" });
  });

  it("namespaces hold their own groups, and cannot go while they do", async () => {
    await rig.theseus.createNamespace({ name: "team", requestId: "n1" });
    await rig.theseus.createNamespace({ name: "team", requestId: "n1" });
    const { revision } = await rig.theseus.createGroup({
      group: groupRef("web", [], "team"),
      config: { image: "web:1" },
    });
    await rig.discovery.getGroup({ group: groupRef("web", [], "team"), atLeastRevision: revision });
    expect(await failureOf(rig.theseus.removeNamespace({ name: "team" }))).toMatchObject({
      reason: "NAMESPACE_NOT_EMPTY",
    });
    expect(
      await failureOf(rig.theseus.createGroup({ group: groupRef("web", [], "none"), config: { image: "a:1" } })),
    ).toMatchObject({
      reason: "NO_SUCH_NAMESPACE",
      next: "theseus namespace create none",
    });
  });
});

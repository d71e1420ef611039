// The seed's seventeen methods, and the paths that they leave in the store.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { groupKey, infoKey, serviceKey } from "../../src/etcd/keys.js";
import type { ContainerRef } from "../../src/model/reference.js";
import {
  anInfo,
  anIntent,
  becomeLeader,
  CHANGE,
  context,
  type Fixture,
  freshGroup,
  get,
  openFixture,
  put,
  type WireFactory,
} from "./fixture.js";

const reason = (expected: string) => expect.objectContaining({ reason: expected });

export function directoryContract(openWire: WireFactory): void {
  describe("the service directory", () => {
    let on: Fixture;
    beforeAll(async () => {
      on = await openFixture(openWire);
    });
    afterAll(() => on.wire.close());

    it("creates services, groups and their paths as the seed lays them out", async () => {
      const { store, wire } = on;
      const group = freshGroup(["frontend", "dev"]);
      await store.createGroup(group, { image: "web:1" }, CHANGE);
      const { kvs } = await wire.range({ key: serviceKey(group), end: `${serviceKey(group)}0`, keysOnly: true });
      const base = `/services/${group.service}`;
      expect(kvs.map(({ key }) => key)).toEqual([base, `${base}/dev,frontend`, `${base}/dev,frontend/config`]);
      expect(await store.serviceExists(group)).toBe(true);
      expect(await store.groupExists(group)).toBe(true);
      expect(await store.getServiceNames("default")).toContain(group.service);
      expect(await store.getServiceGroups(group)).toEqual([["dev", "frontend"]]);
    });

    it("creates a service once, and once more without error", async () => {
      const service = freshGroup();
      await on.store.createService(service);
      await on.store.createService(service);
      expect(await on.store.serviceExists(service)).toBe(true);
      expect(await on.store.getServiceGroups(service)).toEqual([]);
    });

    it("refuses what is outside an existing namespace", async () => {
      const group = freshGroup([], "nowhere");
      await expect(on.store.createService(group)).rejects.toEqual(reason("NO_SUCH_NAMESPACE"));
      await expect(on.store.createGroup(group, { image: "a" }, CHANGE)).rejects.toEqual(reason("NO_SUCH_NAMESPACE"));
    });

    it("reads and writes a config, raises its revision and keeps the instances", async () => {
      const { store } = on;
      const group = freshGroup([]);
      await expect(store.getGroupConfig(group)).rejects.toEqual(reason("NO_SUCH_GROUP"));
      await store.createGroup(group, { image: "web:1", instances: 4 }, CHANGE);
      await store.setGroupConfig(group, { image: "web:2" }, { ...CHANGE, actor: "bob" });
      expect(await store.getGroupConfig(group)).toEqual({
        config: { image: "web:2", instances: 4 },
        configRevision: 2,
        change: { ...CHANGE, actor: "bob" },
      });
      await expect(store.setGroupConfig(group, { image: "web:3" }, CHANGE, 1)).rejects.toEqual(reason("CONFLICT"));
      await store.setGroupConfig(group, { image: "web:3" }, CHANGE, 2);
      expect((await store.getGroupConfig(group)).configRevision).toBe(3);
    });

    it("refuses to create a group twice", async () => {
      const group = freshGroup();
      await on.store.createGroup(group, { image: "a" }, CHANGE);
      await expect(on.store.createGroup(group, { image: "a" }, CHANGE)).rejects.toEqual(reason("GROUP_EXISTS"));
    });

    it("registers, rewrites and deregisters a container in a group without a config", async () => {
      const { store } = on;
      const ref: ContainerRef = { ...freshGroup(), name: "outside-1" };
      await store.registerContainer(ref, anInfo("outside-1"));
      await expect(store.registerContainer(ref, anInfo("outside-1"))).rejects.toEqual(reason("CONTAINER_EXISTS"));
      expect(await store.getContainerInfo(ref)).toEqual(anInfo("outside-1", { origin: "registered" }));
      await store.setContainerInfo(ref, anInfo("outside-1", { state: "unhealthy" }));
      expect((await store.getContainerInfo(ref)).state).toBe("unhealthy");
      expect(await store.getGroupContainerNames(ref)).toEqual(["outside-1"]);
      expect(await store.getServiceContainers(ref)).toEqual([ref]);
      await store.deregisterContainer(ref);
      expect(await store.containerExists(ref)).toBe(false);
      await expect(store.deregisterContainer(ref)).rejects.toEqual(reason("NO_SUCH_CONTAINER"));
      await expect(store.setContainerInfo(ref, anInfo("x"))).rejects.toEqual(reason("NO_SUCH_CONTAINER"));
      await expect(store.getContainerInfo(ref)).rejects.toEqual(reason("NO_SUCH_CONTAINER"));
    });

    it("keeps others out of a group with a config unless it is open", async () => {
      const { store } = on;
      const [closed, open] = [freshGroup(), freshGroup()];
      await store.createGroup(closed, { image: "a" }, CHANGE);
      await store.createGroup(open, { image: "a", open: true }, CHANGE);
      const info = anInfo("c1");
      await expect(store.registerContainer({ ...closed, name: "c1" }, info)).rejects.toEqual(reason("GROUP_CLOSED"));
      await store.registerContainer({ ...open, name: "c1" }, info);
      expect(await store.containerExists({ ...open, name: "c1" })).toBe(true);
    });

    it("does not let anybody deregister a managed container", async () => {
      const { store, wire } = on;
      const group = freshGroup();
      await store.createGroup(group, { image: "a" }, CHANGE);
      const fence = await becomeLeader(wire);
      await store.writeGroup(fence, await store.readGroup(group), { putIntents: [anIntent("c1", 1)] });
      await expect(store.deregisterContainer({ ...group, name: "c1" })).rejects.toEqual(reason("GROUP_CLOSED"));
      await expect(store.removeGroup(group)).rejects.toEqual(reason("CONFLICT"));
    });

    it("takes a hand-written record of four fields as a valid container, without anything above it", async () => {
      const ref: ContainerRef = { ...freshGroup(["dev"]), name: "by-hand" };
      const value = { instance_name: "by-hand", instance_host: "10.0.0.1", instance_port: null, port_mappings: {} };
      await put(on.wire, infoKey(ref), JSON.stringify(value));
      expect(await on.store.getContainerInfo(ref)).toEqual({
        instanceName: "by-hand",
        instanceHost: "10.0.0.1",
        instancePort: null,
        portMappings: {},
      });
      expect(await on.store.getServiceNames("default")).toContain(ref.service);
      expect(await on.store.groupExists(ref)).toBe(true);
    });

    it("keeps fields that it does not know when it writes a record again", async () => {
      const ref: ContainerRef = { ...freshGroup(), name: "c1" };
      await on.store.registerContainer(ref, anInfo("c1", { weight: 5 }));
      const stored = JSON.parse((await get(on.wire, infoKey(ref))) ?? "");
      await put(
        on.wire,
        infoKey(ref),
        JSON.stringify({ ...stored, zone: "eu-1", port_mappings: { http: { external: 1, exposed: 2, speed: 9 } } }),
      );
      await on.store.setContainerInfo(ref, anInfo("c1"));
      const rewritten = JSON.parse((await get(on.wire, infoKey(ref))) ?? "");
      expect(rewritten).toMatchObject({ zone: "eu-1", port_mappings: { http: { external: 20417, speed: 9 } } });
      expect(rewritten).not.toHaveProperty("weight");
    });

    it("removes a group whole, and its service with the last group", async () => {
      const { store, wire } = on;
      const group = freshGroup(["a"]);
      const other = { ...group, labels: ["b"] };
      await store.createGroup(group, { image: "x" }, CHANGE);
      await store.createGroup(other, { image: "x" }, CHANGE);
      await expect(store.removeService(group)).rejects.toEqual(reason("SERVICE_NOT_EMPTY"));
      await store.removeGroup(group);
      expect(await store.groupExists(group)).toBe(false);
      expect(await get(wire, serviceKey(group))).toBeDefined();
      await store.removeGroup(other);
      expect(await store.serviceExists(group)).toBe(false);
      await store.removeGroup(other);
      await store.removeService(group);
    });

    it("does not take a group for another whose labels begin the same", async () => {
      const group = freshGroup(["dev"]);
      await on.store.createGroup({ ...group, labels: ["dev", "frontend"] }, { image: "x" }, CHANGE);
      expect(await on.store.groupExists(group)).toBe(false);
      expect(await get(on.wire, groupKey(group))).toBeUndefined();
      expect(await on.store.getGroupContainerNames(group)).toEqual([]);
    });

    it("keeps the tree of a namespace apart", async () => {
      const { store } = on;
      const group = freshGroup(["dev"], "shop");
      await store.createNamespace("shop", context());
      await store.createGroup(group, { image: "x" }, CHANGE);
      expect(await store.getServiceNames("shop")).toEqual([group.service]);
      expect(await store.getServiceNames("default")).not.toContain(group.service);
      expect(await get(on.wire, `/namespaces/shop/services/${group.service}/dev/config`)).toBeDefined();
    });
  });
}

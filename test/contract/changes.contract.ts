// Changes that people ask for: all or nothing, compare and set, one effect and one answer per request id.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { configKey, requestKey } from "../../src/etcd/keys.js";
import type { GroupConfig } from "../../src/model/group.js";
import type { GroupRef } from "../../src/model/reference.js";
import { context, type Fixture, freshGroup, get, openFixture, put, type WireFactory } from "./fixture.js";

const reason = (expected: string) => expect.objectContaining({ reason: expected });

export function changesContract(openWire: WireFactory): void {
  describe("changes", () => {
    let on: Fixture;
    beforeAll(async () => {
      on = await openFixture(openWire);
    });
    afterAll(() => on.wire.close());

    it("create several groups in one revision, in the order of the request", async () => {
      const { store, wire } = on;
      const group = freshGroup(["a"]);
      const refs = ["c", "a", "b"].map((label) => ({ ...group, labels: [label] }));
      const answer = await store.changeGroups(
        refs.map((ref) => ({ kind: "create", ref, config: { image: "x" } })),
        context(),
      );
      expect(answer).toMatchObject({ replayed: false, groups: refs.map((ref) => ({ ref, configRevision: 1 })) });
      for (const ref of refs) {
        const { kvs } = await wire.range({ key: configKey(ref) });
        expect(kvs[0]?.modRevision).toBe(answer.revision);
      }
    });

    it("give the same answer to the same request, and write nothing the second time", async () => {
      const { store, wire } = on;
      const group = freshGroup();
      const create = [{ kind: "create", ref: group, config: { image: "x" } }] as const;
      const asked = context();
      const first = await store.changeGroups(create, asked);
      const { kvs } = await wire.range({ key: configKey(group) });
      const second = await store.changeGroups(create, asked);
      expect(second).toEqual({ ...first, replayed: true });
      expect((await wire.range({ key: configKey(group) })).kvs).toEqual(kvs);
      await expect(store.changeGroups(create, { ...asked, digest: "another" })).rejects.toEqual(
        reason("REQUEST_ID_REUSED"),
      );
    });

    it("have one effect when the same request is sent many times at once", async () => {
      const { store } = on;
      const group = freshGroup();
      await store.changeGroups([{ kind: "create", ref: group, config: { image: "x" } }], context());
      const asked = context();
      const replace = [{ kind: "replace", ref: group, config: { image: "y" }, from: 1 }] as const;
      const answers = await Promise.all(Array.from({ length: 10 }, () => store.changeGroups(replace, asked)));
      expect(new Set(answers.map(({ revision }) => revision)).size).toBe(1);
      expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
      expect((await store.getGroupConfig(group)).configRevision).toBe(2);
    });

    it("let exactly one of many writers of the same revision win", async () => {
      const { store } = on;
      const group = freshGroup();
      await store.changeGroups([{ kind: "create", ref: group, config: { image: "x" } }], context());
      const attempts = await Promise.allSettled(
        Array.from({ length: 12 }, (_, i) =>
          store.changeGroups([{ kind: "replace", ref: group, config: { image: `x:${i}` }, from: 1 }], context()),
        ),
      );
      const lost = attempts.filter((one) => one.status === "rejected");
      expect(lost).toHaveLength(11);
      for (const one of lost) expect(one.reason).toEqual(reason("CONFLICT"));
      expect((await store.getGroupConfig(group)).configRevision).toBe(2);
    });

    it("are stored whole or not at all", async () => {
      const { store } = on;
      const [there, fresh] = [freshGroup(), freshGroup()];
      await store.changeGroups([{ kind: "create", ref: there, config: { image: "x" } }], context());
      const both = [
        { kind: "create", ref: fresh, config: { image: "x" } },
        { kind: "create", ref: there, config: { image: "x" } },
      ] as const;
      await expect(store.changeGroups(both, context())).rejects.toEqual(reason("GROUP_EXISTS"));
      expect(await store.groupExists(fresh)).toBe(false);
      const twice = [both[0], both[0]];
      await expect(store.changeGroups(twice, context())).rejects.toEqual(reason("INVALID_REQUEST"));
    });

    it("are stored only while the groups that they keep are as they were", async () => {
      const { store } = on;
      const [kept, group] = [freshGroup(), freshGroup()];
      await store.changeGroups([{ kind: "create", ref: kept, config: { image: "x" } }], context());
      const pin = { asked: "x", pinned: "sha256:1" };
      const both = (from: number) =>
        store.changeGroups(
          [
            { kind: "create", ref: group, config: { image: "x" }, pin },
            { kind: "keep", ref: kept, from },
          ],
          context(),
        );
      await expect(both(2)).rejects.toEqual(reason("CONFLICT"));
      expect(await store.groupExists(group)).toBe(false);
      expect((await both(1)).groups).toEqual([{ ref: group, configRevision: 1 }]);
      expect(await store.getGroupConfig(group)).toMatchObject({ configRevision: 1, pin });
      expect((await store.getGroupConfig(kept)).configRevision).toBe(1);
    });

    it("take as many groups as the advice for a larger one says, and are refused beyond the limit", async () => {
      const { store } = on;
      const refused = reason("INVALID_REQUEST");
      const group = freshGroup();
      const creates = (refs: readonly GroupRef[]) =>
        store.changeGroups(
          refs.map((ref) => ({ kind: "create", ref, config: { image: "x" } })),
          context(),
        );
      const labeled = (count: number) => Array.from({ length: count }, (_, i) => ({ ...group, labels: [`l${i}`] }));
      const replaced = (count: number) =>
        store.changeGroups(
          labeled(count).map((ref) => ({ kind: "replace", ref, config: { image: "y" }, from: 1 })),
          context(),
        );
      // Each in a service of its own: four keys. In one service: three. Changed: two. And one for what is told of them all.
      await expect(creates(Array.from({ length: 32 }, () => freshGroup()))).rejects.toEqual(refused);
      await creates(Array.from({ length: 31 }, () => freshGroup()));
      await expect(creates(labeled(42))).rejects.toEqual(refused);
      expect(await store.serviceExists(group)).toBe(false);
      await creates(labeled(41));
      for (let more = 41; more < 64; more++)
        await store.createGroup(labeled(64)[more] ?? group, { image: "x" }, context().change);
      await expect(replaced(64)).rejects.toEqual(
        expect.objectContaining({
          reason: "INVALID_REQUEST",
          facts: expect.objectContaining({ next: [expect.stringContaining("30 new groups, or 60 changed")] }),
        }),
      );
      await replaced(63);
      expect(await store.getServiceGroups(group)).toHaveLength(64);
    });

    it("keep the stored pin as long as image and pull policy stay", async () => {
      const { store, wire } = on;
      const group = freshGroup();
      const pin = { asked: "web:1", pinned: "web@sha256:1" };
      const asPinned = async () => {
        const stored = JSON.parse((await get(wire, configKey(group))) ?? "");
        await put(wire, configKey(group), JSON.stringify({ ...stored, pin }));
      };
      let from = 1;
      const replace = async (config: GroupConfig) => {
        await store.changeGroups([{ kind: "replace", ref: group, config, from: from++ }], context());
        return (await store.getGroupConfig(group)).pin;
      };
      await store.changeGroups([{ kind: "create", ref: group, config: { image: "web:1" } }], context());
      await asPinned();
      expect(await replace({ image: "web:1", weight: 3, pull: "missing" })).toEqual(pin);
      expect(await replace({ image: "web:1", pull: "always" })).toBeUndefined();
      await asPinned();
      expect(await replace({ image: "web:1", pull: "always", weight: 4 })).toEqual(pin);
      expect(await replace({ image: "web:2", pull: "always" })).toBeUndefined();
    });

    it("ask for a removal once, and nothing can be changed after that", async () => {
      const { store } = on;
      const group = freshGroup();
      await expect(
        store.changeGroups([{ kind: "remove", ref: group, from: 1, volumes: false }], context()),
      ).rejects.toEqual(reason("NO_SUCH_GROUP"));
      await store.changeGroups([{ kind: "create", ref: group, config: { image: "x" } }], context());
      for (const volumes of [false, true, false]) {
        await store.changeGroups([{ kind: "remove", ref: group, from: 1, volumes }], context());
      }
      expect((await store.getGroupConfig(group)).removing).toEqual({ volumes: true });
      const replace = { kind: "replace", ref: group, config: { image: "y" }, from: 1 } as const;
      await expect(store.changeGroups([replace], context())).rejects.toEqual(reason("GROUP_REMOVING"));
      const create = { kind: "create", ref: group, config: { image: "y" } } as const;
      await expect(store.changeGroups([create], context())).rejects.toEqual(reason("GROUP_REMOVING"));
    });

    it("keep unknown fields of a config of a newer release", async () => {
      const { store, wire } = on;
      const group = freshGroup();
      await store.changeGroups([{ kind: "create", ref: group, config: { image: "x", stop: { grace: 5 } } }], context());
      const stored = JSON.parse((await get(wire, configKey(group))) ?? "");
      stored.config.tuning = { speed: 3 };
      stored.config.stop.mood = "calm";
      await put(wire, configKey(group), JSON.stringify({ ...stored, seen_by: ["a"] }));
      await store.setGroupConfig(group, { image: "y", stop: { grace: 7 } }, context().change);
      expect(JSON.parse((await get(wire, configKey(group))) ?? "")).toMatchObject({
        seen_by: ["a"],
        config: { image: "y", tuning: { speed: 3 }, stop: { grace_ms: 7, mood: "calm" } },
      });
    });

    it("of a config that cannot be understood are refused, never guessed", async () => {
      const { store, wire } = on;
      const group = freshGroup();
      await store.changeGroups([{ kind: "create", ref: group, config: { image: "x" } }], context());
      await put(wire, configKey(group), '{"config": 5}');
      const replace = { kind: "replace", ref: group, config: { image: "y" }, from: 1 } as const;
      await expect(store.changeGroups([replace], context())).rejects.toEqual(reason("STORE_DAMAGED"));
      await expect(store.readGroup(group)).rejects.toEqual(reason("STORE_DAMAGED"));
    });

    it("of namespaces create, refuse and remove", async () => {
      const { store } = on;
      const asked = context();
      const created = await store.createNamespace("team", asked);
      expect(await store.createNamespace("team", asked)).toEqual({ ...created, replayed: true });
      await expect(store.createNamespace("team", context())).rejects.toEqual(reason("NAMESPACE_EXISTS"));
      await expect(store.createNamespace("default", context())).rejects.toEqual(reason("NAMESPACE_EXISTS"));
      const group = freshGroup([], "team");
      await store.changeGroups([{ kind: "create", ref: group, config: { image: "x" } }], context());
      await expect(store.removeNamespace("team", context())).rejects.toEqual(reason("NAMESPACE_NOT_EMPTY"));
      await store.removeGroup(group);
      const removal = context();
      const removed = await store.removeNamespace("team", removal);
      expect(await store.removeNamespace("team", removal)).toEqual({ ...removed, replayed: true });
      await expect(store.removeNamespace("team", context())).rejects.toEqual(reason("NO_SUCH_NAMESPACE"));
    });

    it("tell the answer that a request was given in its namespace, and write nothing", async () => {
      const { store, wire } = on;
      const asked = { ...context(), namespace: "others" };
      expect(await store.formerAnswer(asked)).toBeUndefined();
      expect(await store.formerAnswer({ ...asked, requestId: "" })).toBeUndefined();
      const answer = await store.changeGroups([], asked);
      expect(await get(wire, requestKey("others", asked.requestId))).toContain('"digest":"d1"');
      expect(await store.formerAnswer(asked)).toEqual({ ...answer, replayed: true });
      expect(await store.formerAnswer({ ...asked, namespace: "default" })).toBeUndefined();
      await expect(store.formerAnswer({ ...asked, digest: "d2" })).rejects.toEqual(reason("REQUEST_ID_REUSED"));
    });

    it("remove a service that nothing is in, once for each request", async () => {
      const { store } = on;
      const service = freshGroup();
      await expect(store.removeEmptyService(service, context())).rejects.toEqual(reason("NO_SUCH_SERVICE"));
      await store.changeGroups([{ kind: "create", ref: service, config: { image: "x" } }], context());
      await expect(store.removeEmptyService(service, context())).rejects.toEqual(reason("SERVICE_NOT_EMPTY"));
      await store.removeGroup(service);
      await store.createService(service);
      const asked = context();
      const removed = await store.removeEmptyService(service, asked);
      expect(await store.serviceExists(service)).toBe(false);
      expect(await store.removeEmptyService(service, asked)).toEqual({ ...removed, replayed: true });
    });

    it("leave the answer under the request's key, and read a config with its uid", async () => {
      const { store, wire } = on;
      const group = freshGroup();
      const asked = context("a/b c");
      const { revision } = await store.changeGroups([{ kind: "create", ref: group, config: { image: "x" } }], asked);
      expect(await get(wire, requestKey("default", "a/b c"))).toContain('"digest":"d1"');
      const read = await store.readConfig(group);
      expect(read).toMatchObject({ uid: expect.stringMatching(/^[0-9a-f]{16}$/), record: { configRevision: 1 } });
      expect((read?.revision ?? 0n) >= revision).toBe(true);
      expect(await store.readConfig(freshGroup())).toBeUndefined();
    });
  });
}

// Changes that people ask for: all or nothing, compare and set, one effect and one answer per request id.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { configKey, requestKey } from "../../src/etcd/keys.js";
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

    it("too large for one transaction are refused with a reason", async () => {
      const group = freshGroup();
      const many = Array.from({ length: 100 }, (_, i) => ({
        kind: "create" as const,
        ref: { ...group, labels: [`l${i}`] },
        config: { image: "x" },
      }));
      await expect(on.store.changeGroups(many, context())).rejects.toEqual(reason("INVALID_REQUEST"));
      expect(await on.store.serviceExists(group)).toBe(false);
      await on.store.changeGroups(many.slice(0, 40), context());
      expect(await on.store.getServiceGroups(group)).toHaveLength(40);
    });

    it("carry a pin only with the image that it was made of", async () => {
      const { store } = on;
      const group = freshGroup();
      const pin = { asked: "web:1", pinned: "web@sha256:1" };
      await store.changeGroups([{ kind: "create", ref: group, config: { image: "web:1" } }], context());
      await store.changeGroups([{ kind: "replace", ref: group, config: { image: "web:1" }, from: 1, pin }], context());
      expect((await store.getGroupConfig(group)).pin).toEqual(pin);
      await store.changeGroups([{ kind: "replace", ref: group, config: { image: "web:2" }, from: 2, pin }], context());
      expect(await store.getGroupConfig(group)).not.toHaveProperty("pin");
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

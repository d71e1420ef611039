// The timeline: written with what it tells of, read in order, followed without loss or doubles, and bounded.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { below, configKey, eventsPrefix } from "../../src/etcd/keys.js";
import type { GroupChange } from "../../src/model/change.js";
import { EVENTS_KEPT, EVENTS_KEPT_FOR, type Event } from "../../src/model/event.js";
import { formatGroup, type GroupRef } from "../../src/model/reference.js";
import type { Fence } from "../../src/model/store.js";
import {
  becomeLeader,
  CHANGE,
  context,
  type Fixture,
  freshGroup,
  openFixture,
  put,
  type WireFactory,
} from "./fixture.js";

const NOW = CHANGE.time;
let namespaces = 0;

export function timelineContract(openWire: WireFactory): void {
  describe("the timeline", () => {
    let on: Fixture;
    let fence: Fence;
    let namespace: string;
    let group: GroupRef;
    beforeAll(async () => {
      on = await openFixture(openWire);
    });
    beforeEach(async () => {
      fence = await becomeLeader(on.wire);
      namespace = `told-${++namespaces}`;
      group = freshGroup(["dev"], namespace);
      await on.store.createNamespace(namespace, context());
    });
    afterAll(() => on.wire.close());

    const change = (...changes: readonly GroupChange[]) => on.store.changeGroups(changes, context());
    const create = (ref = group) => change({ kind: "create", ref, config: { image: "web:1", instances: 2 } });
    const keys = async () => (await on.wire.range(below(eventsPrefix(namespace)))).kvs;

    async function past(since?: number): Promise<Event[]> {
      const told: Event[] = [];
      const asked = { namespace, follow: false, ...(since !== undefined && { since }) };
      for await (const some of on.store.readEvents(asked, new AbortController().signal)) told.push(...some);
      return told.filter((event) => event.group !== undefined);
    }

    const words = (events: readonly Event[]) => events.map(({ kind, text }) => `${kind} ${text}`.trim());

    /** A write of the leader that tells of these. */
    async function tell(...events: readonly Pick<Event, "at" | "text">[]) {
      const told = events.map((event) => ({ ...event, actor: "theseus", group, kind: "container-failed" }));
      return on.store.writeGroup(fence, await on.store.readGroup(group), { events: told });
    }

    it("has a change in the transaction that makes it, with who asked for it and why", async () => {
      const message = "more room";
      const asked = { ...context(), change: { ...CHANGE, message } };
      await create();
      const config = { image: "web:2", instances: 6, env: { TOKEN: "secret" } };
      const { revision } = await on.store.changeGroups([{ kind: "replace", ref: group, config, from: 1 }], asked);
      expect(await past()).toEqual([
        { at: NOW, actor: "ann@desk", group, configRevision: 1, kind: "created", text: "web:1, 2 instances" },
        {
          ...{ at: NOW, actor: "ann@desk", group, configRevision: 2, kind: "updated" },
          text: 'image web:1 -> web:2, instances 2 -> 6, env.TOKEN: "more room"',
        },
      ]);
      const [stored] = (await on.wire.range({ key: configKey(group) })).kvs;
      expect((await keys()).map(({ modRevision }) => modRevision)).toContain(revision);
      expect(stored?.modRevision).toBe(revision);
    });

    it("has each kind of change once: none for a request sent again, none for what was asked before", async () => {
      const request = context();
      const created = { kind: "create", ref: group, config: { image: "web:1" } } as const;
      await on.store.changeGroups([created], request);
      expect(await on.store.changeGroups([created], request)).toMatchObject({ replayed: true });
      const steer = (act: "pause" | "resume" | "promote" | "abort") =>
        change({ kind: "steer", ref: group, from: 2, act });
      await change({ kind: "restart", ref: group, from: 1 });
      for (const act of ["pause", "pause", "resume", "resume", "promote", "abort", "abort"] as const) await steer(act);
      await change({ kind: "replace", ref: group, config: { image: "web:0" }, from: 2, madeFrom: 1 });
      for (const volumes of [false, false, true, false]) await change({ kind: "remove", ref: group, from: 3, volumes });
      expect(words(await past()).sort()).toEqual(
        [
          ...["created web:1, 1 instance", "restarted every container is made anew"],
          ...["paused r-2", "resumed r-2", "promoted r-2", "aborted r-2"],
          ...["undone back to rev 1: image web:1 -> web:0", "removed", "removed with its volumes"],
        ].sort(),
      );
    });

    it("has nothing of a change that failed", async () => {
      await create();
      await expect(create()).rejects.toMatchObject({ reason: "GROUP_EXISTS" });
      expect(await past()).toHaveLength(1);
    });

    it("needs one key for a change of many groups, and one more for each other namespace", async () => {
      const many = Array.from({ length: 30 }, () => freshGroup(["x"], namespace));
      const elsewhere = freshGroup(["x"]);
      await change(
        ...[...many, elsewhere].map((ref): GroupChange => ({ kind: "create", ref, config: { image: "x" } })),
      );
      expect(await keys()).toHaveLength(1);
      const told = await past();
      expect(told.map((event) => formatGroup(event.group ?? group))).toEqual(many.map(formatGroup));
    });

    it("has what the leader does in the transaction that does it, and nothing when that is refused", async () => {
      await create();
      const written = await tell({ at: NOW + 1, text: "a" }, { at: NOW + 2, text: "b" });
      expect((await keys()).map(({ modRevision }) => modRevision)).toContain(written.ok ? written.revision : 0n);
      const stale = await on.store.readGroup(group);
      await becomeLeader(on.wire);
      const event = { at: NOW, actor: "theseus", group, kind: "x", text: "late" };
      expect(await on.store.writeGroup(fence, stale, { events: [event] })).toEqual({ ok: false, why: "fenced" });
      expect(words(await past())).toEqual(["created web:1, 2 instances", "container-failed a", "container-failed b"]);
    });

    it("says once that a leader took office, to every namespace", async () => {
      const leaders = async () => {
        const told: Event[] = [];
        const asked = { namespace, follow: false, since: NOW + 77 };
        for await (const some of on.store.readEvents(asked, new AbortController().signal)) told.push(...some);
        return told.filter(({ kind }) => kind === "leader");
      };
      const epoch = `epoch-${namespace}`;
      const first = await on.store.writeEpoch(fence, epoch, NOW + 77);
      await on.store.writeEpoch(fence, epoch, NOW + 78);
      if (first.ok) await on.store.writeEpoch(first.fence, epoch, NOW + 79);
      expect((await leaders()).filter(({ at }) => at <= NOW + 79)).toHaveLength(1);
    });

    it("says who made and removed a namespace, and what else was changed of the whole cluster", async () => {
      const name = `${namespace}-more`;
      const by = (message: string) => ({ ...context(), change: { ...CHANGE, message } });
      await on.store.createNamespace(name, by("a try"));
      await on.store.removeNamespace(name, by("done"));
      await on.store.giveWord((record) => record, { ...context(), change: { ...CHANGE, command: `recover ${name}` } });
      const told: Event[] = [];
      for await (const some of on.store.readEvents({ namespace, follow: false }, new AbortController().signal))
        told.push(...some.filter((event) => event.group === undefined && event.text.includes(name)));
      expect(told.map(({ actor }) => actor)).toEqual(["ann@desk", "ann@desk", "ann@desk"]);
      expect(words(told)).toEqual([
        `namespace-created namespace ${name}: "a try"`,
        `namespace-removed namespace ${name}: "done"`,
        `recovery-decided recover ${name}`,
      ]);
    });

    it("is read oldest first, from a time on, and does without what cannot be understood", async () => {
      await create();
      await tell({ at: NOW + 3000, text: "third" });
      await tell({ at: NOW + 1000, text: "first" });
      await tell({ at: NOW + 2000, text: "second" });
      await put(on.wire, `${eventsPrefix(namespace)}${String(NOW).padStart(16, "0")}-1-ab`, "{");
      expect(words(await past(NOW + 1000)).map((text) => text.split(" ")[1])).toEqual(["first", "second", "third"]);
      expect(await past(NOW + 2001)).toHaveLength(1);
      expect(await past()).toHaveLength(4);
    });

    it("keeps a thousand events of a namespace for seven days, whoever wrote them together", async () => {
      await create();
      for (let write = 0; write < 52; write++) {
        const at = NOW + 1000 * write;
        await tell(...Array.from({ length: 20 }, (_, i) => ({ at, text: `${write}.${i}` })));
      }
      await on.store.forgetEvents(fence, NOW + 60_000);
      const kept = await past();
      expect(kept).toHaveLength(EVENTS_KEPT);
      expect([kept[0]?.text, kept.at(-1)?.text]).toEqual(["2.0", "51.19"]);
      await on.store.forgetEvents(fence, NOW + 50_000 + EVENTS_KEPT_FOR);
      expect((await past()).map(({ text }) => text.split(".")[0])).toEqual([
        ...Array(20).fill("50"),
        ...Array(20).fill("51"),
      ]);
      await on.store.forgetEvents(fence, NOW + 60_000 + EVENTS_KEPT_FOR);
      expect(await past()).toEqual([]);
    });

    describe("when it is followed", () => {
      const over = new AbortController();
      afterAll(() => over.abort());

      const follow = () => on.store.readEvents({ namespace, follow: true }, over.signal)[Symbol.asyncIterator]();

      async function until(events: AsyncIterator<readonly Event[]>, last: string): Promise<string[]> {
        const told: string[] = [];
        while (!told.includes(last)) {
          const { value, done } = await events.next();
          if (done) throw new Error("it ended");
          told.push(
            ...(value as readonly Event[]).filter((event) => event.group !== undefined).map(({ text }) => text),
          );
        }
        return told;
      }

      it("tells what was, says that this is all, and tells what comes, each once", async () => {
        await create();
        const events = follow();
        expect(await until(events, "web:1, 2 instances")).toHaveLength(1);
        expect((await events.next()).value).toEqual([]);
        for (const text of ["a", "b", "c"]) await tell({ at: NOW, text });
        expect(await until(events, "c")).toEqual(["a", "b", "c"]);
        await tell({ at: NOW - 5000, text: "by a clock that is behind" });
        expect(await until(events, "by a clock that is behind")).toHaveLength(1);
        await events.return?.(undefined);
      });

      it("tells a reader that fell far behind what is still kept, in order, and then goes on", async () => {
        await create();
        const events = follow();
        await until(events, "web:1, 2 instances");
        expect((await events.next()).value).toEqual([]);
        // From here on the watch takes in what comes, although nobody reads.
        const first = until(events, "first");
        await tell({ at: NOW + 1, text: "first" });
        await first;
        const texts = Array.from({ length: 300 }, (_, i) => String(i));
        for (const text of texts) await tell({ at: NOW + 1000 + Number(text), text });
        await on.store.forgetEvents(fence, NOW + 1009 + EVENTS_KEPT_FOR + 1);
        expect(await until(events, "299")).toEqual(texts.slice(10));
        await tell({ at: NOW + 5000, text: "last" });
        expect(await until(events, "last")).toEqual(["last"]);
        await events.return?.(undefined);
      });

      it("ends with the signal", async () => {
        const stop = new AbortController();
        const events = on.store.readEvents({ namespace, follow: true }, stop.signal)[Symbol.asyncIterator]();
        while (((await events.next()).value as readonly Event[]).length > 0);
        const next = events.next();
        stop.abort();
        expect(await next).toMatchObject({ done: true });
      });
    });
  });
}

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { groupNews, hostNews } from "../../../clients/viewer/page/live/news.js";
import { compareContainers } from "../../../clients/viewer/page/live/order.js";
import { OrderedRows } from "../../../clients/viewer/page/live/ordered.js";
import { Rows } from "../../../clients/viewer/page/live/rows.js";
import { LiveStore } from "../../../clients/viewer/page/live/store.js";
import type { ContainerRow, Delta, Snapshot } from "../../../clients/viewer/wire.js";
import { containerRow, groupRow, hostRow, rolloutRow, truthOf } from "../../support/viewer-rows.js";

/** A store whose clock the test turns, and what it wished for. */
function storeWithClock() {
  const told: string[] = [];
  const timers: { at: number; run: () => void }[] = [];
  let time = 0;
  const store = new LiveStore({
    now: () => time,
    after: (milliseconds, run) => {
      const timer = { at: time + milliseconds, run };
      timers.push(timer);
      return () => {
        if (timers.includes(timer)) timers.splice(timers.indexOf(timer), 1);
      };
    },
    clock: () => undefined,
    news: (news) => told.push(...news.map(({ polite, urgent }) => polite || urgent)),
    missed: (since) => told.push(`missed since ${since}`),
    updated: () => told.push("updated"),
  });
  const turn = (milliseconds: number) => {
    time += milliseconds;
    for (const timer of timers.filter(({ at }) => at <= time)) {
      timers.splice(timers.indexOf(timer), 1);
      timer.run();
    }
  };
  const tell = (name: string, data: unknown) => store.receive({ name, data: JSON.stringify(data), id: "" });
  return { store, told, turn, tell, timers };
}

const snapshot = (more: Partial<Snapshot> = {}): Snapshot => ({
  truth: truthOf(),
  namespaces: ["default"],
  groups: [groupRow("web/prod")],
  containers: [containerRow("web/prod", 1)],
  hosts: [hostRow("node-a")],
  missedSince: 0,
  build: "a",
  ...more,
});
const delta = (more: Partial<Delta>): Delta => ({ truth: truthOf(), ...more });

describe("the page's store", () => {
  it("forgets at a snapshot what it knew before", () => {
    const { store, tell } = storeWithClock();
    tell("snapshot", snapshot());
    tell("snapshot", snapshot({ groups: [groupRow("api/dev")], containers: [] }));
    expect([...store.groups.all()].map(({ ref }) => ref)).toEqual(["api/dev"]);
    expect(store.containers.of("group", "default web/prod")).toEqual([]);
    expect(store.loaded.value).toBe(true);
  });

  it("has not loaded as long as its gateway reads for the first time", () => {
    const { store, tell, turn } = storeWithClock();
    tell("truth", truthOf());
    expect(store.loaded.value).toBe(false);
    tell("snapshot", snapshot({ truth: truthOf({ state: "reading" }), groups: [] }));
    tell("delta", delta({ truth: truthOf({ state: "reading" }), groups: [groupRow("web/prod")] }));
    turn(250);
    expect([store.loaded.value, store.groups.size]).toEqual([false, 1]);
    tell("truth", truthOf());
    expect(store.loaded.value).toBe(true);
  });

  it("paints deltas at most each 250 ms, and each row once", () => {
    const { store, tell, turn } = storeWithClock();
    tell("snapshot", snapshot());
    const before = store.groups.version.value;
    for (let ready = 0; ready < 50; ready += 1) tell("delta", delta({ groups: [groupRow("web/prod", { ready })] }));
    expect(store.groups.version.value).toBe(before);
    turn(250);
    expect(store.groups.version.value).toBe(before + 1);
    expect(store.groups.get("default web/prod")?.ready).toBe(49);
    turn(1_000);
    tell("delta", delta({ goneGroups: ["default web/prod"] }));
    expect(store.groups.size).toBe(0);
  });

  it("takes a row that is gone and comes back in one delta as there", () => {
    const { store, tell, turn } = storeWithClock();
    tell("snapshot", snapshot());
    tell("delta", delta({ goneGroups: ["default web/prod"], groups: [groupRow("web/prod", { rev: 9 })] }));
    turn(250);
    expect(store.groups.get("default web/prod")?.rev).toBe(9);
  });

  it("stands still while it is paused, holds each changed row once, and catches up", () => {
    const { store, tell, turn, timers } = storeWithClock();
    tell("snapshot", snapshot());
    store.pause(7);
    for (let ready = 0; ready < 500; ready += 1) tell("delta", delta({ groups: [groupRow("web/prod", { ready })] }));
    turn(60_000);
    expect(store.groups.get("default web/prod")?.ready).toBe(1);
    expect(store.waiting.value).toBe(1);
    expect(timers).toEqual([]);
    store.goOn();
    expect(store.groups.get("default web/prod")?.ready).toBe(499);
  });

  it("gives up the painting that was due when it is paused, and counts what waits", () => {
    const { store, tell, turn, timers } = storeWithClock();
    tell("snapshot", snapshot());
    tell("delta", delta({ groups: [groupRow("web/prod", { ready: 7 })] }));
    expect(timers).toHaveLength(1);
    store.pause(7);
    turn(60_000);
    expect(store.groups.get("default web/prod")?.ready).toBe(1);
    expect([timers.length, store.waiting.value, store.pausedAt.value]).toEqual([0, 1, 7]);
    store.goOn();
    expect([store.groups.get("default web/prod")?.ready, store.pausedAt.value]).toEqual([7, 0]);
  });

  it("keeps its rows and their truth while it is paused, also under a new snapshot, and takes that afterwards", () => {
    const { store, tell } = storeWithClock();
    tell("snapshot", snapshot({ truth: truthOf({ revision: "5" }) }));
    store.pause(7);
    tell("snapshot", snapshot({ groups: [groupRow("api/dev")], truth: truthOf({ revision: "9" }) }));
    tell("delta", delta({ truth: truthOf({ revision: "10" }), groups: [groupRow("api/dev", { ready: 3 })] }));
    expect([...store.groups.all()].map(({ ref }) => ref)).toEqual(["web/prod"]);
    expect(store.waiting.value).toBe(Number.POSITIVE_INFINITY);
    expect([store.truth.value?.revision, store.shownTruth.value?.revision]).toEqual(["10", "5"]);
    store.goOn();
    expect([...store.groups.all()].map(({ ref, ready }) => [ref, ready])).toEqual([["api/dev", 3]]);
    expect([store.shownTruth.value?.revision, store.waiting.value]).toEqual(["10", 0]);
  });

  it("shows the first snapshot also when it is paused: there is nothing to keep", () => {
    const { store, tell } = storeWithClock();
    store.pause(7);
    tell("snapshot", snapshot());
    expect([store.groups.size, store.loaded.value]).toEqual([1, true]);
  });

  it("does not go back to the truth of rows that were painted later than something newer was heard", () => {
    const { store, tell, turn } = storeWithClock();
    tell("snapshot", snapshot());
    tell("delta", delta({ groups: [groupRow("web/prod", { ready: 7 })] }));
    tell("truth", truthOf({ state: "store-away" }));
    turn(250);
    expect(store.groups.get("default web/prod")?.ready).toBe(7);
    expect(store.truth.value?.state).toBe("store-away");
  });

  it("says what was missed, and that the page is of another build", () => {
    const { told, tell } = storeWithClock();
    tell("snapshot", snapshot());
    tell("snapshot", snapshot({ missedSince: 77 }));
    tell("snapshot", snapshot({ build: "b" }));
    expect(told).toEqual(["missed since 77", "updated"]);
  });

  it("says aloud how rollouts go on and what fails, and nothing else", () => {
    const { told, tell, turn } = storeWithClock();
    tell("snapshot", snapshot());
    const paint = (more: Partial<Delta>) => {
      tell("delta", delta(more));
      turn(250);
    };
    paint({ groups: [groupRow("web/prod", { rollout: rolloutRow() })] });
    paint({ groups: [groupRow("web/prod", { rollout: rolloutRow(), ready: 7 })] });
    paint({
      groups: [groupRow("web/prod", { state: "failing", ready: 0 })],
      hosts: [hostRow("node-a", { state: "silent" })],
    });
    expect(told).toEqual(["rollout of web/prod 1 of 3", "web/prod is failing: 0 of 1 ready", "host node-a is silent"]);
  });
});

describe("news", () => {
  it("is a rollout that ends badly, with its cause", () => {
    const failure = { reason: "X", text: "exit 1", slot: 1, host: "a", time: 1, container: "c", lines: [] };
    const [before, after] = [rolloutRow(), rolloutRow({ state: "rolled-back", failure })];
    expect(groupNews(groupRow("web/prod", { rollout: before }), groupRow("web/prod", { rollout: after }))).toEqual({
      polite: "",
      urgent: "rollout of web/prod rolled back: exit 1",
    });
    expect(groupNews(groupRow("web/prod", { rollout: before }), groupRow("web/prod"))).toMatchObject({
      polite: "rollout of web/prod is done",
    });
  });

  it("is not what was so already", () => {
    expect(hostNews(hostRow("a"), hostRow("a", { seen: 9 }))).toEqual({ polite: "", urgent: "" });
    expect(groupNews(undefined, groupRow("web/prod", { state: "failing" }))).toEqual({ polite: "", urgent: "" });
  });
});

describe("rows", () => {
  const rows = () => new Rows<ContainerRow>((row) => row.id, { group: (row) => row.group, host: (row) => row.host });

  it("are found by what they belong to, also when that changes", () => {
    const containers = rows();
    containers.replace([containerRow("web/prod", 1), containerRow("web/prod", 2)]);
    containers.change([containerRow("web/prod", 2, { host: "node-b" })], []);
    expect(containers.of("host", "node-a").map(({ slot }) => slot)).toEqual([1]);
    expect(containers.of("host", "node-b").map(({ slot }) => slot)).toEqual([2]);
    expect(containers.of("group", "default web/prod")).toHaveLength(2);
    containers.change([], [containerRow("web/prod", 1).id]);
    expect(containers.some("host", "node-a", () => true)).toBe(false);
  });

  it("stay in order through any changes, as if they were sorted anew", () => {
    const state = fc.constantFrom<ContainerRow["state"]>("ready", "starting", "failed");
    const step = fc.record({
      slots: fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), state), { maxLength: 6 }),
      gone: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 4 }),
      look: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const containers = rows();
        const ordered = new OrderedRows(containers, (row) => row.id, compareContainers);
        for (const { slots, gone, look } of steps) {
          containers.change(
            slots.map(([slot, is]) => containerRow("web/prod", slot, { state: is })),
            gone.map((slot) => containerRow("web/prod", slot).id),
          );
          if (look) ordered.list();
        }
        expect(ordered.list()).toEqual([...containers.all()].sort(compareContainers));
      }),
    );
  });
});

import { describe, expect, it } from "@jest/globals";
import { Rollout, RolloutSlotState, RolloutState } from "../../../clients/gen/theseus/v1/rollout.js";
import { alikeRevisions, pictureOf } from "../../../clients/viewer/gateway/lanes.js";
import { Recorder } from "../../../clients/viewer/gateway/recorder.js";
import { rolloutRow } from "../../../clients/viewer/gateway/rows.js";
import { thinned, totalOf } from "../../../clients/viewer/gateway/thinned.js";
import type { ContainerRow } from "../../../clients/viewer/wire.js";

const GROUP = "default web/dev";

function row(name: string, more: Partial<ContainerRow> = {}): ContainerRow {
  const key = { ns: "default", ref: "web/dev", id: `${GROUP} ${name}`, group: GROUP, name };
  const where = { host: "node-a", address: "10.0.0.1", port: 20_000, since: 100, problem: "" };
  return {
    ...key,
    slot: 1,
    generation: 1,
    rev: 1,
    state: "ready",
    phase: "running",
    origin: "managed",
    ...where,
    ...more,
  };
}

/** Rows as a fleet holds them, told to a recorder. */
class Scene {
  readonly rows = new Map<string, ContainerRow>();
  readonly recorder = new Recorder(() => this.rows.values());

  put(now: number, next: ContainerRow): void {
    const before = this.rows.get(next.name);
    this.rows.set(next.name, next);
    this.recorder.saw(next, before, now);
  }

  remove(now: number, name: string): void {
    const gone = this.rows.get(name);
    this.rows.delete(name);
    if (gone !== undefined) this.recorder.gone(gone, now);
  }

  capacity(to: number, now: number): readonly (readonly [number, number, number])[] {
    const { capacity } = this.picture(to, now);
    return capacity.map(({ time, old, new: fresh }) => [time, old, fresh]);
  }

  picture(to: number, now: number, state = RolloutState.RUNNING) {
    const rollout = Rollout.fromPartial({ toRevision: BigInt(to), state, startTime: new Date(1_000) });
    return pictureOf({ row: rolloutRow(rollout), slots: [] }, this.recorder.of(GROUP), (rev) => rev === to, now);
  }
}

/** One container of the old config is replaced by one of the new. */
function replaced(): Scene {
  const scene = new Scene();
  scene.rows.set("a1", row("a1"));
  scene.rows.set("b1", row("b1", { slot: 2 }));
  scene.put(2_000, row("a2", { generation: 2, rev: 2, state: "starting", phase: "creating" }));
  scene.put(3_000, row("a2", { generation: 2, rev: 2, state: "starting" }));
  scene.put(4_000, row("a2", { generation: 2, rev: 2 }));
  scene.put(5_000, row("a1", { state: "draining", phase: "draining" }));
  scene.remove(6_000, "a1");
  return scene;
}

describe("how many are ready over time", () => {
  it("is told by config revision, from what was there before the first change was seen", () => {
    expect(replaced().capacity(2, 9_000)).toEqual([
      [2_000, 2, 0],
      [4_000, 2, 1],
      [5_000, 1, 1],
    ]);
  });

  it("counts nobody who takes no work", () => {
    const scene = new Scene();
    scene.put(2_000, row("a"));
    scene.put(3_000, row("a", { phase: "stopping" }));
    scene.put(4_000, row("a", { problem: "it cannot be understood" }));
    scene.put(5_000, row("a", { state: "stale" }));
    expect(scene.capacity(1, 9_000)).toEqual([
      [2_000, 0, 1],
      [3_000, 0, 0],
      [5_000, 0, 1],
    ]);
  });

  it("never shows more than there were when points are left out", () => {
    const points = Array.from({ length: 100 }, (_, i) => ({ time: i, ready: [[1, (i * 7) % 10]] as const }));
    const fewer = thinned(points);
    expect(fewer.length).toBe(75);
    for (const [i, point] of points.entries()) {
      const shown = fewer.findLast(({ time }) => time <= i);
      expect(shown === undefined ? 0 : totalOf(shown)).toBeLessThanOrEqual(totalOf(point));
    }
  });

  it("keeps no more points than it may", () => {
    const scene = new Scene();
    for (let i = 0; i < 5_000; i++) scene.put(2_000 + i, row("a", { state: i % 2 === 0 ? "ready" : "unhealthy" }));
    expect(scene.recorder.of(GROUP)?.points.length).toBeLessThanOrEqual(1_000);
    expect(scene.recorder.of(GROUP)?.lives[0]?.steps.length).toBeLessThanOrEqual(40);
  });

  it("counts a container made before the rollout as new where the config made it no other one", () => {
    const none = { madeNew: 2, madeOld: 0, readyOld: 0, toRevision: 3n };
    expect(alikeRevisions(Rollout.fromPartial(none), [1, 3, 1])).toEqual([1]);
    expect(alikeRevisions(Rollout.fromPartial({ ...none, madeOld: 1 }), [1, 3])).toEqual([]);
    expect(alikeRevisions(Rollout.fromPartial({ ...none, readyOld: 1 }), [1, 3])).toEqual([]);
  });
});

describe("what happens in each slot", () => {
  it("is each container's life in its steps, in the order of generations", () => {
    const [first, second] = replaced().picture(2, 9_000).lanes;
    expect(first?.slot).toBe(1);
    expect(first?.containers.map(({ name, steps }) => [name, steps])).toEqual([
      [
        "a1",
        [
          { what: "ready", from: 100, to: 5_000 },
          { what: "draining", from: 5_000, to: 6_000 },
        ],
      ],
      [
        "a2",
        [
          { what: "creating", from: 2_000, to: 3_000 },
          { what: "starting", from: 3_000, to: 4_000 },
          { what: "ready", from: 4_000, to: 0 },
        ],
      ],
    ]);
    expect(second).toMatchObject({ slot: 2, state: "unknown", containers: [{ name: "b1" }] });
  });

  it("leaves out what was gone before the rollout began", () => {
    const scene = new Scene();
    scene.put(500, row("early"));
    scene.remove(900, "early");
    scene.put(950, row("late", { generation: 2 }));
    const [lane] = scene.picture(1, 9_000).lanes;
    expect(lane?.containers.map(({ name }) => name)).toEqual(["late"]);
  });

  it("stands as the server says, as long as it says so", () => {
    const rollout = Rollout.fromPartial({ toRevision: 2n, state: RolloutState.RUNNING });
    const slots = [{ slot: 3, state: RolloutSlotState.WAITING, host: "", sinceTime: undefined, text: "for slot 1" }];
    const { lanes } = pictureOf({ row: rolloutRow(rollout), slots }, undefined, () => true, 9_000);
    expect(lanes).toEqual([{ slot: 3, state: "waiting", text: "for slot 1", containers: [] }]);
    expect(replaced().picture(2, 9_000, RolloutState.DONE).lanes[0]?.state).toBe("done");
  });
});

describe("what is remembered", () => {
  it("is given up a minute after the last change, unless there is a rollout", () => {
    const scene = replaced();
    scene.recorder.sweep(60_000);
    expect(scene.recorder.of(GROUP)).toBeDefined();
    scene.recorder.keep(GROUP, Number.POSITIVE_INFINITY, 60_000);
    scene.recorder.sweep(10_000_000);
    expect(scene.recorder.of(GROUP)?.from).toBe(2_000);
    scene.recorder.keep(GROUP, 10_000_000, 10_000_000);
    scene.recorder.sweep(10_060_001);
    expect(scene.recorder.of(GROUP)).toBeUndefined();
  });

  it("does not begin with a change that it would not show, and loses nothing by that", () => {
    const scene = new Scene();
    scene.rows.set("a", row("a"));
    scene.put(1_000, row("a", { port: 32_000 }));
    expect(scene.recorder.of(GROUP)).toBeUndefined();
    scene.put(2_000, row("a", { port: 32_000, state: "unhealthy" }));
    const [life] = scene.recorder.of(GROUP)?.lives ?? [];
    expect(life?.steps).toEqual([
      { what: "ready", from: 100, to: 2_000 },
      { what: "unhealthy", from: 2_000, to: 0 },
    ]);
  });

  it("is of a bounded number of groups", () => {
    const recorder = new Recorder(() => []);
    for (let i = 0; i < 500; i++) recorder.saw(row("a", { group: `default g${i}/-` }), undefined, 1_000 + i);
    const kept = Array.from({ length: 500 }, (_, i) => recorder.of(`default g${i}/-`)).filter(Boolean);
    expect(kept).toHaveLength(100);
    expect(recorder.of("default g499/-")).toBeDefined();
  });
});

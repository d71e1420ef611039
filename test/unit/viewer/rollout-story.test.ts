import { describe, expect, it } from "@jest/globals";
import { capacityWords } from "../../../clients/viewer/page/capacity/words.js";
import { lifeOf } from "../../../clients/viewer/page/container/moments.js";
import { laneText, tookText } from "../../../clients/viewer/page/lanes/words.js";
import { rolloutMarkers } from "../../../clients/viewer/page/log-view/rollout-markers.js";
import { growingSpan } from "../../../clients/viewer/page/plot/axis.js";
import { seenCapacity } from "../../../clients/viewer/page/rollout/seen.js";
import { fromHere, hasFailed, offersOf, spanOfRollout } from "../../../clients/viewer/page/rollout/story.js";
import type { Lane, RolloutDetail, RolloutRow } from "../../../clients/viewer/wire.js";

const group = { ns: "default", ref: "web/dev" };
const row: RolloutRow = {
  ...{ id: "r-42", from: 41, to: 42, state: "running", order: "start-first", maxParallel: 1, wanted: 6, readyNew: 3 },
  ...{ readyOld: 3, promised: 5, started: 100_000, deadline: 700_000, ended: 0, pause: "", failure: null },
  ...{ change: { actor: "ana@x", message: "", time: 99_000 }, rollbackRev: 0, rollbackOf: 0, supersededBy: 0 },
};
const detail = (change: Partial<RolloutDetail> = {}): RolloutDetail => ({
  ...{ row, seenFrom: 100_000, lanes: [], changes: [], evidence: [] },
  capacity: [
    { time: 90_000, old: 6, new: 0 },
    { time: 110_000, old: 5, new: 1 },
  ],
  ...change,
});

describe("the capacity of a rollout that is shown", () => {
  it("begins with the rollout and reaches until now", () => {
    expect(seenCapacity(detail(), undefined, 120_000)).toEqual([
      { from: 100_000, to: 110_000, old: 6, new: 0 },
      { from: 110_000, to: 120_000, old: 5, new: 1 },
    ]);
  });

  it("counts a figure that is newer than the clock of the page", () => {
    expect(seenCapacity(detail(), undefined, 109_500).at(-1)).toEqual({ from: 110_000, to: 110_001, old: 5, new: 1 });
  });

  it("ends a little after a rollout that is over, and knows of breaks in between", () => {
    const over = detail({ row: { ...row, state: "done", ended: 115_000 }, blind: [{ from: 111_000, to: 112_000 }] });
    expect(seenCapacity(over, undefined, 900_000).slice(1)).toEqual([
      { from: 110_000, to: 111_000, old: 5, new: 1 },
      { from: 112_000, to: 118_000, old: 5, new: 1 },
    ]);
    expect(spanOfRollout(over.row, undefined, 900_000)).toEqual({ from: 100_000, to: 118_000 });
  });

  it("is said in words that name a broken promise", () => {
    const stretches = seenCapacity(
      detail({ capacity: [...detail().capacity, { time: 111_000, old: 3, new: 1 }] }),
      undefined,
      120_000,
    );
    expect(capacityWords(row, stretches)).toMatchObject({ present: "4 of 6 ready: 1 new and 3 old", isBroken: true });
    expect(capacityWords(row, [])).toEqual({ present: "no capacity was seen", promise: "promised 5", isBroken: false });
  });
});

describe("the time that is shown", () => {
  it("has room for what comes, and grows in leaps", () => {
    expect(growingSpan(0, 5_000)).toEqual({ from: 0, to: 10_000 });
    expect(growingSpan(0, 9_000)).toEqual({ from: 0, to: 10_000 });
    expect(growingSpan(0, 9_900)).toEqual({ from: 0, to: 20_000 });
    expect(growingSpan(0, 30 * 3_600_000).to).toBeGreaterThan(30 * 3_600_000);
  });
});

describe("what a rollout says", () => {
  it("tells what becomes of a failure", () => {
    const lane = (state: Lane["state"]): Lane => ({ slot: 1, state, text: "", containers: [] });
    const back = detail({ lanes: [lane("done"), lane("starting"), lane("ready")] });
    expect(fromHere({ ...row, state: "rolling-back" }, back)).toBe("rolling back to rev 41: 2 of 3 slots done");
    expect(fromHere({ ...row, state: "failed" }, undefined)).toContain("3 new and 3 old are ready");
    expect(fromHere(row, undefined)).toBe("");
    expect([hasFailed(row), hasFailed({ ...row, state: "rolled-back" })]).toEqual([false, true]);
  });

  it("offers what can be done about it", () => {
    const lines = (change: Partial<RolloutRow>, ns = "default") =>
      offersOf({ ...group, ns }, { ...row, ...change }).map(({ line }) => line);
    expect(lines({})).toEqual(["theseus rollout pause web/dev", "theseus rollout undo web/dev"]);
    expect(lines({ state: "paused", pause: "canary" })[0]).toBe("theseus rollout promote web/dev");
    expect(lines({ state: "done" }, "shop")).toEqual(["theseus rollout diff web/dev@41 web/dev@42 -n shop"]);
  });

  it("stands among log lines at its own times", () => {
    const ended = { ...row, state: "done" as const, ended: 150_000 };
    expect(rolloutMarkers(group, ended).map(({ nanos, text }) => [nanos, text])).toEqual([
      ["100000000000", "rollout r-42 of web/dev began: rev 41 → 42"],
      ["150000000000", "rollout r-42 of web/dev: done"],
    ]);
  });
});

describe("a lane in words", () => {
  const steps = [
    { what: "starting", from: 1_000, to: 3_000 },
    { what: "unhealthy", from: 3_000, to: 5_000 },
    { what: "ready", from: 5_000, to: 9_000 },
    { what: "unhealthy", from: 9_000, to: 0 },
  ];
  const lane: Lane = {
    ...{ slot: 1, state: "ready", text: "" },
    containers: [{ name: "web.1.2", generation: 2, rev: 42, host: "node-a", steps }],
  };

  it("calls it health as long as the checks have never passed, and unhealthy after that", () => {
    const text = laneText(lane);
    expect(text.match(/health /g)).toHaveLength(1);
    expect(text).toContain("unhealthy since");
    expect(laneText({ ...lane, containers: [] })).toBe("nothing has happened here yet");
  });

  it("says how long it took to serve", () => {
    expect(tookText(lane, 42, 60_000)).toBe("4.0 s");
    expect(tookText(lane, 43, 60_000)).toBe("");
  });

  it("is the life of its container", () => {
    const life = lifeOf(steps, { state: "unhealthy", since: 9_000 } as Parameters<typeof lifeOf>[1], []);
    expect(life.map(({ what, lasted }) => [what, lasted])).toEqual(
      [
        ["start", 2_000],
        ["is checked", 2_000],
        ["serves", 4_000],
        ["unhealthy", undefined],
      ].map(([what, lasted]) => [what === "start" ? "started" : what, lasted]),
    );
  });
});

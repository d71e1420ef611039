import { describe, expect, it } from "@jest/globals";
import { changeText, compareFields } from "../../../clients/viewer/page/config-diff/compare.js";
import { countText } from "../../../clients/viewer/page/event-list/asked.js";
import { barsOf, pickedOf, spanOfEvents, within } from "../../../clients/viewer/page/event-list/brush.js";
import { runsOf } from "../../../clients/viewer/page/event-list/runs.js";
import type { EventRow } from "../../../clients/viewer/wire.js";

const event = (time: number, change: Partial<EventRow> = {}): EventRow => ({
  ns: "default",
  ref: "web/dev",
  time,
  actor: "theseus",
  slot: 1,
  host: "node-a",
  rev: 3,
  kind: "failed",
  text: "exit 1",
  ...change,
});

describe("the list of events", () => {
  it("is newest first, and says the same thing again and again once with a count", () => {
    const runs = runsOf([event(1), event(2), event(3, { slot: 2 }), event(4)]);
    expect(runs.map(({ event: { time, slot }, count, since }) => [time, slot, count, since])).toEqual([
      [4, 1, 1, 4],
      [3, 2, 1, 3],
      [2, 1, 2, 1],
    ]);
  });

  it("is not said to be all where only the newest were told", () => {
    expect(countText(3, 1_999)).toBe("3 of 1999 events");
    expect(countText(2_000, 2_000)).toBe("2000 of the newest 2,000 events: older ones are not here");
  });

  it("gives each line a key of its own", () => {
    const runs = runsOf([event(1), event(1, { text: "exit 2" }), event(1)]);
    expect(new Set(runs.map(({ key }) => key)).size).toBe(runs.length);
  });
});

describe("the brush over time", () => {
  it("counts every event once, those of people and of trouble too", () => {
    const events = [event(0), event(5, { actor: "ana@x", kind: "applied" }), event(100)];
    const bars = barsOf(events, { from: 0, to: 100 }, 10);
    expect(bars.map(({ count }) => count)).toEqual([2, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect([bars[0]?.people, bars[0]?.trouble]).toEqual([1, 1]);
  });

  it("reaches from the oldest to now", () => {
    expect(spanOfEvents([event(5), event(900_000)], 1_000_000)).toEqual({ from: 5, to: 1_000_000 });
    expect(spanOfEvents([], 1_000_000)).toEqual({ from: 940_000, to: 1_000_000 });
  });

  it("picks in either direction, within the span, and nothing for all of it", () => {
    const span = { from: 0, to: 100 };
    expect(pickedOf(span, 60, 20)).toEqual({ from: 20, to: 60 });
    expect(pickedOf(span, 60, 900)).toEqual({ from: 60, to: 100 });
    expect(pickedOf(span, 0, 100)).toBeUndefined();
    expect(pickedOf(span, 30, 30)).toBeUndefined();
    expect(within([event(10), event(50)], { from: 20, to: 60 })).toEqual([event(50)]);
  });
});

describe("two configs side by side", () => {
  const rows = compareFields(
    [
      ["env.A", "1"],
      ["image", "web:1"],
      ["mem", "512MiB"],
    ],
    [
      ["env.B", "2"],
      ["image", "web:2"],
      ["mem", "512MiB"],
    ],
  );

  it("has each field of either once, the image first, and says what became of it", () => {
    expect(rows).toEqual([
      { path: "image", left: "web:1", right: "web:2", kind: "changed" },
      { path: "env.A", left: "1", right: undefined, kind: "removed" },
      { path: "env.B", left: undefined, right: "2", kind: "added" },
      { path: "mem", left: "512MiB", right: "512MiB", kind: "same" },
    ]);
  });

  it("is said in a few words", () => {
    expect(changeText(rows, 2)).toBe("image web:1 → web:2, env.A 1 → unset and 1 more");
    expect(changeText([])).toBe("");
  });
});

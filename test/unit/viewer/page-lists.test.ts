import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { suggest, vocabulary, wordAt } from "../../../clients/viewer/page/filter/vocabulary.js";
import { failuresByGroup } from "../../../clients/viewer/page/groups/failures.js";
import { listedGroups } from "../../../clients/viewer/page/groups/listed.js";
import { groupBars, squareOf } from "../../../clients/viewer/page/hosts/squares.js";
import { imageCounts, shortImage, tagOf } from "../../../clients/viewer/page/live/images.js";
import { compareGroups, compareNatural } from "../../../clients/viewer/page/live/order.js";
import { reasonOf, stateWords } from "../../../clients/viewer/page/live/summary.js";
import { minuteMarks } from "../../../clients/viewer/page/overview/minutes.js";
import { serviceRows } from "../../../clients/viewer/page/overview/service-rows.js";
import { lookOf } from "../../../clients/viewer/page/parts/state-look.js";
import { ageText, durationText, lastedText } from "../../../clients/viewer/page/parts/time-text.js";
import {
  type Column,
  comparing,
  countMoves,
  isSortable,
  nextSort,
  shownColumns,
  sortBehind,
} from "../../../clients/viewer/page/table/columns.js";
import { FrozenOrder } from "../../../clients/viewer/page/table/frozen.js";
import { rowsInSight, scrollFor, tabStopOf } from "../../../clients/viewer/page/table/window.js";
import type { EventRow } from "../../../clients/viewer/wire.js";
import { containerRow, groupRow, rolloutRow } from "../../support/viewer-rows.js";

const failed = rolloutRow({ state: "rolled-back" });

describe("the order of groups", () => {
  it("is trouble, then motion, then name", () => {
    const rows = [
      groupRow("b/dev"),
      groupRow("z/dev", { state: "failing" }),
      groupRow("m/dev", { state: "rolling", rollout: rolloutRow() }),
      groupRow("a/dev"),
      groupRow("k/dev", { state: "degraded" }),
      groupRow("y/dev", { rollout: failed }),
    ];
    expect(rows.sort(compareGroups).map(({ service }) => service)).toEqual(["z", "k", "y", "m", "a", "b"]);
  });

  it("counts numbers in names", () => {
    expect(["node-10", "node-9", "node-1", "a"].sort(compareNatural)).toEqual(["a", "node-1", "node-9", "node-10"]);
  });

  it("is turned round by a click on a column, and back", () => {
    const columns = [{ key: "ref", title: "ref", text: ({ ref }: { ref: string }) => ref }];
    expect([nextSort("", "ref"), nextSort("ref", "ref"), nextSort("-ref", "ref")]).toEqual(["ref", "-ref", ""]);
    const rows = [{ ref: "b" }, { ref: "a" }];
    expect([...rows].sort(comparing(columns, "ref", () => 0))).toEqual([{ ref: "a" }, { ref: "b" }]);
    expect([...rows].sort(comparing(columns, "-ref", () => 0))).toEqual([{ ref: "b" }, { ref: "a" }]);
    expect([...rows].sort(comparing(columns, "no such column", () => 0))).toEqual(rows);
    expect(shownColumns(columns, "nothing,else", 80)).toEqual(columns);
  });

  it("leaves out the columns that a narrow window has no room for, unless they are picked", () => {
    const text = () => "";
    const columns = [
      { key: "name", title: "name", text },
      { key: "image", title: "image", text, room: 50 },
      { key: "origin", title: "origin", text, extra: true },
    ];
    const keys = (picked: string, rem: number) => shownColumns(columns, picked, rem).map(({ key }) => key);
    expect(keys("", 80)).toEqual(["name", "image"]);
    expect(keys("", 25)).toEqual(["name"]);
    expect(keys("image,origin", 25)).toEqual(["image", "origin"]);
  });

  it("is never by a column whose text tells no order, by click, by key or by address", () => {
    const of = (key: string, more: Partial<Column<{ ref: string }>>): Column<{ ref: string }> => ({
      key,
      title: key,
      text: ({ ref }) => ref,
      ...more,
    });
    const columns = [of("ref", {}), of("cpu", { unsorted: true }), of("pin", { bare: true }), of("rev", {})];
    expect(columns.filter(isSortable).map(({ key }) => key)).toEqual(["ref", "rev"]);
    const pressed = ["", "ref", "-ref", "rev", "-rev", "cpu"].map((sort) => sortBehind(columns, sort));
    expect(pressed).toEqual(["ref", "-ref", "rev", "-rev", "", "ref"]);
    const rows = [{ ref: "b" }, { ref: "a" }];
    expect([...rows].sort(comparing(columns, "cpu", () => 0))).toEqual(rows);
  });
});

describe("a frozen order", () => {
  const rows = (...ids: string[]) => new Map(ids.map((id) => [id, id]));

  it("stays while somebody is in the table, and says how many rows would come, go or move", () => {
    const order = new FrozenOrder<string>();
    order.order(rows("a", "b", "c"), "", false);
    const held = order.order(rows("c", "a", "d"), "", true);
    expect(held).toEqual({ ids: ["a", "b", "c"], changes: 3 });
    expect(order.row("b")).toBe("b");
    expect(order.order(rows("c", "a", "d"), "", false)).toEqual({ ids: ["c", "a", "d"], changes: 0 });
  });

  it("gives way to a wish of that somebody", () => {
    const order = new FrozenOrder<string>();
    order.order(rows("a", "b"), "", true);
    expect(order.order(rows("b", "a"), "-name", true).ids).toEqual(["b", "a"]);
    order.order(rows("a"), "-name", true);
    order.thaw();
    expect(order.order(rows("a"), "-name", true).ids).toEqual(["a"]);
  });

  it("takes the new order once when that is asked for, and stands still again", () => {
    const order = new FrozenOrder<string>();
    order.order(rows("a", "b"), "", false);
    expect(order.order(rows("b", "a"), "", true).ids).toEqual(["a", "b"]);
    order.thaw();
    expect(order.order(rows("b", "a"), "", true)).toEqual({ ids: ["b", "a"], changes: 0 });
    expect(order.order(rows("a", "b", "c"), "", true)).toEqual({ ids: ["b", "a"], changes: 2 });
  });

  it("counts no move where nothing moved", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 30 }), (ids) => {
        expect(countMoves(ids, ids)).toBe(0);
        expect(countMoves(ids, ids.slice(1))).toBe(Math.min(1, ids.length));
        expect(countMoves(ids.slice(1), ids)).toBe(Math.min(1, ids.length));
      }),
    );
  });
});

describe("rows in sight", () => {
  it("hold every row that can be seen, and few more", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 20_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 2_000 }),
        (count, part, height) => {
          const top = Math.max(0, (count * 28 - height) * part);
          const { from, to } = rowsInSight(count, top, height, 28);
          const last = Math.min(count, Math.ceil((top + height) / 28));
          expect(from).toBeLessThanOrEqual(Math.floor(top / 28));
          expect(to).toBeGreaterThanOrEqual(last);
          if (count > 120) expect(to - from).toBeLessThanOrEqual(Math.ceil(height / 28) + 30);
        },
      ),
    );
  });

  it("have a tab stop also when the row that had it is scrolled away", () => {
    const sight = rowsInSight(1_000, 28 * 500, 280, 28);
    expect(tabStopOf(505, sight)).toBe(505);
    for (const at of [0, 999]) {
      const stop = tabStopOf(at, sight);
      expect(stop).toBeGreaterThanOrEqual(500);
      expect(stop).toBeLessThan(510);
    }
    expect(tabStopOf(0, { from: 0, to: 3 })).toBe(0);
    expect(tabStopOf(7, { from: 2, to: 3 })).toBe(2);
  });

  it("are scrolled to only when they are out of sight", () => {
    expect(scrollFor(10, 0, 600, 28)).toBeUndefined();
    expect(scrollFor(100, 0, 600, 28)).toBe(102 * 28 - 600);
    expect(scrollFor(3, 500, 600, 28)).toBe(84);
  });
});

describe("what a list says of a group", () => {
  it("tells what moves it and what failed", () => {
    expect(stateWords(groupRow("a/-"))).toEqual({ word: "steady", text: "steady" });
    expect(stateWords(groupRow("a/-", { state: "rolling", rollout: rolloutRow() })).text).toBe("rolling 1 of 3");
    expect(stateWords(groupRow("a/-", { rollout: failed }))).toEqual({ word: "rolled-back", text: "rolled back" });
    const paused = rolloutRow({ state: "paused", pause: "canary" });
    expect(stateWords(groupRow("a/-", { rollout: paused })).text).toBe("paused (canary) at 1 of 3");
    expect(reasonOf(groupRow("a/-"))).toBe("");
  });

  it("has a glyph and a word for what is not known", () => {
    expect(lookOf("constructor")).toEqual(lookOf("unknown"));
  });

  it("counts versions side by side", () => {
    const row = groupRow("web/prod", {
      rev: 2,
      image: "r.example:5000/x/web:2@sha256:0",
      rollout: rolloutRow({ fromImage: "web:1" }),
    });
    const containers = [1, 2, 2, 7].map((rev, slot) => containerRow("web/prod", slot + 1, { rev }));
    expect(imageCounts(row, containers)).toEqual([
      { name: "rev 7", count: 1 },
      { name: "2", count: 2 },
      { name: "1", count: 1 },
    ]);
    expect(shortImage("r.example:5000/x/web:2@sha256:0")).toBe("web:2");
    expect(tagOf("busybox")).toBe("busybox");
  });

  it("puts groups under services in the order of their trouble", () => {
    const rows = [groupRow("b/x", { state: "failing" }), groupRow("a/x"), groupRow("b/y")];
    expect(serviceRows(rows).map(({ service, groups }) => [service, groups.length])).toEqual([
      ["b", 2],
      ["a", 1],
    ]);
  });

  it("puts groups under each of their labels, pinned ones first where they are not put under anything", () => {
    const rows = [groupRow("a/x,y"), groupRow("b/-"), groupRow("c/y")];
    const of = { pins: ["default c/y"], hosts: () => [] };
    expect(listedGroups(rows, "", of).map(({ row }) => row.service)).toEqual(["c", "a", "b"]);
    expect(listedGroups(rows, "label", of).map(({ under, count, row }) => [under, count, row.service])).toEqual([
      ["no label", 1, "b"],
      ["x", 1, "a"],
      ["y", 2, "a"],
      ["y", 0, "c"],
    ]);
  });

  it("has what needs somebody first, also where it is put under something", () => {
    const rows = [groupRow("a/x"), groupRow("b/y", { state: "failing" }), groupRow("c/w")].sort(compareGroups);
    const listed = listedGroups(rows, "label", { pins: [], hosts: () => [] });
    expect(listed.map(({ under }) => under)).toEqual(["y", "w", "x"]);
  });
});

describe("the picture of hosts", () => {
  it("tells states apart by shape", () => {
    const group = groupRow("web/prod", { rev: 2 });
    const shape = (more: object, silent = false) => squareOf(containerRow("web/prod", 1, more), group, silent).glyph;
    expect([shape({ rev: 2 }), shape({ rev: 1 }), shape({ state: "starting" }), shape({ state: "failed" })]).toEqual([
      "■",
      "□",
      "◐",
      "✗",
    ]);
    expect([shape({ state: "unhealthy" }), shape({ state: "stale" }), shape({ rev: 2 }, true)]).toEqual([
      "▲",
      "▨",
      "▨",
    ]);
  });

  it("shows of a group in one mark the container that needs somebody most", () => {
    const squares = [1, 2, 3].map((slot) =>
      squareOf(containerRow("web/prod", slot, { state: slot === 2 ? "failed" : "ready" }), undefined, false),
    );
    expect(groupBars(squares)).toMatchObject([{ group: "default web/prod", worst: { word: "failed" } }]);
  });
});

describe("the last hour", () => {
  const event = (time: number, actor: string, kind: string): EventRow => ({
    ns: "",
    ref: "",
    time,
    actor,
    slot: 0,
    host: "",
    rev: 0,
    kind,
    text: "",
  });

  it("marks each minute with the worst that happened in it", () => {
    const end = 60 * 60_000;
    const marks = minuteMarks(
      [
        event(0, "ana", "updated"),
        event(1, "theseus", "container-failed"),
        event(end - 1, "theseus", "rollout-done"),
        event(end, "x", "y"),
        event(-1, "x", "y"),
      ],
      end,
    );
    expect(marks).toHaveLength(60);
    expect(marks[0]).toMatchObject({ count: 2, bad: 1, glyph: "✗" });
    expect(marks[59]).toMatchObject({ count: 1, glyph: "◐" });
    expect(marks[30]).toMatchObject({ count: 0, glyph: "·" });
  });
});

describe("failures of the last half hour", () => {
  const failed = (time: number): EventRow => ({
    ns: "default",
    ref: "web/prod",
    time,
    actor: "theseus",
    slot: 1,
    host: "",
    rev: 1,
    kind: "container-failed",
    text: "",
  });

  it("are counted for each group in steps of two minutes", () => {
    const now = 100 * 60_000;
    const times = [now - 1, now - 60_000, now - 29.5 * 60_000, now - 31 * 60_000];
    const steps = failuresByGroup(times.map(failed), now).get("default web/prod");
    expect(steps).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    expect(failuresByGroup([{ ...failed(now - 1), kind: "updated" }], now).size).toBe(0);
  });
});

describe("suggestions of the filter box", () => {
  const all = vocabulary(
    [groupRow("web/prod"), groupRow("web/dev", { state: "failing" })],
    [containerRow("web/prod", 1)],
  );

  it("complete the word at the caret with what finds most", () => {
    expect(wordAt("svc:web !pr", 11)).toEqual({ word: "pr", from: 9 });
    expect(suggest(all, "pr", 3)).toEqual([{ term: "prod", count: 1, what: "groups" }]);
    expect(suggest(all, "web", 3)[0]).toEqual({ term: "svc:web", count: 2, what: "groups" });
    expect(suggest(all, "node", 3)).toEqual([{ term: "host:node-a", count: 1, what: "containers" }]);
    expect(suggest(all, "state:f", 3).map(({ term }) => term)).toEqual(["state:failing"]);
  });
});

describe("lengths of time", () => {
  it("have tenths of what lasted a few seconds only", () => {
    expect([0, 940, 9_999, 10_000, 130_000].map(lastedText)).toEqual(["0.0 s", "0.9 s", "9.9 s", "10 s", "2 m 10 s"]);
  });

  it("are short", () => {
    expect([0, 59_999, 60_000, 130_000, 3_600_000, 11_100_000, 41 * 86_400_000, -5].map(durationText)).toEqual([
      "0 s",
      "59 s",
      "1 m",
      "2 m 10 s",
      "1 h",
      "3 h 5 m",
      "41 d",
      "0 s",
    ]);
    expect([130_000, 47 * 3_600_000, 49 * 3_600_000].map(ageText)).toEqual(["2 m", "47 h", "2 d"]);
  });
});

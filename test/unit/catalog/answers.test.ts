// What watches are told: from which state, in which order, how much of it is kept, and at which pace.

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Clock } from "../../../src/model/ports.js";
import { groupRef } from "../../../src/model/reference.js";
import { parseSelector } from "../../../src/model/selector.js";
import { ManualClock, settle } from "../../support/manual-clock.js";
import { API, ask, record, WatchedMirror, WEB } from "./watched-mirror.js";

let clock: ManualClock;
let mirror: WatchedMirror;
beforeEach(async () => {
  clock = new ManualClock();
  mirror = new WatchedMirror(clock);
  await mirror.snapshot(record(WEB, "a"), record(API, "x"));
});
afterEach(() => {
  expect(mirror.errors).toEqual([]);
  mirror.stop();
});

describe("a watch", () => {
  it("begins with everything, and goes on with each change at its revision", async () => {
    const sink = mirror.watch(ask(WEB));
    await mirror.put(record(WEB, "b"));
    await mirror.put(record(WEB, "a", { weight: 7 }));
    await mirror.remove(record(WEB, "b"), record(WEB, "a"));
    expect(sink.heard()).toEqual(["S e@2: a", "D e@3: +b", "D e@4: +a7", "D e@5: -a -b"]);
  });

  it("is told nothing of changes elsewhere, or of changes that change nothing it is told", async () => {
    const sink = mirror.watch(ask(WEB));
    sink.heard();
    await mirror.put(record(API, "y"));
    await mirror.put(record(WEB, "a"));
    await mirror.put(record(WEB, "c", { state: "starting" }));
    await mirror.bookmark();
    expect(sink.heard()).toEqual([]);
  });

  it("of those that are not ready too is told of them", async () => {
    const sink = mirror.watch(ask(WEB, { includeNotReady: true }));
    await mirror.put(record(WEB, "c", { state: "starting" }));
    expect(sink.heard()).toEqual(["S e@2: a", "D e@3: +c"]);
  });

  it("of labels over all services hears of groups that come, and in which order they are", async () => {
    const parsed = parseSelector("dev,!old");
    const selector = "selector" in parsed ? parsed.selector : [];
    const target = { kind: "query", query: { selector }, text: "dev,!old" } as const;
    const sink = mirror.watch(ask(WEB, { target }));
    await mirror.put(record(groupRef("job", ["dev", "old"]), "o"), record(groupRef("job", ["dev"]), "j"));
    const late = mirror.watch(ask(WEB, { target }));
    expect(sink.heard()).toEqual(["S e@2: x a", "D e@3: +j"]);
    expect(late.heard()).toEqual(["S e@3: x j a"]);
  });

  it("goes on from a cursor with what it has missed, and from one that missed nothing with a bookmark", async () => {
    const first = mirror.watch(ask(WEB));
    await mirror.put(record(WEB, "b"));
    const seen = mirror.cursor();
    first.follower.close();
    await mirror.put(record(WEB, "c"));
    await mirror.put(record(API, "y"));
    expect(mirror.watch(ask(WEB), seen).heard()).toEqual(["D e@4: +c"]);
    expect(mirror.watch(ask(WEB), mirror.cursor()).heard()).toEqual(["B e@5"]);
  });

  it("begins anew from a cursor of another epoch, of the future, or of before what is remembered", async () => {
    const { revision } = mirror;
    for (const from of [
      { epoch: "other", revision },
      { epoch: "e", revision: revision + 9n },
      { epoch: "e", revision: revision - 1n },
    ]) {
      expect(mirror.watch(ask(WEB), from).heard()).toEqual(["S e@2: a"]);
    }
  });

  it("begins anew also from a fitting cursor, as long as the store may have been put back before this server came", async () => {
    mirror.unproven = true;
    await mirror.put(record(WEB, "b"));
    const seen = mirror.cursor();
    expect(mirror.watch(ask(WEB), seen).heard()).toEqual(["S e@3: a b"]);
    mirror.unproven = false;
    await mirror.bookmark();
    expect(mirror.watch(ask(WEB), seen).heard()).toEqual(["B e@4"]);
  });

  it("does not trust what it did not follow: an answer that changed and changed back is sent again", async () => {
    mirror.watch(ask(WEB)).follower.close();
    await clock.advance(70_000);
    await mirror.put(record(WEB, "b"));
    const seenElsewhere = mirror.cursor();
    await mirror.remove(record(WEB, "b"));
    expect(mirror.watch(ask(WEB), seenElsewhere).heard()).toEqual(["S e@4: a"]);
  });

  it("is sent everything when the mirror was read anew and differs, and nothing when it does not", async () => {
    const [web, api] = [mirror.watch(ask(WEB)), mirror.watch(ask(API))];
    [web, api].map((sink) => sink.heard());
    await mirror.snapshot(record(WEB, "b"), () => record(API, "x")(2n));
    await settle();
    expect([web.heard(), api.heard()]).toEqual([["S e@3: b"], []]);
    await mirror.put(record(API, "y"));
    expect(api.heard()).toEqual(["D e@4: +y"]);
  });

  it("is given a cursor of the new epoch at once, with everything where something differs", async () => {
    const [web, api] = [mirror.watch(ask(WEB)), mirror.watch(ask(API))];
    [web, api].map((sink) => sink.heard());
    mirror.epoch = "f";
    await mirror.put(record(WEB, "b"));
    await settle();
    expect([web.heard(), api.heard()]).toEqual([["S f@3: a b"], ["B f@3"]]);
  });

  it("hears a bookmark after 15 s without a word, with a cursor as new as the mirror", async () => {
    const sink = mirror.watch(ask(WEB));
    await mirror.bookmark();
    sink.heard();
    await clock.advance(13_000);
    expect(sink.heard()).toEqual([]);
    await clock.advance(2_000);
    expect(sink.heard()).toEqual(["B e@3"]);
  });

  it("that has ended is told nothing, and holds nothing", async () => {
    const sink = mirror.watch(ask(WEB));
    sink.follower.close();
    sink.follower.close();
    sink.heard();
    await mirror.put(record(WEB, "b"));
    sink.follower.bookmark();
    sink.follower.drained();
    await clock.advance(60_000);
    expect([sink.heard(), mirror.answers.followers]).toEqual([[], 0]);
  });
});

describe("how many there are", () => {
  it("is told with each change, however containers and groups come and go", async () => {
    const told: string[] = [];
    const change = mirror.codec.change.bind(mirror.codec);
    mirror.codec.change = (what) => {
      told.push(`${what.containers} in ${what.groups}`);
      return change(what);
    };
    const question = ask(WEB, { target: { kind: "query", query: { selector: [] }, text: "" } });
    mirror.watch(question);
    await mirror.put(record(API, "y", { state: "starting" }), record(WEB, "b"));
    await mirror.put(record(API, "x", { weight: 2 }));
    await mirror.remove(record(WEB, "b"));
    await mirror.remove(record(API, "x"), record(API, "y"));
    expect(told).toEqual(["4 in 2", "4 in 2", "3 in 2", "1 in 1"]);
    await mirror.snapshot(record(API, "z"));
    mirror.watch(question);
    await mirror.put(record(WEB, "a"));
    expect([told.at(-1), mirror.answers.answer(question).containers]).toEqual(["2 in 2", 2]);
  });
});

describe("a reader that stands still", () => {
  it("is written no more than its sink takes, and goes on with the changes it missed", async () => {
    const sink = mirror.watch(ask(WEB), undefined, 2);
    await mirror.put(record(WEB, "b"));
    await mirror.put(record(WEB, "c"));
    await mirror.put(record(WEB, "d"));
    await clock.advance(60_000);
    expect(sink.heard()).toEqual(["S e@2: a", "D e@3: +b"]);
    sink.drain();
    expect(sink.heard()).toEqual(["D e@4: +c", "D e@5: +d"]);
  });

  it("gets everything in one snapshot after 256 changes, while others lose nothing", async () => {
    const [slow, fast] = [mirror.watch(ask(WEB), undefined, 1), mirror.watch(ask(WEB))];
    for (let weight = 1; weight <= 257; weight++) await mirror.put(record(WEB, "a", { weight }));
    expect(fast.heard()).toHaveLength(258);
    expect(slow.heard()).toEqual(["S e@2: a"]);
    slow.drain();
    expect(slow.heard()).toEqual(["S e@259: a257"]);
  });

  it("of a large answer goes on with changes, as long as these are no more than a quarter of its containers", async () => {
    mirror.codec.largest = 1_100;
    await mirror.snapshot(...Array.from({ length: 1_100 }, (_, i) => record(API, `c${i}`)));
    const slow = mirror.watch(ask(API), undefined, 1);
    const change = async (times: number) => {
      for (let i = 0; i < times; i++) await mirror.put(record(API, "c0", { weight: i }));
      slow.drain();
      slow.room = 1;
      return slow.heard().map((message) => message.slice(0, 1));
    };
    expect(await change(275)).toEqual(["S", ...Array.from({ length: 275 }, () => "D")]);
    expect(await change(277)).toEqual(["D", "S"]);
  });

  it("gets everything in one snapshot after 1 MiB of changes", async () => {
    const slow = mirror.watch(ask(WEB), undefined, 1);
    const long = "n".repeat(100_000);
    for (let i = 0; i < 11; i++) await mirror.put(record(WEB, `${long}${i}`));
    slow.heard();
    slow.drain();
    const [message = "", ...others] = slow.heard();
    expect([message.slice(0, 8), others]).toEqual(["S e@13: ", []]);
  });
});

describe("many watches", () => {
  it("of one question are given the same bytes, made once", async () => {
    const sinks = Array.from({ length: 50 }, () => mirror.watch(ask(WEB)));
    await mirror.put(record(WEB, "b"));
    expect(mirror.codec.encoded).toBe(2);
    for (const [snapshot, change] of sinks.map(({ chunks }) => chunks)) {
      expect(snapshot).toBe(sinks[0]?.chunks[0]);
      expect(change).toBe(sinks[0]?.chunks[1]);
    }
  });

  it("are written in slices, and changes that come meanwhile are not lost", async () => {
    // Every look at the time costs a millisecond, so a slice ends after five of them.
    let time = 0;
    const ticking: Clock = { now: () => 0, monotonic: () => time++, sleep: (length) => clock.sleep(length) };
    const sliced = new WatchedMirror(ticking);
    await sliced.snapshot(record(WEB, "a"));
    const sinks = Array.from({ length: 100 }, () => sliced.watch(ask(WEB)));
    await sliced.put(record(WEB, "b"));
    const told = () => sinks.filter(({ chunks }) => chunks.length > 1).length;
    expect(told()).toBeGreaterThan(0);
    expect(told()).toBeLessThan(20);
    await sliced.put(record(WEB, "c"));
    await clock.advance(500);
    for (const sink of sinks) expect(sink.heard()).toEqual(["S e@2: a", "D e@3: +b", "D e@4: +c"]);
    sliced.stop();
  });

  it("are not harmed by one that fails", async () => {
    const broken = mirror.watch(ask(WEB));
    broken.write = () => {
      throw new Error("gone");
    };
    const sink = mirror.watch(ask(WEB));
    await mirror.put(record(WEB, "b"));
    expect(sink.heard()).toEqual(["S e@2: a", "D e@3: +b"]);
    expect(mirror.errors.splice(0)).toHaveLength(1);
  });
});

describe("an answer", () => {
  it("is the same object until something that it tells has changed", async () => {
    const before = mirror.answers.answer(ask(WEB));
    await mirror.put(record(API, "y"));
    expect(mirror.answers.answer(ask(WEB))).toBe(before);
    await mirror.put(record(WEB, "c", { state: "starting" }));
    const after = mirror.answers.answer(ask(WEB));
    expect([after === before, after.pieces === before.pieces, after.containers]).toEqual([false, true, 2]);
  });

  it("of nothing is another one when groups come that may be near it", async () => {
    const nothing = ask(groupRef("wbe", []));
    const before = mirror.answers.answer(nothing);
    await mirror.put(record(WEB, "b"));
    expect(mirror.answers.answer(nothing)).toBe(before);
    await mirror.put(record(groupRef("wbf", []), "w"));
    const after = mirror.answers.answer(nothing);
    expect(after.view.groups("default", "wbf")).toHaveLength(1);
    expect(after).not.toBe(before);
  });

  it("is waited for until it is enough, or the caller gives up", async () => {
    const patience = new AbortController();
    const two = mirror.answers.when(ask(WEB), ({ ready }) => ready >= 2, patience.signal);
    const nine = mirror.answers.when(ask(WEB), ({ ready }) => ready >= 9, patience.signal);
    await mirror.put(record(WEB, "b"));
    expect((await two).ready).toBe(2);
    patience.abort("enough of it");
    await expect(nine).rejects.toBe("enough of it");
  });

  it("is kept for so many questions that nobody watches, and no more", async () => {
    const questions = Array.from({ length: 3000 }, (_, i) => ask(groupRef(`s${i}`, [])));
    const first = questions.map((question) => mirror.answers.answer(question));
    expect(mirror.answers.answer(questions[2999] ?? ask(WEB))).toBe(first[2999]);
    expect(mirror.answers.answer(questions[0] ?? ask(WEB))).not.toBe(first[0]);
  });
});

// Who has to answer before a container that leaves may be stopped.

import { beforeEach, describe, expect, it } from "@jest/globals";
import { TimelineBook } from "../../../src/catalog/watch-book.js";
import type { Watcher } from "../../../src/model/discovery.js";
import { ManualClock } from "../../support/manual-clock.js";
import { ask, record, WatchedMirror, WEB } from "./watched-mirror.js";

const ACK_DEADLINE = 10_000;
const A = { ...WEB, name: "a" };

let clock: ManualClock;
let mirror: WatchedMirror;
let ids: number;
beforeEach(async () => {
  clock = new ManualClock();
  mirror = new WatchedMirror(clock);
  ids = 0;
  await mirror.snapshot(record(WEB, "a"), record(WEB, "b"));
});

function open(more: Partial<Watcher> = {}, from?: Parameters<WatchedMirror["watch"]>[1], room?: number) {
  ids += 1;
  const watcher: Watcher = {
    watchId: `s.${ids}`,
    watcherId: "w",
    acknowledges: true,
    lastWatchId: "",
    peer: "1.2.3.4:5",
    ...more,
  };
  const sink = mirror.watch(ask(WEB), from, room);
  mirror.catalog.book.opened(watcher, sink.follower);
  return {
    id: watcher.watchId,
    sink,
    acknowledge: (cursor = mirror.cursor()) => mirror.catalog.book.acknowledged(watcher.watchId, cursor),
    end: (how: "cleanly" | "broken") => {
      sink.follower.close();
      mirror.catalog.book.closed(watcher.watchId, how);
    },
  };
}

/** "a" leaves; the revision of that. */
async function leave(): Promise<bigint> {
  await mirror.remove(record(WEB, "a"));
  return mirror.revision;
}

function waited(revision: bigint, container = A): string[] {
  const found = mirror.catalog.book.unanswered({ container, revision, ackDeadline: ACK_DEADLINE });
  return found.map(({ watchId, connected }) => `${watchId} ${connected ? "connected" : "broken"}`);
}

describe("a watcher that acknowledges", () => {
  it("is waited for from the moment that the container leaves until it acknowledges that or more", async () => {
    const watcher = open();
    const before = mirror.cursor();
    expect(waited(mirror.revision)).toEqual([]);
    const left = await leave();
    expect(waited(left)).toEqual(["s.1 connected"]);
    watcher.acknowledge(before);
    expect(waited(left)).toEqual(["s.1 connected"]);
    expect(watcher.acknowledge()).toMatchObject({ before: "" });
    watcher.acknowledge(before);
    expect(waited(left)).toEqual([]);
  });

  it("is not waited for when it was never sent the container, or began after it had left", async () => {
    const left = await leave();
    open();
    expect(waited(left)).toEqual([]);
    expect(waited(left, { ...WEB, name: "never" })).toEqual([]);
  });

  it("that stands still is waited for also for what its log still has for it", async () => {
    const watcher = open({}, undefined, 1);
    await mirror.put(record(WEB, "late"));
    await mirror.remove(record(WEB, "late"));
    const left = mirror.revision;
    expect(waited(left, { ...WEB, name: "late" })).toEqual(["s.1 connected"]);
    watcher.end("broken");
    expect(waited(left, { ...WEB, name: "late" })).toEqual([]);
  });

  it("that stands still is waited for only for what it was sent, once its log has gone on without it", async () => {
    open({}, undefined, 1);
    await mirror.put(record(WEB, "late"));
    await mirror.remove(record(WEB, "late"));
    const left = mirror.revision;
    for (let i = 0; i < 260; i++) await mirror.put(record(WEB, "b", { weight: i + 1 }));
    expect(waited(left, { ...WEB, name: "late" })).toEqual([]);
    expect(waited(await leave())).toEqual(["s.1 connected"]);
  });

  it("has to answer only for what it was told: a container that was not ready had left before", async () => {
    const watcher = open();
    await mirror.put(record(WEB, "a", { state: "starting" }));
    watcher.acknowledge();
    await mirror.put(record(WEB, "b", { weight: 3 }));
    expect(waited(await leave())).toEqual([]);
  });

  it("that ended cleanly is not waited for", async () => {
    const watcher = open();
    const left = await leave();
    watcher.end("cleanly");
    expect(waited(left)).toEqual([]);
    expect(watcher.acknowledge()).toBeUndefined();
  });

  it("whose connection broke is waited for until the deadline, unless it answers from where it has come back", async () => {
    const [one, two] = [open(), open()];
    one.end("broken");
    two.end("broken");
    const left = await leave();
    expect(waited(left)).toEqual(["s.1 broken", "s.2 broken"]);
    two.acknowledge();
    expect(waited(left)).toEqual(["s.1 broken", "s.2 broken"]);
    mirror.catalog.book.acknowledged(two.id, mirror.cursor(), true);
    expect(waited(left)).toEqual(["s.1 broken"]);
    await clock.advance(ACK_DEADLINE);
    expect(waited(left)).toEqual([]);
  });

  it("that comes back answers for the watch before, once", async () => {
    const first = open();
    first.end("broken");
    const left = await leave();
    const second = open({ lastWatchId: first.id });
    expect(waited(left)).toEqual(["s.2 connected"]);
    second.end("broken");
    const third = open({ lastWatchId: second.id });
    expect(waited(left)).toEqual(["s.3 connected"]);
    third.acknowledge();
    expect(waited(left)).toEqual([]);
  });

  it("that comes back from another server says which watch has to be told there, until that is settled", async () => {
    const watcher = open({ lastWatchId: "other.1" }, mirror.cursor());
    expect(watcher.acknowledge()).toMatchObject({ before: "other.1" });
    watcher.end("broken");
    const again = open({ lastWatchId: watcher.id });
    expect(again.acknowledge()).toMatchObject({ before: "other.1" });
    mirror.catalog.book.settled(again.id);
    expect(again.acknowledge()).toMatchObject({ before: "" });
  });

  it("that ends its watch and goes on from it is waited for again, for a minute", async () => {
    const first = open();
    const left = await leave();
    first.end("cleanly");
    const second = open({ lastWatchId: first.id }, mirror.cursor());
    expect(waited(left)).toEqual(["s.2 connected"]);
    second.acknowledge();
    expect(waited(left)).toEqual([]);
    second.end("cleanly");
    await clock.advance(60_000);
    await mirror.put(record(WEB, "a"));
    const late = open({ lastWatchId: second.id }, mirror.cursor());
    expect(late.acknowledge()).toMatchObject({ before: "s.2" });
  });

  it("that never heard of a watch in between goes on from that one too, here and elsewhere", async () => {
    const first = open();
    first.end("broken");
    const left = await leave();
    for (const _ of [1, 2]) open({ lastWatchId: first.id }, mirror.cursor()).end("broken");
    expect(waited(left)).toEqual(["s.3 broken"]);
    mirror.catalog.book.acknowledged(first.id, mirror.cursor(), true);
    expect(waited(left)).toEqual([]);
  });

  it("that breaks off many times without an answer is waited for with what it was sent first", async () => {
    let last = open();
    const left = await leave();
    for (let i = 0; i < 40; i++) {
      last.end("broken");
      last = open({ lastWatchId: last.id }, mirror.cursor());
    }
    expect(waited(left)).toEqual(["s.41 connected"]);
    last.acknowledge();
    expect(waited(left)).toEqual([]);
  });

  it("keeps its answers when an epoch begins that the mirror has followed into, and loses them over a gap", async () => {
    const watcher = open();
    const left = await leave();
    watcher.acknowledge();
    mirror.epoch = "f";
    await mirror.bookmark();
    expect(waited(left)).toEqual([]);
    mirror.epoch = "g";
    await mirror.snapshot(record(WEB, "b"));
    expect(waited(left)).toEqual(["s.1 connected"]);
    watcher.acknowledge({ epoch: "f", revision: 99n });
    expect(waited(left)).toEqual(["s.1 connected"]);
    watcher.acknowledge();
    expect(waited(left)).toEqual([]);
  });

  it("is forgotten ten minutes after it broke", async () => {
    const watcher = open();
    watcher.end("broken");
    await clock.advance(600_000);
    expect(watcher.acknowledge()).toBeUndefined();
  });
});

describe("a watcher that does not acknowledge", () => {
  it("counts once the change has left its queue", async () => {
    const watcher = open({ acknowledges: false }, undefined, 2);
    const left = await leave();
    expect(waited(left)).toEqual(["s.1 connected"]);
    watcher.sink.drain();
    expect(waited(left)).toEqual([]);
  });

  it("is not waited for when it has gone, however it went", async () => {
    const watcher = open({ acknowledges: false }, undefined, 1);
    watcher.end("broken");
    expect(waited(await leave())).toEqual([]);
  });
});

it("keeps no more than ten thousand broken watches", () => {
  const book = new TimelineBook(clock);
  const sent = { start: () => 0n, sent: () => 0n, delivered: () => 0n, told: () => 1n };
  for (let i = 0; i < 10_002; i++) {
    book.opened({ watchId: `s.${i}`, watcherId: "", acknowledges: true, lastWatchId: "", peer: "" }, sent);
    book.closed(`s.${i}`, "broken");
  }
  expect(book.unanswered({ container: A, revision: 9n, ackDeadline: 1 })).toHaveLength(10_000);
});

// What is remembered of what watchers were told: where it is not known any more, they are waited for.

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { groupRef } from "../../../src/model/reference.js";
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
afterEach(() => mirror.stop());

function open(room?: number, acknowledges = true) {
  ids += 1;
  const watchId = `s.${ids}`;
  const sink = mirror.watch(ask(WEB), undefined, room);
  mirror.catalog.book.opened({ watchId, watcherId: "w", acknowledges, lastWatchId: "", peer: "p" }, sink.follower);
  return {
    sink,
    acknowledge: (cursor = mirror.cursor()) => mirror.catalog.book.acknowledged(watchId, cursor),
    breakOff: () => {
      sink.follower.close();
      mirror.catalog.book.closed(watchId, "broken");
    },
  };
}

function waited(revision = mirror.revision, container = A): string[] {
  const found = mirror.catalog.book.unanswered({ container, revision, ackDeadline: ACK_DEADLINE });
  return found.map(({ watchId }) => watchId);
}

describe("an acknowledgement", () => {
  it("of the future counts for what the watch was sent, and no more", async () => {
    const watcher = open();
    const future = { epoch: "e", revision: 1000n };
    expect(watcher.acknowledge(future)?.counted).toEqual(mirror.cursor());
    await mirror.remove(record(WEB, "a"));
    expect(waited()).toEqual(["s.1"]);
    watcher.acknowledge(future);
    expect(waited()).toEqual([]);
  });

  it("of what still waits before a slow reader does not count", async () => {
    const watcher = open(1);
    await mirror.remove(record(WEB, "a"));
    watcher.acknowledge();
    expect(waited()).toEqual(["s.1"]);
    watcher.sink.drain();
    watcher.acknowledge();
    expect(waited()).toEqual([]);
  });
});

describe("a watcher is waited for", () => {
  it("also when so many have left since that the container is forgotten", async () => {
    open();
    await mirror.remove(record(WEB, "a"));
    const left = mirror.revision;
    for (let i = 0; i < 1100; i++) {
      await mirror.put(record(WEB, `n${i}`));
      await mirror.remove(record(WEB, `n${i}`));
    }
    expect(waited(left)).toEqual(["s.1"]);
    const late = open();
    expect(waited(left)).toEqual(["s.1"]);
    late.acknowledge();
  }, 20_000);

  it("also when the container came back and left again before it had read of either", async () => {
    const watcher = open(1);
    await mirror.put(record(WEB, "a", { state: "starting" }));
    await mirror.put(record(WEB, "a"));
    await mirror.remove(record(WEB, "a"));
    expect(waited()).toEqual(["s.1"]);
    watcher.sink.drain();
    watcher.acknowledge();
    expect(waited()).toEqual([]);
  });

  it("also when its connection broke and its question was given up since", async () => {
    const watcher = open();
    watcher.acknowledge();
    watcher.breakOff();
    for (let i = 0; i < 1200; i++) mirror.answers.answer(ask(groupRef("web", [`l${i}`])));
    await mirror.remove(record(WEB, "a"));
    expect(waited()).toEqual(["s.1"]);
    expect(waited(mirror.revision, { ...groupRef("api", ["dev"]), name: "a" })).toEqual([]);
  });

  it.each([[true], [false]])(
    "also when history went back to before it began (acknowledging: %s)",
    async (acknowledging) => {
      for (let i = 0; i < 20; i++) await mirror.bookmark();
      await mirror.put(record(WEB, "c"));
      open(acknowledging ? undefined : 1, acknowledging);
      mirror.goBack(10n, "f");
      await mirror.snapshot(record(WEB, "a"), record(WEB, "c"));
      for (const name of ["a", "c"]) {
        await mirror.remove(record(WEB, name));
        expect(waited(mirror.revision, { ...WEB, name })).toEqual(["s.1"]);
      }
    },
  );
});

it("who listens to the book hears of what begins, ends and is acknowledged, until it ends that", async () => {
  let heard = 0;
  const end = mirror.catalog.book.onChange(() => {
    heard += 1;
  });
  const watcher = open();
  watcher.acknowledge();
  watcher.acknowledge();
  watcher.breakOff();
  expect(heard).toBe(3);
  end();
  open();
  expect(heard).toBe(3);
});

describe("a snapshot in parts", () => {
  it("is written as fast as it is read, and followed by what has changed meanwhile", async () => {
    mirror.codec.largest = 1;
    await mirror.put(record(WEB, "c"));
    const sink = mirror.watch(ask(WEB), undefined, 1);
    expect(sink.heard()).toEqual(["+ a"]);
    await mirror.remove(record(WEB, "b"));
    sink.room = 1;
    sink.follower.drained();
    expect(sink.heard()).toEqual(["+ b"]);
    sink.drain();
    sink.follower.drained();
    expect(sink.heard()).toEqual(["S e@3: c", "D e@4: -b"]);
  });

  it("has not left before its last part has", async () => {
    mirror.codec.largest = 1;
    const { sink } = open(1, false);
    await mirror.remove(record(WEB, "a"));
    sink.room = 1;
    sink.follower.drained();
    expect(waited()).toEqual(["s.1"]);
    sink.room = 9;
    sink.follower.drained();
    expect(waited()).toEqual([]);
  });
});

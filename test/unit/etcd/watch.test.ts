// The watch of a range when etcd does what it should not: silence, lost and repeated events, another history.

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { snapshotAndWatch } from "../../../src/etcd/watch.js";
import type { RangeFeed } from "../../../src/etcd/watch-session.js";
import { ManualClock, settle } from "../../support/manual-clock.js";
import { silent } from "../../support/parts.js";
import { deleteEvent, kv, putEvent, ScriptedWire } from "./scripted-wire.js";

describe("the watch of a range", () => {
  let wire: ScriptedWire;
  let clock: ManualClock;
  let got: RangeFeed[];
  let changes: number;
  let stop: AbortController;
  let done: Promise<void>;

  beforeEach(async () => {
    wire = new ScriptedWire();
    clock = new ManualClock();
    got = [];
    changes = 0;
    stop = new AbortController();
    wire.listing = [kv("/a", 3n), kv("/b", 5n)];
    wire.revision = 6n;
    const rng = { hex: () => "00", fraction: () => 0 };
    const historyChanged = async () => {
      changes++;
    };
    done = (async () => {
      const feed = snapshotAndWatch({ wire, clock, rng, log: silent, historyChanged }, { key: "/" }, stop.signal);
      for await (const item of feed) got.push(item);
    })();
    await settle();
    wire.stream.send({ created: true });
    wire.stream.send({ events: [putEvent("/b", 5n)] });
    await settle();
  });
  afterEach(async () => {
    stop.abort();
    await done;
    expect(wire.watches.every((stream) => stream.closed)).toBe(true);
  });

  const kinds = () => got.map(({ kind, revision }) => `${kind} ${revision}`);
  const reconnected = () => clock.advance(1000);

  it("lists, watches from the last change that the listing showed, and gives one delta for each later revision", async () => {
    expect(wire.stream.startRevision).toBe(5n);
    wire.stream.send({ events: [putEvent("/a", 7n), putEvent("/c", 7n), deleteEvent("/b", 9n)] });
    await settle();
    expect(kinds()).toEqual(["snapshot 6", "bookmark 6", "delta 7", "delta 9"]);
    expect(got[2]).toMatchObject({ events: [{ kv: { key: "/a" } }, { kv: { key: "/c" } }] });
  });

  it("joins the fragments of a revision", async () => {
    wire.stream.send({ fragment: true, events: [putEvent("/a", 7n)] });
    await settle();
    expect(kinds()).toEqual(["snapshot 6", "bookmark 6"]);
    wire.stream.send({ events: [putEvent("/c", 7n)] });
    await settle();
    expect(kinds().slice(2)).toEqual(["delta 7"]);
  });

  it("drops a broken stream's half revision and takes it up at the last whole one", async () => {
    wire.stream.send({ events: [putEvent("/a", 7n, "seven")] });
    wire.stream.send({ fragment: true, events: [putEvent("/a", 8n)] });
    await settle();
    wire.stream.break();
    wire.revision = 8n;
    await reconnected();
    expect(wire.stream.startRevision).toBe(7n);
    wire.stream.send({ events: [putEvent("/a", 7n, "seven"), putEvent("/a", 8n), putEvent("/b", 8n)] });
    await settle();
    expect(kinds().slice(2)).toEqual(["delta 7", "delta 8"]);
    expect(changes).toBe(0);
  });

  it("gives repeated revisions once", async () => {
    wire.stream.send({ events: [putEvent("/a", 7n)] });
    wire.stream.send({ events: [putEvent("/a", 7n), putEvent("/a", 8n)] });
    await settle();
    expect(kinds().slice(2)).toEqual(["delta 7", "delta 8"]);
  });

  it("asks a quiet stream for a sign of life, and passes the sign on as a bookmark", async () => {
    await clock.advance(10_000);
    expect(wire.stream.asked).toBe(1);
    wire.stream.send({ headerRevision: 99n });
    await settle();
    expect(kinds().slice(2)).toEqual(["bookmark 6"]);
    await clock.advance(9000);
    expect(wire.watches).toHaveLength(1);
  });

  it("takes a stream for broken, and gives no sign of life, while the store answers nothing but that stream", async () => {
    wire.failing = true;
    await clock.advance(10_000);
    wire.stream.send({ headerRevision: 99n });
    await settle();
    expect(wire.watches[0]?.closed).toBe(true);
    expect(kinds()).toEqual(["snapshot 6", "bookmark 6"]);
  });

  it("takes a silent stream for broken", async () => {
    await clock.advance(16_000);
    expect(wire.watches[0]?.closed).toBe(true);
    expect(wire.watches).toHaveLength(2);
  });

  it("finds by the minute's listing what the stream has lost", async () => {
    wire.listing = [kv("/a", 3n), kv("/b", 7n)];
    wire.revision = 7n;
    await signOfLife(7);
    expect(kinds().filter((kind) => kind.startsWith("snapshot"))).toEqual(["snapshot 6", "snapshot 7"]);
    wire.past = wire.listing;
    await reconnected();
    wire.stream.send({ created: true });
    wire.stream.send({ events: [putEvent("/c", 8n)] });
    await settle();
    expect(kinds().at(-1)).toBe("delta 8");
    expect(changes).toBe(0);
  });

  it("moves on by a listing that shows nothing new, and drops what comes late", async () => {
    wire.revision = 50n;
    await signOfLife(7);
    expect(kinds()).toContain("bookmark 50");
    expect(kinds().filter((kind) => kind.startsWith("snapshot"))).toHaveLength(1);
    wire.stream.send({ events: [putEvent("/x", 20n)] });
    await settle();
    expect(kinds()).not.toContain("delta 20");
    await reconnected();
    expect(changes).toBe(0);
  });

  it("compares a listing only with the state at its own revision", async () => {
    wire.listing = [kv("/a", 3n), kv("/b", 7n)];
    wire.revision = 7n;
    await signOfLife(6, 9000);
    await clock.advance(6000);
    wire.stream.send({ events: [putEvent("/b", 7n), putEvent("/b", 8n)] });
    await clock.advance(6000);
    expect(kinds().filter((kind) => kind.startsWith("snapshot"))).toHaveLength(1);
    expect(kinds()).toEqual(expect.arrayContaining(["delta 7", "bookmark 7", "delta 8"]));
  });

  it("declares another history when the last revision is not the one that was seen", async () => {
    wire.stream.send({ events: [putEvent("/a", 7n, "ours")] });
    await settle();
    wire.stream.break();
    wire.revision = 30n;
    await reconnected();
    wire.stream.send({ events: [putEvent("/a", 7n, "theirs")] });
    await reconnected();
    expect(changes).toBe(1);
    expect(kinds().at(-1)).toBe("snapshot 30");
  });

  it("declares another history when other revisions come than those seen", async () => {
    wire.stream.send({ events: [putEvent("/a", 7n), putEvent("/a", 20n)] });
    await settle();
    wire.stream.break();
    wire.revision = 30n;
    await reconnected();
    wire.stream.send({ events: [putEvent("/a", 20n), putEvent("/z", 29n)] });
    await settle();
    expect(changes).toBe(0);
    wire.stream.break();
    await reconnected();
    wire.stream.send({ events: [putEvent("/z", 28n)] });
    await reconnected();
    expect(changes).toBe(1);
  });

  it("declares another history when the store answers below what was seen", async () => {
    wire.stream.break();
    wire.revision = 2n;
    await reconnected();
    expect(changes).toBe(1);
    expect(kinds().at(-1)).toBe("snapshot 2");
  });

  it("lists again when its start is compacted, without declaring anything", async () => {
    wire.stream.send({ canceled: true, compactRevision: 40n });
    wire.revision = 41n;
    await reconnected();
    expect(kinds().at(-1)).toBe("snapshot 41");
    expect(changes).toBe(0);
  });

  it("goes on trying while the store is away, less and less often", async () => {
    wire.failing = true;
    wire.stream.break();
    const before = wire.ranges;
    await clock.advance(60_000);
    expect(wire.ranges - before).toBeGreaterThan(20);
    expect(wire.ranges - before).toBeLessThan(130);
    wire.failing = false;
    await clock.advance(2000);
    expect(wire.watches).toHaveLength(2);
  });

  it("survives a stream that breaks while a message is still being worked on", async () => {
    await signOfLife(5);
    await clock.advance(9999);
    // The message comes just when the minute's listing is due, which takes long. (The timer for it is late.)
    const [range, now] = [() => ScriptedWire.prototype.range.call(wire), clock.monotonic()];
    let answer: () => void = () => undefined;
    const listed = new Promise<void>((resolve) => {
      answer = resolve;
    });
    wire.range = () => listed.then(range);
    clock.monotonic = () => now + 1;
    wire.stream.send({ events: [putEvent("/a", 7n)] });
    await settle();
    wire.stream.break();
    await settle();
    answer();
    await settle();
    expect(wire.stream.closed).toBe(true);
  });

  /** Lets that many times ten seconds pass, with the stream answering each time. */
  async function signOfLife(times: number, length = 10_000): Promise<void> {
    for (let i = 0; i < times; i++) {
      await clock.advance(length);
      wire.stream.send({ headerRevision: 1n });
    }
    await settle();
  }
});

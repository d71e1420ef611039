// The watch of a range when the store's past may be another one: what proves that it is the same, what does not, and what
// is no reason to think otherwise.

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { snapshotAndWatch } from "../../../src/etcd/watch.js";
import type { RangeFeed } from "../../../src/etcd/watch-session.js";
import type { WireEvent } from "../../../src/model/ports.js";
import { ManualClock, settle } from "../../support/manual-clock.js";
import { silent } from "../../support/parts.js";
import { deleteEvent, kv, putEvent, ScriptedWire } from "./scripted-wire.js";

describe("the timeline of a watch", () => {
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
    wire.past = wire.listing;
    wire.revision = 10n;
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
    await settle();
  });
  afterEach(async () => {
    stop.abort();
    await done;
  });

  const kinds = () => got.map(({ kind, revision }) => `${kind} ${revision}`);
  const reconnected = () => clock.advance(1000);

  async function shown(...revisions: readonly bigint[]): Promise<void> {
    const events = revisions.map((revision) => putEvent("/b", revision));
    wire.stream.send({ events });
    await settle();
  }

  async function breaks(): Promise<void> {
    wire.stream.break();
    await reconnected();
  }

  async function created(): Promise<void> {
    wire.stream.send({ created: true });
    await settle();
  }

  describe("after a listing", () => {
    it("is proven once the stream has shown the newest change of the listing, and only then tells a sign of life", async () => {
      expect(wire.stream.startRevision).toBe(5n);
      expect(kinds()).toEqual(["snapshot 10"]);
      await shown(5n);
      expect(kinds()).toEqual(["snapshot 10", "bookmark 10"]);
    });

    it("is another one when the stream begins with something else", async () => {
      wire.stream.send({ events: [putEvent("/b", 5n, "theirs")] });
      wire.revision = 30n;
      await reconnected();
      expect(changes).toBe(1);
      expect(kinds().at(-1)).toBe("snapshot 30");
    });

    it("takes deletes for known that the listing could not show, and a change of a listed key for another history", async () => {
      await shown(5n);
      wire.stream.send({ events: [putEvent("/c", 6n), deleteEvent("/c", 8n)] });
      await settle();
      expect(kinds()).toEqual(["snapshot 10", "bookmark 10"]);
      expect(changes).toBe(0);
      wire.stream.send({ events: [putEvent("/a", 9n)] });
      await reconnected();
      expect(changes).toBe(1);
    });

    it("is read again where the newest change of the listing has been compacted", async () => {
      wire.stream.send({ canceled: true, compactRevision: 9n });
      await reconnected();
      expect(wire.stream.startRevision).toBe(11n);
      await created();
      await shown(11n);
      expect(kinds()).toEqual(["snapshot 10", "bookmark 10", "delta 11"]);
      expect(changes).toBe(0);
    });
  });

  describe("taken up before anything came after the listing", () => {
    beforeEach(async () => {
      await shown(5n);
      await breaks();
      expect(wire.stream.startRevision).toBe(11n);
    });

    it("is the same when the store still shows the listing at its revision", async () => {
      await created();
      await shown(11n);
      expect(kinds()).toEqual(["snapshot 10", "bookmark 10", "bookmark 10", "delta 11"]);
      expect(changes).toBe(0);
    });

    it("is another one when a key was there that we saw deleted", async () => {
      wire.past = [...wire.listing, kv("/c", 2n)];
      await created();
      await reconnected();
      expect(changes).toBe(1);
    });

    it("is another one when the newest value is not the one we saw", async () => {
      wire.past = [kv("/a", 3n), kv("/b", 5n, "theirs")];
      await created();
      await reconnected();
      expect(changes).toBe(1);
    });

    it("is listed again when that is compacted: the same while its newest change is still there", async () => {
      wire.past = undefined;
      wire.revision = 40n;
      await created();
      await reconnected();
      expect(kinds().at(-1)).toBe("snapshot 40");
      expect(changes).toBe(0);
    });
  });

  describe("taken up after changes", () => {
    beforeEach(async () => {
      await shown(5n, 11n);
      wire.revision = 11n;
    });

    it("gives a sign of life as soon as it is proven", async () => {
      await breaks();
      await created();
      await shown(11n);
      expect(kinds()).toEqual(
        ["snapshot 10", "bookmark 10", "delta 11", "bookmark 11"].filter((kind) => kinds().includes(kind)),
      );
      expect(kinds().at(-1)).toBe("bookmark 11");
    });

    it("is the same where it was compacted and its last change is still in the listing", async () => {
      await breaks();
      wire.listing = [kv("/a", 3n), { ...kv("/b", 11n) }, kv("/c", 39n)];
      wire.revision = 40n;
      wire.stream.send({ canceled: true, compactRevision: 30n });
      await reconnected();
      expect(kinds().at(-1)).toBe("snapshot 40");
      expect(changes).toBe(0);
    });

    it("has nothing to compare where its last change has been compacted and overwritten", async () => {
      await breaks();
      wire.listing = [kv("/a", 3n), kv("/b", 39n)];
      wire.revision = 40n;
      wire.stream.send({ canceled: true, compactRevision: 30n });
      await reconnected();
      expect(kinds().at(-1)).toBe("snapshot 40");
      expect(changes).toBe(1);
    });

    it("is not doubted for one stale answer, and is for two in a row", async () => {
      wire.revision = 9n;
      wire.stream.break();
      await clock.advance(50);
      expect(changes).toBe(0);
      wire.revision = 11n;
      await reconnected();
      expect(wire.watches).toHaveLength(2);
      wire.revision = 9n;
      await breaks();
      expect(changes).toBe(1);
      expect(kinds().at(-1)).toBe("snapshot 9");
    });

    it("is not doubted while the store stands still, and is when it answers without the last change", async () => {
      await breaks();
      await created();
      await clock.advance(9000);
      expect(wire.watches[1]?.asked).toBe(1);
      await clock.advance(5000);
      expect(changes).toBe(0);
      expect(wire.watches.length).toBeGreaterThan(2);
      await created();
      await clock.advance(3000);
      wire.stream.send({ headerRevision: 50n });
      await reconnected();
      expect(changes).toBe(1);
    });

    it("does not go back in a listing that is behind", async () => {
      wire.revision = 9n;
      wire.stream.send({ canceled: true, compactRevision: 8n });
      await clock.advance(60);
      wire.revision = 11n;
      await reconnected();
      expect(kinds().at(-1)).toBe("snapshot 11");
      expect(changes).toBe(0);
    });
  });

  describe("taken up after a minute's listing that showed what was known", () => {
    beforeEach(async () => {
      await shown(5n);
      wire.stream.send({ events: [deleteEvent("/b", 11n)] });
      wire.listing = [kv("/a", 3n)];
      wire.past = wire.listing;
      wire.revision = 50n;
      for (let i = 0; i < 7; i++) {
        await clock.advance(10_000);
        wire.stream.send({ headerRevision: 50n });
      }
      await settle();
      expect(kinds()).toContain("bookmark 50");
      await breaks();
      expect(wire.stream.startRevision).toBe(11n);
      await created();
    });

    const compacted = async () => {
      wire.stream.send({ canceled: true, compactRevision: 30n });
      await reconnected();
      expect(wire.stream.startRevision).toBe(51n);
      await created();
      await reconnected();
    };

    const shownBefore = async (...events: WireEvent[]) => {
      wire.stream.send({ events: [deleteEvent("/b", 11n), ...events] });
      await reconnected();
      await created();
      await reconnected();
    };

    it("begins with its last change while that is there", async () => {
      wire.stream.send({ events: [deleteEvent("/b", 11n), putEvent("/b", 51n)] });
      await settle();
      expect(kinds().at(-1)).toBe("delta 51");
      expect(changes).toBe(0);
    });

    it("is the same where its last change was a delete and is compacted", async () => {
      await compacted();
      await shown(51n);
      expect(kinds().at(-1)).toBe("delta 51");
      expect(kinds().filter((kind) => kind.startsWith("snapshot"))).toHaveLength(1);
      expect(changes).toBe(0);
    });

    it("is another one where that is compacted and the store does not show the listing at its revision", async () => {
      wire.past = [kv("/a", 3n), kv("/z", 20n)];
      await compacted();
      expect(changes).toBe(1);
    });

    it("is the same where that listing is compacted too, and the newest change it showed is still there", async () => {
      wire.past = undefined;
      wire.revision = 90n;
      await compacted();
      expect(kinds().at(-1)).toBe("snapshot 90");
      expect(changes).toBe(0);
    });

    it("is the same when changes come that were gone again before the listing", async () => {
      await shownBefore(putEvent("/c", 20n), deleteEvent("/c", 21n));
      expect(wire.stream.startRevision).toBe(51n);
      await shown(51n);
      expect(kinds().at(-1)).toBe("delta 51");
      expect(changes).toBe(0);
    });

    it("is another one when changes come that the listing would have shown", async () => {
      wire.past = [kv("/a", 3n), kv("/z", 20n)];
      await shownBefore(putEvent("/z", 20n));
      expect(changes).toBe(1);
    });
  });

  it("does not take a notice between two fragments for the end of the revision", async () => {
    await shown(5n);
    wire.stream.send({ fragment: true, events: [putEvent("/a", 11n)] });
    wire.stream.send({ headerRevision: 11n });
    await settle();
    expect(kinds().filter((kind) => kind.startsWith("delta"))).toEqual([]);
    wire.stream.send({ events: [putEvent("/c", 11n)] });
    await settle();
    expect(kinds().filter((kind) => kind.startsWith("delta"))).toEqual(["delta 11"]);
  });

  it("moves on to a listing's revision only when the stream has been heard after it", async () => {
    await shown(5n);
    for (let i = 0; i < 5; i++) {
      await clock.advance(10_000);
      wire.stream.send({});
    }
    wire.revision = 20n;
    await clock.advance(16_000);
    expect(kinds().at(-1)).toBe("bookmark 10");
  });
});

// The leader's watch of its own records: whose hand has changed them.

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { slotsKey } from "../../../src/etcd/keys.js";
import { OwnWrites } from "../../../src/etcd/own-writes.js";
import { followRecords } from "../../../src/etcd/records-watch.js";
import { Transaction } from "../../../src/etcd/transaction.js";
import type { WireEvent } from "../../../src/model/ports.js";
import { ManualClock, settle } from "../../support/manual-clock.js";
import { testParts } from "../../support/parts.js";
import { deleteEvent, kv, putEvent, ScriptedWire } from "./scripted-wire.js";

const SLOTS = slotsKey("default", "one");

describe("the watch of the leader's own records", () => {
  let wire: ScriptedWire;
  let clock: ManualClock;
  let own: OwnWrites;
  let calls: number;
  let stop: AbortController;
  let done: Promise<void>;

  beforeEach(async () => {
    wire = new ScriptedWire();
    clock = new ManualClock();
    own = new OwnWrites();
    calls = 0;
    stop = new AbortController();
    wire.listing = [kv(SLOTS, 5n)];
    wire.revision = 6n;
    const changed = () => {
      calls++;
    };
    done = followRecords({ ...testParts(), wire, clock }, own, changed, stop.signal);
    await settle();
    for (const stream of wire.watches) stream.send({ created: true, events: [putEvent(SLOTS, 5n)] });
    await settle();
    expect(calls).toBe(0);
  });
  afterEach(async () => {
    stop.abort();
    await done;
  });

  async function happens(event: WireEvent): Promise<void> {
    wire.watches[1]?.send({ events: [event] });
    await settle();
    await clock.advance(200);
  }

  it("tells a write by another hand, and not one of our own", async () => {
    own.note(new Transaction().put(SLOTS, "{}"), 7n);
    await happens(putEvent(SLOTS, 7n));
    expect(calls).toBe(0);
    await happens(putEvent(SLOTS, 8n));
    expect(calls).toBe(1);
  });

  it("tells a delete by another hand, and not one of our own", async () => {
    own.note(new Transaction().remove(SLOTS), 7n);
    await happens(deleteEvent(SLOTS, 7n));
    expect(calls).toBe(0);
    await happens(putEvent(SLOTS, 8n));
    await happens(deleteEvent(SLOTS, 9n));
    expect(calls).toBe(2);
  });

  it("knows our delete by an answer that comes after its event", async () => {
    wire.watches[1]?.send({ events: [deleteEvent(SLOTS, 7n)] });
    await settle();
    await clock.advance(100);
    own.note(new Transaction().remove(SLOTS), 7n);
    await clock.advance(100);
    expect(calls).toBe(0);
  });
});

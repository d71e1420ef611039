// A lease by our own clock: what may be relied on, and until when.

import { beforeEach, describe, expect, it } from "@jest/globals";
import { Lease } from "../../../src/etcd/lease.js";
import { ManualClock, settle } from "../../support/manual-clock.js";
import { silent } from "../../support/parts.js";
import { ScriptedWire } from "./scripted-wire.js";

describe("a lease of 9 s", () => {
  let wire: ScriptedWire;
  let clock: ManualClock;
  let lease: Lease;

  beforeEach(async () => {
    wire = new ScriptedWire();
    clock = new ManualClock();
    lease = await Lease.grant({ wire, clock, log: silent }, 9);
  });

  const stream = (n: number) => wire.keepAlives[n];

  it("is held until 6.3 s after it was asked for, if no keepalive is answered", async () => {
    await clock.advance(6299);
    expect([lease.isHeld, lease.lost.aborted]).toEqual([true, false]);
    await clock.advance(2);
    expect([lease.isHeld, lease.lost.aborted]).toEqual([false, true]);
    await lease.release();
  });

  it("sends a keepalive every 3 s and counts from its sending, not from its answer", async () => {
    await clock.advance(3000);
    expect(stream(0)?.sent).toBe(1);
    await clock.advance(2000);
    stream(0)?.answer(9);
    await settle();
    await clock.advance(1000);
    expect(stream(0)?.sent).toBe(2);
    await clock.advance(3299);
    expect(lease.isHeld).toBe(true);
    await clock.advance(2);
    expect(lease.isHeld).toBe(false);
    await lease.release();
  });

  it("lives as long as it is answered", async () => {
    for (let i = 0; i < 20; i++) {
      await clock.advance(3000);
      stream(0)?.answer(9);
      await settle();
    }
    expect(stream(0)?.sent).toBe(20);
    expect(lease.isHeld).toBe(true);
    await lease.release();
    expect([lease.isHeld, stream(0)?.closed, wire.revoked]).toEqual([false, true, [7n]]);
  });

  it("tries another stream when one does not answer, and is kept by it", async () => {
    await clock.advance(6000);
    expect(stream(0)?.closed).toBe(true);
    expect(stream(1)?.sent).toBe(1);
    stream(1)?.answer(9);
    await settle();
    await clock.advance(2900);
    expect(lease.isHeld).toBe(true);
    await lease.release();
  });

  it("says of a stream that does not answer that it does not, and asks again before it counts as lost", async () => {
    const brief = await Lease.grant({ wire, clock, log: silent }, 5);
    await lease.release();
    await clock.advance(1667);
    expect(wire.keepAlives).toHaveLength(1);
    await clock.advance(1251);
    expect([stream(0)?.closed, stream(0)?.unanswered, stream(1)?.sent, brief.isHeld]).toEqual([true, true, 1, true]);
    await clock.advance(500);
    stream(1)?.answer(5);
    await settle();
    await clock.advance(1500);
    expect(brief.isHeld).toBe(true);
    await brief.release();
    expect(stream(1)?.unanswered).toBe(false);
  });

  it("is lost at once when etcd says that it is gone", async () => {
    await clock.advance(3000);
    stream(0)?.answer(0);
    await settle();
    expect([lease.isHeld, lease.lost.aborted]).toEqual([false, true]);
    await lease.release();
  });

  it("is not renewed after it was let go", async () => {
    await lease.release();
    await clock.advance(60_000);
    expect(wire.keepAlives).toHaveLength(0);
  });
});

// A server that cannot be registered: when it may answer all the same, and how soon it tries again.

import { describe, expect, it } from "@jest/globals";
import { createMembership } from "../../../src/etcd/membership.js";
import { TheseusError } from "../../../src/model/errors.js";
import type { TxnResult } from "../../../src/model/ports.js";
import { ManualClock, settle } from "../../support/manual-clock.js";
import { silent } from "../../support/parts.js";
import { ScriptedWire } from "./scripted-wire.js";

class FullWire extends ScriptedWire {
  reason: "STORE_FULL" | "STORE_UNREACHABLE" | undefined;
  tries = 0;
  written = 0;

  override async leaseGrant(ttlSeconds: number) {
    this.tries++;
    if (this.reason !== undefined) throw new TheseusError(this.reason, { what: "the store takes nothing" });
    return super.leaseGrant(ttlSeconds);
  }

  override async txn(): Promise<TxnResult> {
    this.written++;
    return super.txn();
  }
}

async function joinedWhile(reason: FullWire["reason"]) {
  const [wire, clock, stop] = [new FullWire(), new ManualClock(), new AbortController()];
  wire.reason = reason;
  const warnings: string[] = [];
  const log = { ...silent, warn: (_: unknown, text: string) => void warnings.push(text), child: () => log };
  const rng = { fraction: () => 1, hex: () => "" };
  const membership = createMembership(wire, { clock, rng, log, serverId: "s1" });
  const left = membership.join({ discovery: "h:1", version: "1" }, stop.signal);
  let isOpen = false;
  membership.registered(stop.signal).then(
    () => {
      isOpen = true;
    },
    () => undefined,
  );
  await settle();
  const leave = async (): Promise<void> => {
    stop.abort();
    await left;
  };
  return { wire, clock, warnings, isOpen: () => isOpen, leave };
}

describe("a server", () => {
  it("that serves unregistered, because the store is full, is registered within 200 ms once there is room", async () => {
    const { wire, clock, warnings, isOpen, leave } = await joinedWhile("STORE_FULL");
    expect(isOpen()).toBe(true);
    await clock.advance(60_000);
    wire.reason = undefined;
    await clock.advance(200);
    expect(wire.written).toBe(1);
    expect(warnings).toHaveLength(1);
    await leave();
  });

  it("does so too when the store could not be reached in between", async () => {
    const { wire, clock, leave } = await joinedWhile("STORE_FULL");
    wire.reason = "STORE_UNREACHABLE";
    await clock.advance(60_000);
    wire.reason = undefined;
    await clock.advance(200);
    expect(wire.written).toBe(1);
    await leave();
  });

  it("that serves nobody yet gives a store that does not answer time", async () => {
    const { wire, clock, isOpen, leave } = await joinedWhile("STORE_UNREACHABLE");
    await clock.advance(60_000);
    expect(isOpen()).toBe(false);
    expect(wire.tries).toBeLessThan(40);
    await leave();
  });
});

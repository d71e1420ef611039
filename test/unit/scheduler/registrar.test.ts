// The leader looks after registrations for as long as it leads, and each term begins anew.

import { describe, expect, it } from "@jest/globals";
import { TheseusError } from "../../../src/model/errors.js";
import type { Logger } from "../../../src/model/ports.js";
import { Office } from "../../../src/scheduler/office.js";
import { Registrar } from "../../../src/scheduler/registrar.js";
import { CLUSTER, evenRng, House } from "../../support/scheduler-house.js";

const TTL = 10_000;

/** A term in which registrations are looked after and nothing else, and everything that it logs. */
function registrarOf({ store, registrations, clock }: House): string[] {
  const said: string[] = [];
  const keep = (fields: Readonly<Record<string, unknown>>, text: string): void => {
    said.push(`${fields["container"] ?? fields["stale"] ?? ""} ${text}`);
  };
  const log: Logger = { debug: keep, info: keep, warn: keep, error: keep, child: () => log };
  const term = { fence: store.elect(), signal: new AbortController().signal, mayAct: () => true };
  const office = new Office(term, { store, clusterId: CLUSTER, clock, rng: evenRng(), log });
  void new Registrar(office, registrations).run();
  return said;
}

async function houseWith(count: number): Promise<House> {
  const house = new House();
  house.registrations.add(count, TTL / 1000);
  house.startTerm();
  await house.clock.advance(2 * TTL);
  return house;
}

describe("the leader", () => {
  it("writes once that a registration is lost, and that it is removed", async () => {
    const house = await houseWith(20);
    house.registrations.hear(["r1"], false);
    await house.clock.advance(9 * TTL);
    expect(house.registrations.standing("lost")).toEqual(["r1"]);
    await house.clock.advance(2 * TTL);
    expect(house.registrations.written).toEqual(["r1 lost", "r1 gone"]);
  });

  it("lets all that went at once stay, and says so", async () => {
    const house = new House();
    house.registrations.add(10, TTL / 1000);
    const term = house.startTerm();
    await house.clock.advance(2 * TTL);
    house.registrations.hear(["r1", "r2", "r3"], false);
    await house.clock.advance(TTL / 2);
    expect(house.registrations.standing("stale")).toEqual(["r1", "r2", "r3"]);
    expect(term.complaints.join("\n")).toContain("registrations are not heard");
    await house.clock.advance(TTL);
    expect(house.registrations.standing("lost")).toEqual(["r1", "r2", "r3"]);
  });

  it("withdraws nobody when the store was away for half a TTL, and says once that it was", async () => {
    const house = new House();
    house.registrations.add(20, TTL / 1000);
    const term = house.startTerm();
    await house.clock.advance(2 * TTL);
    house.registrations.broken = new TheseusError("STORE_UNREACHABLE", { what: "the store is away" });
    house.registrations.hear(["r1"], false);
    await house.clock.advance(TTL);
    house.registrations.broken = undefined;
    await house.clock.advance(TTL / 2);
    expect(house.registrations.standing("stale")).toEqual(["r1"]);
    const complaints = term.complaints.filter((text) => text.includes("looked after"));
    expect(complaints).toHaveLength(1);
    await house.clock.advance(TTL);
    expect(house.registrations.standing("lost")).toEqual(["r1"]);
  });

  it("that is new withdraws nobody at once", async () => {
    const house = await houseWith(20);
    house.registrations.hear(["r1"], false);
    const next = house.startTerm();
    await house.clock.advance(TTL / 2);
    expect(house.registrations.standing("stale")).toEqual(["r1"]);
    await next.end();
  });

  it("does nothing more when its term is over", async () => {
    const house = new House();
    house.registrations.add(20, TTL / 1000);
    const term = house.startTerm();
    await house.clock.advance(2 * TTL);
    await term.end();
    const { readings } = house.registrations;
    house.registrations.hear(["r1"], false);
    await house.clock.advance(2 * TTL);
    expect([house.registrations.readings, house.registrations.written]).toEqual([readings, []]);
  });

  it("says nothing of what it did not write: one that was renewed just then, and what somebody else leads by now", async () => {
    const house = new House();
    house.registrations.add(20, TTL / 1000);
    const said = registrarOf(house);
    await house.clock.advance(2 * TTL);
    house.registrations.renewed.add("r1");
    house.registrations.fencedAfter = 1;
    house.registrations.hear(["r1", "r2", "r3"], false);
    await house.clock.advance(TTL);
    expect(house.registrations.written).toEqual(["r2 lost"]);
    expect(said).toEqual([expect.stringMatching(/r2 a registration is lost/)]);
  });
});

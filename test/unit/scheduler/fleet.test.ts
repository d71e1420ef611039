import { describe, expect, it } from "@jest/globals";
import type { HostRecord } from "../../../src/model/host.js";
import { groupId, groupRef } from "../../../src/model/reference.js";
import type { GroupReservations } from "../../../src/model/reservations.js";
import type { Versioned } from "../../../src/model/store.js";
import { Fleet } from "../../../src/scheduler/fleet.js";
import { HostBook } from "../../../src/scheduler/host-book.js";
import type { Office } from "../../../src/scheduler/office.js";
import { aGroup, aHostRecord, anIntent } from "../../support/builders.js";
import { ManualClock } from "../../support/manual-clock.js";

const WEB = aGroup({ ports: [{ name: "http", container: 80 }] });
const intent = anIntent(WEB, { slot: 1, hostPorts: { http: 20_000 } });

/** A fleet whose store says what a test has put there. */
class Bench {
  readonly book = new HostBook();
  host: Versioned<HostRecord> = { value: aHostRecord(), modRevision: 5n };
  held: readonly GroupReservations[] = [];
  readonly asked: bigint[] = [];
  /** Readings of the reservations wait for it. */
  until: Promise<void> = Promise.resolve();
  readonly fleet: Fleet;

  constructor() {
    const store = { readHosts: async () => [this.host] };
    const office = { store, since: 10n, clock: new ManualClock() } as unknown as Office;
    const reservations = async (atLeast: bigint) => {
      this.asked.push(atLeast);
      await this.until;
      return this.held;
    };
    this.fleet = new Fleet({ office, book: this.book, reservations }, ["local"]);
  }

  async isTaken(): Promise<boolean> {
    const { holdings } = await this.fleet.read();
    return holdings.on("local").ports.has(20_000);
  }

  promise(): () => void {
    return this.fleet.promise(groupRef("web", ["dev"]), [intent], {});
  }
}

describe("what the hosts have given away", () => {
  it("is read with everything up to our last write, and what another hand may have written", async () => {
    const bench = new Bench();
    await bench.fleet.read();
    bench.fleet.touch(20n);
    await bench.fleet.read();
    bench.host = { ...bench.host, modRevision: 30n };
    bench.fleet.touch();
    await bench.fleet.read();
    expect(bench.asked).toEqual([10n, 20n, 30n]);
  });

  it("tells with each reading how many doubts there were before it, its own discoveries included", async () => {
    const bench = new Bench();
    const { doubts: first } = await bench.fleet.read();
    expect(first.get("local")).toBe(bench.book.doubts("local"));
    bench.host = { ...bench.host, modRevision: 30n };
    bench.fleet.touch();
    const { doubts: second } = await bench.fleet.read();
    expect(second.get("local")).toBe((first.get("local") ?? 0) + 1);
  });

  it("includes what is promised, until a reading that was begun after its end", async () => {
    const bench = new Bench();
    await bench.fleet.read();
    const settled = bench.promise();
    expect(await bench.isTaken()).toBe(true);
    let go: () => void = () => undefined;
    bench.until = new Promise((resolve) => {
      go = resolve;
    });
    bench.fleet.touch();
    const reading = bench.isTaken();
    settled();
    go();
    expect(await reading).toBe(true);
    bench.fleet.touch();
    expect(await bench.isTaken()).toBe(false);
  });

  it("keeps to what was written once a promise is over", async () => {
    const bench = new Bench();
    bench.promise()();
    bench.held = [{ id: groupId(WEB.ref), reservations: [{ group: WEB.ref, intent, cpu: 1, mem: 1 }] }];
    bench.fleet.touch();
    expect(await bench.isTaken()).toBe(true);
    bench.held = [];
    bench.fleet.touch();
    expect(await bench.isTaken()).toBe(false);
  });
});

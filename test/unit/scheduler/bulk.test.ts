// Many groups that are created at once want room on the same host: their plans are made side by side.

import { describe, expect, it } from "@jest/globals";
import { groupRef } from "../../../src/model/reference.js";
import { config, House } from "../../support/scheduler-house.js";

const GROUPS = 40;
const refs = Array.from({ length: GROUPS }, (_, i) => groupRef(`service${i}`, ["dev"]));

/** Every call takes as long as a store's, so that passes overlap. */
function slowly(house: House): { reads: number; writes: number } {
  const { store, clock } = house;
  const counts = { reads: 0, writes: 0 };
  const [readGroup, readHosts, writeGroup] = [
    store.readGroup.bind(store),
    store.readHosts.bind(store),
    store.writeGroup.bind(store),
  ];
  store.readGroup = async (...args) => {
    counts.reads++;
    await clock.sleep(2);
    return readGroup(...args);
  };
  store.readHosts = async () => {
    await clock.sleep(1);
    return readHosts();
  };
  store.writeGroup = async (...args) => {
    if ((args[2].putIntents ?? []).some(({ phase }) => phase === "creating")) counts.writes++;
    await clock.sleep(2);
    const result = await writeGroup(...args);
    await clock.sleep(2);
    return result;
  };
  return counts;
}

async function created(house: House): Promise<void> {
  for (const ref of refs) house.store.ask(ref, config(1));
  await house.clock.advanceUntil(() => refs.every((ref) => house.readyCount(ref) === 1), 60_000);
}

const portsOf = (house: House) =>
  refs.flatMap((ref) => house.store.intents(ref).flatMap(({ hostPorts }) => Object.values(hostPorts)));

describe("many groups created at once on one host", () => {
  it("get their places without being in each other's way", async () => {
    const house = new House();
    const counts = slowly(house);
    const term = house.startTerm();
    await house.clock.advance(1000);
    counts.reads = 0;
    await created(house);
    expect(counts.writes).toBe(GROUPS);
    expect(counts.reads).toBeLessThan(7 * GROUPS);
    expect(new Set(portsOf(house)).size).toBe(GROUPS);
    expect(term.complaints).toEqual([]);
    await term.end();
  });

  it("get different ports too when answers to writes are lost", async () => {
    const house = new House();
    slowly(house);
    const { writeGroup } = house.store;
    let lost = 0;
    house.store.writeGroup = async (...args) => {
      const result = await writeGroup(...args);
      if ((args[2].putIntents ?? []).length > 0 && result.ok && result.revision % 3n === 0n && lost++ < GROUPS) {
        throw new Error("no answer");
      }
      return result;
    };
    const term = house.startTerm();
    await created(house);
    expect(lost).toBeGreaterThan(5);
    expect(new Set(portsOf(house)).size).toBe(GROUPS);
    expect(house.runtime.running()).toHaveLength(GROUPS);
    await term.end();
  });
});

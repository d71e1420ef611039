import { describe, expect, it } from "@jest/globals";
import { config, House, WEB } from "../../support/scheduler-house.js";

/** Three that serve, on an engine whose listings are old when they come. */
async function withOldListings(): Promise<House> {
  const house = new House();
  house.store.ask(WEB, config(3));
  house.startTerm();
  await house.untilReady(3);
  const list = house.runtime.list.bind(house.runtime);
  house.runtime.list = async () => {
    const listing = await list();
    await house.clock.sleep(250);
    return listing;
  };
  return house;
}

describe("a container that we have removed while its engine was listed", () => {
  it("is not taken for one that lost its record", async () => {
    const house = await withOldListings();
    house.store.ask(WEB, config(1));
    const told = new Set<string>();
    for (let i = 0; i < 1000; i++) {
      await house.clock.advance(10);
      for (const { text } of house.store.snapshot(WEB).slots?.value.attention ?? []) told.add(text);
    }
    expect([house.runtime.containers.size, house.store.snapshot(WEB).intents.size]).toEqual([1, 1]);
    expect([...told]).toEqual([]);
  });
});

import { describe, expect, it } from "@jest/globals";
import type { GroupConfig } from "../../../src/model/group.js";
import { MINUTE } from "../../../src/model/instant.js";
import type { Rollout } from "../../../src/model/rollout.js";
import { config, House, WEB } from "../../support/scheduler-house.js";

/** No host takes more than three; nothing gets on for a minute, and a rollout has failed. */
const more = { maxPerHost: 3, update: { progressDeadline: MINUTE } } as const;

async function newest(house: House): Promise<Rollout | undefined> {
  return (await house.store.readGroup(WEB)).rollouts?.value.rollouts[0];
}

/** Two that are stable, then another config, until its rollout is over. */
async function changedTo(house: House, next: GroupConfig): Promise<Rollout | undefined> {
  house.store.ask(WEB, config(2, more));
  house.startTerm();
  await house.untilReady(2, WEB, 1000);
  await house.clock.advance(1000);
  expect(await newest(house)).toMatchObject({ to: 1, state: "done" });
  house.store.ask(WEB, next);
  await house.clock.advance(3 * MINUTE);
  return newest(house);
}

describe("a scale that fails", () => {
  it("is told as failed and keeps what serves: going back would change nothing", async () => {
    const house = new House();
    expect(await changedTo(house, config(5, more))).toMatchObject({
      to: 2,
      state: "failed",
      failure: { text: expect.stringContaining("rev 1 differs only in the number of instances") },
    });
    expect(house.readyCount()).toBe(3);
    const { record } = await house.store.readGroup(WEB);
    expect(record?.value).toMatchObject({ configRevision: 2, config: { instances: 5 } });
  });

  it("is taken back where something else was changed with it", async () => {
    const house = new House();
    const last = await changedTo(house, config(5, { ...more, weight: 50 }));
    expect(last).toMatchObject({ to: 3, takesBack: 2 });
    const { record } = await house.store.readGroup(WEB);
    expect(record?.value.config).toMatchObject({ instances: 5 });
    expect(record?.value.config.weight).toBeUndefined();
  });
});

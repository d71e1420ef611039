import { describe, expect, it } from "@jest/globals";
import { config, House, WEB } from "../../support/scheduler-house.js";

const FIXED = 18_443;
const withPort = (host?: number) =>
  config(1, {
    ports: [{ name: "http", container: 8080, ...(host !== undefined && { host }) }],
    update: { order: "stop-first", minHealthyTime: 0 },
  });

/** One container that serves, and a change of its port to one that a program outside Docker holds. */
async function held(): Promise<House> {
  const house = new House();
  house.store.ask(WEB, withPort());
  house.startTerm();
  await house.untilReady(1);
  house.runtime.heldPorts.add(FIXED);
  house.store.ask(WEB, withPort(FIXED));
  await house.clock.advanceUntil(() => house.runtime.count("tryOut") === 1, 30_000);
  return house;
}

describe("a new fixed port that is not free", () => {
  it("is told, and stops nothing, however long that lasts", async () => {
    const house = await held();
    await house.clock.advance(60_000);
    const { slots } = await house.store.readGroup(WEB);
    expect(slots?.value.attention).toMatchObject([
      { reason: "PORT_TAKEN", slot: 1, host: "local", text: expect.stringContaining(String(FIXED)) },
    ]);
    expect([house.readyCount(), house.runtime.count("stop")]).toEqual([1, 0]);
    expect(house.runtime.count("tryOut")).toBeGreaterThan(5);
    expect(house.runtime.count("tryOut")).toBeLessThan(20);
  });

  it("is taken when it is free, and told of no more", async () => {
    const house = await held();
    house.runtime.heldPorts.delete(FIXED);
    await house.clock.advanceUntil(() => house.runtime.listensOn(FIXED), 60_000);
    await house.untilReady(1);
    await house.clock.advance(5000);
    const { slots, rollouts } = await house.store.readGroup(WEB);
    expect(slots?.value.attention).toEqual([]);
    expect(rollouts?.value.rollouts[0]).toMatchObject({ state: "done", tried: true });
  });
});

describe("a new fixed port that the group has for another protocol", () => {
  it("is tried out like any other", async () => {
    const house = new House();
    const dns = { name: "dns", container: 53, host: FIXED, protocol: "udp" } as const;
    const update = { order: "stop-first", minHealthyTime: 0 } as const;
    house.store.ask(WEB, config(1, { ports: [dns], update }));
    house.startTerm();
    await house.untilReady(1);
    house.runtime.heldPorts.add(FIXED);
    house.store.ask(WEB, config(1, { ports: [dns, { name: "http", container: 8080, host: FIXED }], update }));
    await house.clock.advanceUntil(() => house.runtime.count("tryOut") === 1, 30_000);
    await house.clock.advance(1000);
    const { slots } = await house.store.readGroup(WEB);
    expect(slots?.value.attention).toMatchObject([{ reason: "PORT_TAKEN", slot: 1 }]);
    expect([house.readyCount(), house.runtime.count("stop")]).toEqual([1, 0]);
  });
});

describe("a trial that takes its time", () => {
  const SLOW = 60_000;

  async function trying(): Promise<House> {
    const house = new House();
    const update = { order: "stop-first", minHealthyTime: 0 } as const;
    house.store.ask(WEB, config(2, { update }));
    house.startTerm();
    await house.untilReady(2);
    house.runtime.latency = { tryOut: SLOW };
    house.store.ask(WEB, config(2, { update, args: ["another"] }));
    await house.clock.advanceUntil(() => house.runtime.count("tryOut") === 1, 30_000);
    return house;
  }

  const rolloutNow = async ({ store }: House) => (await store.readGroup(WEB)).rollouts?.value.rollouts[0];

  it("does not keep people from pausing, and is believed when they go on", async () => {
    const house = await trying();
    house.store.steer(WEB, "pause");
    await house.clock.advance(1000);
    expect(await rolloutNow(house)).toMatchObject({ state: "paused" });
    await house.clock.advance(SLOW);
    expect(await rolloutNow(house)).toMatchObject({ state: "paused", tried: true });
    expect(house.runtime.count("stop")).toBe(0);
    house.store.steer(WEB, "resume");
    await house.clock.advanceUntil(() => house.runtime.count("stop") === 2, 60_000);
    expect(house.runtime.count("tryOut")).toBe(1);
  });

  it("does not keep people from taking the change back", async () => {
    const house = await trying();
    house.store.steer(WEB, "abort");
    await house.clock.advance(2000);
    const { rollouts } = await house.store.readGroup(WEB);
    expect(rollouts?.value.rollouts.find(({ to }) => to === 2)).toMatchObject({ state: "aborted" });
    await house.clock.advance(SLOW);
    expect(house.runtime.count("stop")).toBe(0);
  });

  it("says nothing of a change that a newer one has replaced", async () => {
    const house = await trying();
    house.runtime.latency = {};
    house.store.ask(WEB, config(2, { update: { order: "stop-first", minHealthyTime: 0 }, args: ["a third"] }));
    await house.clock.advance(SLOW + 10_000);
    const { rollouts } = await house.store.readGroup(WEB);
    const told = rollouts?.value.rollouts.map(({ to, state, tried }) => [to, state, tried]);
    expect(told).toEqual([
      [3, "done", true],
      [2, "superseded", undefined],
      [1, "done", undefined],
    ]);
  });
});

describe("what trials have left", () => {
  it("is removed at the beginning of a term, and again and again", async () => {
    const house = new House();
    house.startTerm();
    await house.clock.advance(1000);
    expect(house.runtime.count("removeTrials")).toBe(1);
    await house.clock.advance(90_000);
    expect(house.runtime.count("removeTrials")).toBe(4);
  });

  it("is not asked for on a host that is silent", async () => {
    const house = new House();
    house.startTerm();
    await house.clock.advance(1000);
    house.runtime.down(true);
    await house.clock.advance(60_000);
    const asked = house.runtime.count("removeTrials");
    await house.clock.advance(60_000);
    expect(house.runtime.count("removeTrials")).toBe(asked);
  });
});

import { describe, expect, it } from "@jest/globals";
import { config, House, WEB } from "../../support/scheduler-house.js";

/** Servers that have not answered until the test says so. */
async function serving(instances: number, servers: readonly string[]): Promise<House> {
  const house = new House();
  house.store.servers = servers;
  house.store.ask(WEB, config(instances));
  house.startTerm();
  await house.untilReady(instances);
  await house.clock.advance(30_000);
  return house;
}

function opened({ store }: House): readonly (readonly string[])[] {
  const writes = store.writes.filter(({ write }) => write.openDrains !== undefined);
  return writes.map(({ write }) => (write.openDrains ?? []).map(({ name }) => name));
}

const running = ({ runtime }: House): number => runtime.running().length;
const leaving = ({ store }: House): readonly string[] => [...store.snapshot(WEB).drains.keys()];

describe("the leader, when containers leave", () => {
  it("takes them out and asks all servers in one transaction", async () => {
    const house = await serving(3, ["s1"]);
    house.store.ask(WEB, config(1));
    await house.clock.advance(1000);
    const [write, ...others] = house.store.writes.filter(({ write: one }) => one.openDrains !== undefined);
    expect(others).toEqual([]);
    const names = (write?.write.openDrains ?? []).map(({ name }) => name).sort();
    expect(names).toHaveLength(2);
    expect((write?.write.putIntents ?? []).map(({ name, phase }) => `${name} ${phase}`).sort()).toEqual(
      names.map((name) => `${name} draining`),
    );
    const told = (write?.write.putInfos ?? []).filter(([name]) => names.includes(name));
    expect(told.map(([name, { state }]) => `${name} ${state}`).sort()).toEqual(names.map((name) => `${name} draining`));
    expect(running(house)).toBe(3);
  });

  it("stops each as soon as every server has answered for it", async () => {
    const house = await serving(3, ["s1", "s2"]);
    house.store.ask(WEB, config(1));
    await house.clock.advance(1000);
    const [first = "", second = ""] = leaving(house);
    const open = { awaits: [{ watcherId: "proxy", peer: "10.0.0.9:4000", connected: true }] };
    house.store.answerDrain(WEB, first, "s1");
    house.store.answerDrain(WEB, second, "s1", open);
    house.store.answerDrain(WEB, second, "s2");
    await house.clock.advance(1000);
    expect(running(house)).toBe(3);
    house.store.answerDrain(WEB, first, "s2");
    await house.clock.advance(1000);
    expect(house.runtime.running().map(({ spec }) => spec.name)).not.toContain(first);
    expect(running(house)).toBe(2);
    house.store.answerDrain(WEB, second, "s1");
    await house.clock.advance(1000);
    expect(running(house)).toBe(1);
    expect(leaving(house)).toEqual([]);
  });

  it("stops all of them after one deadline when nobody answers, and says once for each who did not", async () => {
    const house = new House();
    house.store.servers = ["s1", "s2"];
    house.store.ask(WEB, config(20, { stop: { ackDeadline: 4000 } }));
    const term = house.startTerm();
    await house.untilReady(20);
    await house.clock.advance(30_000);
    house.store.ask(WEB, config(0, { stop: { ackDeadline: 4000 } }));
    await house.clock.advance(500);
    for (const name of leaving(house)) {
      const awaits = [{ watcherId: "proxy", peer: "10.0.0.9:4000", connected: true }];
      house.store.answerDrain(WEB, name, "s1", { awaits });
    }
    await house.clock.advance(3000);
    expect(running(house)).toBe(20);
    expect(term.complaints).toEqual([]);
    await house.clock.advance(2000);
    expect(running(house)).toBe(0);
    await house.clock.advance(60_000);
    expect(term.complaints).toHaveLength(20);
    for (const complaint of term.complaints) {
      expect(complaint).toContain("watcher proxy on 10.0.0.9:4000 (at server s1)");
      expect(complaint).toContain("server s2 (it has not said anything)");
    }
  });

  it("begins the deadline anew when it takes over", async () => {
    const house = await serving(1, ["s1"]);
    house.store.ask(WEB, config(0));
    await house.clock.advance(9000);
    house.startTerm();
    await house.clock.advance(9000);
    expect(running(house)).toBe(1);
    await house.clock.advance(2000);
    expect(running(house)).toBe(0);
    expect(opened(house)).toHaveLength(1);
  });

  it("asks again for what a former leader had begun to drain without asking", async () => {
    const house = await serving(1, ["s1"]);
    house.store.ask(WEB, config(0));
    await house.clock.advance(1000);
    const [name = ""] = leaving(house);
    house.store.forgetDrain(WEB, name);
    await house.clock.advance(1000);
    expect(opened(house)).toEqual([[name], [name]]);
    expect(running(house)).toBe(1);
    house.store.answerDrain(WEB, name, "s1");
    await house.clock.advance(1000);
    expect(running(house)).toBe(0);
  });

  it.each([-3_600_000, 3_600_000])("waits neither longer nor less when the clock is set by %d ms", async (by) => {
    const house = await serving(1, ["s1"]);
    house.store.ask(WEB, config(0));
    await house.clock.advance(5000);
    house.clock.set(by);
    house.store.editRecords();
    await house.clock.advance(4000);
    expect(running(house)).toBe(1);
    await house.clock.advance(2000);
    expect(running(house)).toBe(0);
  });
});

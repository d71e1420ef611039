import { describe, expect, it } from "@jest/globals";
import type { GroupConfig, UpdatePolicy } from "../../../src/model/group.js";
import type { SchedulerStore } from "../../../src/model/store.js";
import { config, House, WEB } from "../../support/scheduler-house.js";

const HEALTH: NonNullable<GroupConfig["health"]> = { check: { kind: "tcp", port: "http" }, interval: 500, fails: 2 };
const INSTANCES = 3;

/** Up to the moment at which the first one leaves, on an engine that takes its time. */
async function updating(order: NonNullable<UpdatePolicy["order"]>): Promise<House> {
  const update = { maxParallel: "1", order, minHealthyTime: 0 };
  const house = new House();
  house.store.servers = [];
  house.store.ask(WEB, config(INSTANCES, { update, health: HEALTH }));
  house.startTerm();
  await house.untilReady(INSTANCES);
  await house.clock.advance(60_000);
  house.runtime.latency = { stop: 1500, create: 300, start: 3000 };
  house.store.ask(WEB, config(INSTANCES, { update, health: HEALTH, env: { VERSION: "2" } }));
  await house.clock.advanceUntil(() => intentsOf(house).some(({ phase }) => phase === "draining"), 20_000);
  return house;
}

const intentsOf = ({ store }: House) => [...store.snapshot(WEB).intents.values()].map(({ value }) => value);

describe("a container that leaves", () => {
  it.each(["stop-first", "start-first"] as const)(
    "is told of before its engine is asked for anything: %s",
    async (order) => {
      const house = await updating(order);
      expect(intentsOf(house).filter(({ phase }) => phase === "draining")).toHaveLength(1);
      expect(house.runtime.count("stop")).toBe(0);
    },
  );

  it("is the only one, though another one's checks fail while its engine takes its time", async () => {
    const house = await updating("stop-first");
    const old = new Set(intentsOf(house).map(({ name }) => name));
    const third = intentsOf(house).find(({ slot }) => slot === INSTANCES);
    house.unwell.add(Object.values(third?.hostPorts ?? {})[0] ?? 0);
    let least: number = INSTANCES;
    for (let i = 0; i < 60; i++) {
      await house.clock.advance(50);
      const left = intentsOf(house).filter(({ name, phase }) => old.has(name) && phase === "running");
      least = Math.min(least, left.length);
    }
    expect(least).toBe(INSTANCES - 1);
  });

  it("stays if that many are asked for again before its leaving is written", async () => {
    const house = new House();
    house.store.ask(WEB, config(INSTANCES));
    house.startTerm({ store: askingAgain(house) });
    await house.untilReady(INSTANCES);
    const before = intentsOf(house);
    house.store.ask(WEB, config(INSTANCES - 1));
    await house.clock.advance(60_000);
    expect(house.store.snapshot(WEB).record?.value.config.instances).toBe(INSTANCES);
    expect(intentsOf(house)).toEqual(before);
  });
});

/** Whoever scales down scales up again while the first drain is on its way. */
function askingAgain({ store }: House): SchedulerStore {
  let isAsked = false;
  const writeGroup: SchedulerStore["writeGroup"] = (fence, snapshot, write) => {
    if (!isAsked && write.openDrains?.length) {
      isAsked = true;
      store.ask(WEB, config(INSTANCES));
    }
    return store.writeGroup(fence, snapshot, write);
  };
  return new Proxy(store, {
    get(target, key) {
      if (key === "writeGroup") return writeGroup;
      const member: unknown = Reflect.get(target, key);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

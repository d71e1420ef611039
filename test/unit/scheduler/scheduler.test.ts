import { describe, expect, it } from "@jest/globals";
import type { Mandate } from "../../../src/model/ports.js";
import { groupRef } from "../../../src/model/reference.js";
import type { FencedResult, SchedulerStore } from "../../../src/model/store.js";
import { CHANGING } from "../../support/fake-runtime.js";
import { config, House, WEB } from "../../support/scheduler-house.js";

/** The store, with some of its methods done differently. */
function differing(store: SchedulerStore, other: Partial<SchedulerStore>): SchedulerStore {
  return new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(name in other ? other : target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

function changes({ runtime }: House): number {
  return CHANGING.reduce((sum, method) => sum + runtime.count(method), 0);
}

describe("a term", () => {
  it("steps down as soon as an epoch is told that is not its own", async () => {
    const house = new House();
    const term = house.startTerm();
    await house.clock.advance(1000);
    house.store.declareChange();
    await house.clock.advance(2000);
    expect(term.scheduler.status().leading).toBe(false);
  });

  it("writes its epoch first and again each minute, and sweeps the store at its beginning and each hour", async () => {
    const house = new House();
    house.startTerm();
    await house.clock.advance(0);
    expect(house.store.epochs).toHaveLength(1);
    const swept = { requests: house.clock.now() - 24 * 3_600_000, configs: house.clock.now() };
    expect({ requests: house.store.forgotten, configs: house.store.historyForgotten }).toEqual(swept);
    await house.clock.advance(180_000);
    expect(house.store.epochs).toHaveLength(4);
    expect(new Set(house.store.epochs).size).toBe(1);
    await house.clock.advance(3_600_000);
    expect(house.store.forgotten).toBe(house.clock.now() - 180_000 - 24 * 3_600_000);
    expect(house.store.historyForgotten).toBe(house.clock.now() - 180_000);
  });

  it("sweeps the rest when one thing cannot be swept", async () => {
    const house = new House();
    const store = differing(house.store, {
      forgetRequests: async () => {
        throw new Error("away");
      },
    });
    house.startTerm({ store });
    await house.clock.advance(0);
    expect(house.store.historyForgotten).toBe(house.clock.now());
  });

  it("tells what it sweeps with, and the engine what it stops or creates, when the term is over", async () => {
    const house = new House();
    house.store.ask(WEB, config(1));
    const ends: (AbortSignal | undefined)[] = [];
    const store = differing(house.store, {
      forgetRequests: async ({ end }) => void ends.push(end),
    });
    const create = house.runtime.create.bind(house.runtime);
    house.runtime.create = (spec, mandate?: Mandate) => {
      ends.push(mandate?.end);
      return create(spec);
    };
    const term = house.startTerm({ store });
    await house.untilReady(1, WEB, 1000);
    expect(ends.map((end) => end?.aborted)).toEqual([false, false]);
    await term.end();
    expect(ends.map((end) => end?.aborted)).toEqual([true, true]);
  });

  it("looks at every group at once, and at new ones when the store tells", async () => {
    const house = new House();
    house.store.ask(WEB, config(2));
    house.startTerm();
    await house.untilReady(2, WEB, 1000);
    const api = groupRef("api", []);
    house.store.ask(api, config(1));
    await house.untilReady(1, api, 1000);
  });

  it("looks at every group when another hand has edited its records", async () => {
    const house = new House();
    house.store.ask(WEB, config(2));
    let looks = 0;
    const listGroups: SchedulerStore["listGroups"] = async () => {
      looks++;
      return { groups: [WEB], revision: 1n };
    };
    house.startTerm({ store: differing(house.store, { listGroups }) });
    await house.untilReady(2, WEB, 1000);
    const before = looks;
    house.store.editRecords();
    await house.clock.advance(1000);
    expect(looks).toBe(before + 1);
  });

  it("ends when a write is fenced, without another effect", async () => {
    const house = new House();
    house.store.ask(WEB, config(4));
    house.runtime.latency = { create: 100, start: 100 };
    const term = house.startTerm();
    await house.clock.advance(150);
    const started = house.runtime.count("start");
    house.store.elect();
    await house.clock.advance(5000);
    await term.done;
    expect(house.runtime.count("start")).toBe(started);
    expect(term.scheduler.status()).toEqual({ leading: false, groups: [], hosts: [] });
  });

  it("ends when it is told to, after the store writes in flight and without waiting for a hung engine", async () => {
    const house = new House();
    house.store.ask(WEB, config(1));
    house.runtime.latency = { create: 100 };
    const slow = differing(house.store, {
      writeGroup: async (...args: Parameters<SchedulerStore["writeGroup"]>): Promise<FencedResult> => {
        await house.clock.sleep(5000);
        return house.store.writeGroup(...args);
      },
    });
    const term = house.startTerm({ store: slow });
    await house.clock.advance(100);
    house.runtime.hang();
    let ended = false;
    const end = term.end().then(() => {
      ended = true;
    });
    await house.clock.advance(3000);
    expect(ended).toBe(false);
    await house.clock.advance(5000);
    await end;
    expect(house.store.writes).toHaveLength(1);
  });

  it.each([
    ["from its beginning on", 0],
    ["while containers are made", 250],
  ])(
    "gives the office up in less than half a second when it is told to, also with an engine that hangs %s",
    async (_, hungAfter) => {
      const house = new House();
      house.store.ask(WEB, config(4));
      house.runtime.latency = { create: 100, start: 100 };
      if (hungAfter === 0) house.runtime.hang();
      const term = house.startTerm();
      await house.clock.advance(hungAfter);
      house.runtime.hang();
      await house.clock.advance(1000);
      const asked = house.clock.monotonic();
      const over = term.done.then(() => house.clock.monotonic());
      await term.end();
      expect((await over) - asked).toBeLessThan(500);
    },
  );

  it("leaves nothing to the next one but what is stored", async () => {
    const house = new House();
    house.store.ask(WEB, config(3));
    const first = house.startTerm();
    await house.untilReady(3);
    await house.clock.advance(60_000);
    await first.end();
    const [before, writes, probes] = [changes(house), house.store.writes.length, house.probes];
    await house.clock.advance(60_000);
    expect(house.probes).toBe(probes);
    house.startTerm();
    await house.clock.advance(120_000);
    expect(changes(house)).toBe(before);
    expect(house.store.writes).toHaveLength(writes);
    expect(house.probes).toBeGreaterThan(probes);
  });

  it("writes nothing and changes nothing once all is as asked", async () => {
    const house = new House();
    house.store.ask(WEB, config(3));
    const term = house.startTerm();
    await house.untilReady(3);
    await house.clock.advance(60_000);
    const [before, writes] = [changes(house), house.store.writes.length];
    await house.clock.advance(600_000);
    expect(changes(house)).toBe(before);
    expect(house.store.writes).toHaveLength(writes);
    expect(term.scheduler.status().groups[0]?.status).toMatchObject({ state: "steady", wanted: 3, ready: 3 });
    expect(term.complaints).toEqual([]);
  });

  it("begins no action twice while it is in flight", async () => {
    const house = new House();
    house.store.ask(WEB, config(6));
    house.runtime.latency = { create: 300, start: 700, list: 10 };
    house.startTerm();
    for (let i = 0; i < 40; i++) {
      await house.clock.advance(100);
      house.store.ask(WEB, config(6));
    }
    await house.untilReady(6);
    expect([house.runtime.count("create"), house.runtime.count("start")]).toEqual([6, 6]);
  });

  it("goes on after errors of the store, telling once", async () => {
    const house = new House();
    let fails = true;
    const store = differing(house.store, {
      readGroup: async (...args: Parameters<SchedulerStore["readGroup"]>) => {
        if (fails) throw new Error("the store is away");
        return house.store.readGroup(...args);
      },
    });
    house.store.ask(WEB, config(1));
    const term = house.startTerm({ store });
    await house.clock.advance(20_000);
    expect(term.complaints).toEqual(["pass failed, trying again: Error: the store is away"]);
    fails = false;
    await house.untilReady(1);
  });

  it("goes on after an error of the planner", async () => {
    const house = new House({
      plan: () => {
        throw new Error("a bug");
      },
    });
    house.store.ask(WEB, config(1));
    const term = house.startTerm();
    await house.clock.advance(10_000);
    expect(term.complaints[0]).toBe("pass failed, trying again: Error: a bug");
    await term.end();
  });
});

describe("several groups", () => {
  it("never get the same port of a host, also when they are assigned at the same time", async () => {
    const house = new House();
    const groups = Array.from({ length: 8 }, (_, i) => groupRef(`g${i}`, []));
    for (const group of groups) house.store.ask(group, config(5));
    house.startTerm();
    await house.clock.advanceUntil(() => house.runtime.running().length === 40, 60_000);
    const ports = house.runtime.running().flatMap(({ spec }) => Object.values(spec.hostPorts));
    expect(new Set(ports).size).toBe(40);
    expect(house.runtime.count("create")).toBe(40);
  });

  it("do not overbook a host, also when they are assigned at the same time", async () => {
    const house = new House();
    const groups = Array.from({ length: 4 }, (_, i) => groupRef(`g${i}`, []));
    for (const group of groups) house.store.ask(group, config(3, { cpu: 0.5 }));
    house.startTerm();
    await house.clock.advance(10_000);
    expect(house.runtime.running()).toHaveLength(8);
  });
});

describe("containers of ours that nobody intended", () => {
  const spec = {
    name: "stray.1.1",
    hostname: "stray",
    image: "web",
    config: config(1),
    address: "172.17.0.1",
    hostPorts: {},
    env: {},
    owner: {
      cluster: "c0ffee",
      group: groupRef("gone", []),
      groupUid: "u9",
      slot: 1,
      generation: 1,
      configRevision: 1,
      fingerprint: "f",
    },
  };

  it("are removed when they were never started, although no group of theirs is stored", async () => {
    const house = new House();
    house.runtime.plant(spec, "created");
    house.startTerm();
    await house.clock.advance(1000);
    expect(house.runtime.containers.size).toBe(0);
  });

  it("are left alone when they run and their group is unknown", async () => {
    const house = new House();
    house.runtime.plant(spec, "running");
    house.startTerm();
    await house.clock.advance(3_600_000);
    expect(house.runtime.running()).toHaveLength(1);
    expect(changes(house)).toBe(0);
  });
});

describe("what happens to containers", () => {
  it("is seen by events: one that vanished is replaced at once", async () => {
    const house = new House();
    house.store.ask(WEB, config(3));
    house.startTerm();
    await house.untilReady(3);
    house.runtime.vanish(house.runtime.running()[1]?.spec.name ?? "");
    await house.untilReady(3, WEB, 2000);
    expect(house.runtime.count("create")).toBe(4);
  });

  it("is seen by probes: one that fails is told as unhealthy and as ready again", async () => {
    const house = new House();
    house.store.ask(WEB, config(1));
    house.startTerm();
    await house.untilReady(1);
    house.unwell.add(20000);
    await house.clock.advanceUntil(() => house.store.infos(WEB)[0]?.state === "unhealthy", 30_000);
    house.unwell.clear();
    await house.untilReady(1);
  });

  it("is followed to the end when the group is removed", async () => {
    const house = new House();
    house.store.ask(WEB, config(3));
    const term = house.startTerm();
    await house.untilReady(3);
    house.store.askRemoval(WEB, true);
    await house.clock.advanceUntil(() => house.runtime.containers.size === 0, 60_000);
    await house.clock.advance(1000);
    expect(house.store.snapshot(WEB).record).toBeUndefined();
    expect(house.runtime.count("removeVolumes")).toBe(1);
    expect(Object.keys(house.store.host("local")?.freedPorts ?? {})).toEqual(["20000", "20001", "20002"]);
    await house.clock.advance(60_000);
    expect(term.scheduler.status().groups).toEqual([]);
  });
});

import { describe, expect, it } from "@jest/globals";
import type { Evidence } from "../../../src/model/evidence.js";
import type { LogLine } from "../../../src/model/logs.js";
import type { SchedulerStore } from "../../../src/model/store.js";
import { config, House, WEB } from "../../support/scheduler-house.js";

const LINE: LogLine = { at: 7n, stream: "stderr", text: "no database" };
const PORTLESS = { ports: [] };

async function ready(more: Parameters<typeof config>[1] = {}): Promise<{ house: House; name: string }> {
  const house = new House();
  house.store.ask(WEB, config(1, more));
  house.startTerm();
  await house.untilReady(1);
  return { house, name: nameIn(house) };
}

const nameIn = ({ runtime }: House): string => runtime.running()[0]?.spec.name ?? "";
const kept = ({ store }: House): Evidence[] => [...store.evidence.values()];

/** A house whose store notes how many containers there were and which keys a container had when its evidence was kept. */
function noting(house: House): { store: SchedulerStore; seen: string[] } {
  const seen: string[] = [];
  const keepEvidence: SchedulerStore["keepEvidence"] = (fence, group, evidence) => {
    const { container } = evidence;
    const phase = house.store.intents(WEB).find(({ name }) => name === container)?.phase;
    seen.push(`${container} ${phase} ${[...house.runtime.containers.values()].map(({ status }) => status).join(" ")}`);
    return house.store.keepEvidence(fence, group, evidence);
  };
  const store = new Proxy(house.store, {
    get: (target, name) => {
      const member: unknown = name === "keepEvidence" ? keepEvidence : Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  return { store, seen };
}

describe("evidence of a container that ended by itself", () => {
  it("is in the store before the container is removed: exit code, answers, last lines", async () => {
    const house = new House();
    const { store, seen } = noting(house);
    house.store.ask(WEB, config(1));
    house.startTerm({ store });
    await house.untilReady(1);
    const name = nameIn(house);
    house.runtime.lines.set(name, [LINE]);
    house.runtime.exit(name, 3);
    await house.clock.advance(500);
    expect(seen).toEqual([`${name} running exited`]);
    expect(kept(house)).toEqual([
      {
        ...{ container: name, slot: 1, generation: 1, configRevision: 1, host: "local", at: expect.any(Number) },
        ...{ reason: "CONTAINER_EXITED", text: `${name} ended by itself with exit code 3` },
        ...{ exitCode: 3, outOfMemory: false, lines: [LINE] },
        health: expect.arrayContaining([expect.any(String)]),
      },
    ]);
    expect(house.runtime.containers.size).toBe(0);
  });

  it("is kept without lines, and says why, when the engine does not give them in two seconds", async () => {
    const { house, name } = await ready();
    house.runtime.latency = { logLines: 3_600_000 };
    house.runtime.exit(name, 3);
    await house.clock.advance(1900);
    expect(house.runtime.containers.size).toBe(1);
    await house.clock.advance(500);
    expect(kept(house)).toMatchObject([{ exitCode: 3, lines: [], unread: "Docker on local did not give it in 2 s" }]);
    expect(house.runtime.containers.has(name)).toBe(false);
  });

  it("is kept without lines when the engine refuses them", async () => {
    const { house, name } = await ready();
    house.runtime.refuse("logLines", "INTERNAL");
    house.runtime.exit(name, 3);
    await house.clock.advance(500);
    expect(kept(house)).toMatchObject([{ exitCode: 3, unread: "logLines was refused" }]);
  });

  it("leaves the container where it is as long as the store does not take it", async () => {
    const house = new House();
    const { store, seen } = noting(house);
    let refusals = 2;
    const stubborn = new Proxy(store, {
      get: (target, name) =>
        name === "keepEvidence" && refusals > 0
          ? async () => {
              refusals -= 1;
              return { ok: false, why: "stale" };
            }
          : Reflect.get(target, name, target),
    });
    house.store.ask(WEB, config(1));
    house.startTerm({ store: stubborn });
    await house.untilReady(1);
    const name = nameIn(house);
    house.runtime.exit(name, 3);
    await house.clock.advanceUntil(() => kept(house).length === 1, 5000);
    expect(seen).toEqual([`${name} running exited`]);
    await house.clock.advance(500);
    expect(house.runtime.count("remove")).toBe(1);
  });

  it("is not kept, and the container stays, when the store is put back to before it was made", async () => {
    const house = new House();
    const restore = house.store.backUp();
    house.store.ask(WEB, config(1));
    const term = house.startTerm();
    await house.untilReady(1);
    house.runtime.latency = { logLines: 500 };
    house.runtime.exit(nameIn(house), 3);
    await house.clock.advance(250);
    expect(house.runtime.count("logLines")).toBe(1);
    restore();
    await house.clock.advance(60_000);
    expect(house.runtime.count("remove")).toBe(0);
    expect(kept(house)).toEqual([]);
    await term.end();
  });

  it("is not kept of what ended as its group asks for, nor of what we have stopped", async () => {
    const { house, name } = await ready({ restart: "on-failure" });
    house.runtime.exit(name, 0);
    await house.clock.advance(60_000);
    house.store.ask(WEB, config(0));
    await house.clock.advance(60_000);
    expect(house.runtime.containers.size).toBe(0);
    house.store.ask(WEB, config(2));
    await house.untilReady(2);
    house.store.ask(WEB, config(1));
    await house.clock.advance(60_000);
    expect(house.runtime.containers.size).toBe(1);
    expect(kept(house)).toEqual([]);
  });
});

describe("evidence of a container that never served", () => {
  it("is kept of one that could not be started, before it is removed", async () => {
    const house = new House();
    const { store, seen } = noting(house);
    house.store.ask(WEB, config(1));
    house.runtime.refuse("start", "COMMAND_NOT_FOUND");
    house.startTerm({ store });
    await house.clock.advance(100);
    expect(seen).toEqual([expect.stringMatching(/ running created$/)]);
    expect(kept(house)).toMatchObject([{ reason: "COMMAND_NOT_FOUND", text: "start was refused", lines: [] }]);
    expect(kept(house)[0]).not.toHaveProperty("exitCode");
  });

  it("is kept of one that is unhealthy, before it is taken out, and only once", async () => {
    const { house, name } = await ready();
    house.runtime.lines.set(name, [LINE]);
    house.unwell.add(20000);
    await house.clock.advance(60_000);
    expect(house.store.infos(WEB)).toMatchObject([{ state: "unhealthy" }]);
    house.store.ask(WEB, config(0));
    await house.clock.advance(30_000);
    expect(house.runtime.containers.size).toBe(0);
    expect(kept(house)).toMatchObject([{ container: name, reason: "CONTAINER_UNHEALTHY", lines: [LINE] }]);
    expect(kept(house)[0]).not.toHaveProperty("exitCode");
    expect(house.runtime.count("logLines")).toBe(1);
  });

  it("is not kept of one that is replaced while it starts, if nothing was wrong with it", async () => {
    const house = new House();
    house.store.ask(WEB, config(1, PORTLESS));
    house.startTerm();
    await house.clock.advanceUntil(() => house.runtime.running().length === 1, 5000);
    house.store.ask(WEB, config(0, PORTLESS));
    await house.clock.advance(10_000);
    expect(house.runtime.containers.size).toBe(0);
    expect(kept(house)).toEqual([]);
  });

  it("says that there is nothing to read where another hand has removed it", async () => {
    const house = new House();
    house.store.ask(WEB, config(1, PORTLESS));
    house.startTerm();
    const isTold = () => house.store.infos(WEB).some(({ state }) => state === "starting");
    await house.clock.advanceUntil(isTold, 5000);
    const name = nameIn(house);
    house.runtime.vanish(name);
    await house.clock.advance(500);
    expect(kept(house)).toMatchObject([{ container: name, lines: [], unread: "the container is gone" }]);
  });
});

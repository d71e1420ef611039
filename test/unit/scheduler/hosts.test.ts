import { describe, expect, it } from "@jest/globals";
import { groupRef } from "../../../src/model/reference.js";
import { config, House, WEB } from "../../support/scheduler-house.js";

describe("a host", () => {
  it("has a record as soon as its engine has answered, written again only once a minute", async () => {
    const house = new House();
    house.startTerm();
    await house.clock.advance(10);
    const first = house.store.host("local");
    expect(first).toMatchObject({ engineId: "engine-local", address: "172.17.0.1", nextPort: 20000, cpu: 4 });
    await house.clock.advance(59_000);
    expect(house.store.host("local")).toBe(first);
    await house.clock.advance(10_000);
    expect(house.store.host("local")?.lastSeen).toBe((first?.lastSeen ?? 0) + 60_000);
  });

  it("is silent after two seconds and two tries, and no sooner", async () => {
    const house = new House();
    const term = house.startTerm();
    await house.clock.advance(10_100);
    house.runtime.down(true);
    await house.clock.advance(6800);
    expect(term.scheduler.status().hosts).toEqual([{ host: "local", reachable: true }]);
    await house.clock.advance(300);
    expect(term.scheduler.status().hosts[0]?.reachable).toBe(false);
    expect(house.store.host("local")?.problem?.reason).toBe("HOST_UNREACHABLE");
    house.runtime.down(false);
    await house.clock.advance(1000);
    expect(term.scheduler.status().hosts).toEqual([{ host: "local", reachable: true }]);
    expect(house.store.host("local")?.problem).toBeUndefined();
  });

  it("that hangs is silent too", async () => {
    const house = new House();
    const term = house.startTerm();
    await house.clock.advance(100);
    house.runtime.hang();
    await house.clock.advance(10_000);
    expect(term.scheduler.status().hosts[0]?.reachable).toBe(false);
    house.runtime.resume();
    await house.clock.advance(5000);
    expect(term.scheduler.status().hosts[0]?.reachable).toBe(true);
  });

  it("that is silent for the next leader too is silent in the words of what that one met", async () => {
    const house = new House();
    const term = house.startTerm();
    await house.clock.advance(100);
    house.runtime.hang();
    await house.clock.advance(10_000);
    const before = house.store.host("local")?.problem;
    expect(before?.text).toContain("within 2 s");
    await term.end();
    house.runtime.resume();
    house.runtime.down(true);
    const next = house.startTerm();
    await house.clock.advance(500);
    expect(next.scheduler.status().hosts[0]?.reachable).toBe(false);
    const after = house.store.host("local")?.problem;
    expect(after).toMatchObject({ reason: "HOST_UNREACHABLE", since: before?.since });
    expect(after?.text).not.toBe(before?.text);
  });

  it("tells the groups that are there, plans nothing for them, and goes on when it is back", async () => {
    const house = new House();
    house.store.ask(WEB, config(3));
    house.startTerm();
    await house.untilReady(3);
    house.runtime.down(true);
    await house.clock.advance(20_000);
    const attention = house.store.snapshot(WEB).slots?.value.attention ?? [];
    expect(attention.map(({ reason }) => reason)).toEqual(["HOST_UNREACHABLE"]);
    expect(house.readyCount()).toBe(3);
    house.store.ask(WEB, config(4));
    await house.clock.advance(20_000);
    expect(house.store.intents(WEB)).toHaveLength(3);
    house.runtime.down(false);
    await house.untilReady(4);
    await house.clock.advance(1000);
    expect(house.store.snapshot(WEB).slots?.value.attention).toEqual([]);
  });

  it("whose engine is another one is silent, never empty", async () => {
    const house = new House();
    house.store.ask(WEB, config(3));
    house.startTerm();
    await house.untilReady(3);
    house.runtime.engineId = "engine-2";
    const containers = new Map(house.runtime.containers);
    house.runtime.containers.clear();
    await house.clock.advance(60_000);
    expect(house.store.host("local")).toMatchObject({
      engineId: "engine-local",
      problem: { reason: "ENGINE_CHANGED" },
    });
    expect(house.runtime.count("create")).toBe(3);
    expect(house.store.intents(WEB)).toHaveLength(3);
    house.runtime.engineId = "engine-local";
    for (const [id, container] of containers) house.runtime.containers.set(id, container);
    await house.clock.advance(60_000);
    expect(house.store.host("local")?.problem).toBeUndefined();
    expect(house.runtime.count("create")).toBe(3);
  });

  it("that is down when the term begins is known to be so, and holds up nothing else", async () => {
    const house = new House({ hosts: ["a", "b"] });
    house.runtimes.get("a")?.down(true);
    house.store.ask(WEB, config(2));
    house.startTerm();
    await house.untilReady(2);
    expect(house.runtimes.get("b")?.running()).toHaveLength(2);
    expect(house.store.host("a")).toMatchObject({ engineId: "", problem: { reason: "HOST_UNREACHABLE" } });
  });

  it("that hangs blocks only itself", async () => {
    const house = new House({ hosts: ["a", "b"] });
    house.store.ask(WEB, config(4));
    house.startTerm();
    await house.untilReady(4);
    const [hung, other] = [house.runtimes.get("a"), house.runtimes.get("b")];
    expect([hung?.running().length, other?.running().length]).toEqual([2, 2]);
    hung?.hang();
    await house.clock.advance(20_000);
    const name = other?.running()[0]?.spec.name ?? "";
    other?.vanish(name);
    await house.clock.advance(5000);
    expect(other?.running()).toHaveLength(2);
    const another = groupRef("api", []);
    house.store.ask(another, config(2));
    await house.clock.advance(5000);
    expect(house.readyCount(another)).toBe(2);
    expect(other?.running()).toHaveLength(4);
    hung?.resume();
    await house.clock.advance(10_000);
    expect(hung?.running()).toHaveLength(2);
  });
});

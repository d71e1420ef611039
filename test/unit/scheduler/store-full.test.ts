import { describe, expect, it } from "@jest/globals";
import { TheseusError } from "../../../src/model/errors.js";
import type { SchedulerStore } from "../../../src/model/store.js";
import { CHANGING } from "../../support/fake-runtime.js";
import { config, House, WEB } from "../../support/scheduler-house.js";

/** Takes no writes while it is full; reads go on. */
function fillable(store: SchedulerStore) {
  const state = { full: false, refused: 0 };
  const refuse = () => {
    state.refused++;
    throw new TheseusError("STORE_FULL", { what: "the store is full" });
  };
  const wrapped: SchedulerStore = new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      const call = member.bind(target) as (...args: unknown[]) => unknown;
      return /^write/.test(String(name)) ? async (...args: unknown[]) => (state.full ? refuse() : call(...args)) : call;
    },
  });
  return { state, wrapped };
}

describe("a store that is full", () => {
  it("ends no term and no container, is not hammered, and is made up for within seconds", async () => {
    const house = new House();
    const { state, wrapped } = fillable(house.store);
    house.store.ask(WEB, config(3));
    const term = house.startTerm({ store: wrapped });
    await house.untilReady(3);
    state.full = true;
    house.store.ask(WEB, config(5));
    const changes = () => CHANGING.reduce((sum, method) => sum + house.runtime.count(method), 0);
    const before = changes();
    await house.clock.advance(10 * 60_000);
    expect(changes()).toBe(before);
    expect(house.readyCount()).toBe(3);
    expect(term.scheduler.status().leading).toBe(true);
    // Three kinds of writes wait, each tried every few seconds.
    expect(state.refused).toBeGreaterThan(10);
    expect(state.refused).toBeLessThan(10 * 60);
    state.full = false;
    await house.untilReady(5, WEB, 6000);
  });
});

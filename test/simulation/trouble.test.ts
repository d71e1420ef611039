// Answers that get lost, refusals that should not be, and a leader that does not know it lost its office: afterwards
// everything is exactly as asked.

import { describe, expect, it, jest } from "@jest/globals";
import type { Runtime } from "../../src/model/ports.js";
import { CHANGING, type Method } from "../support/fake-runtime.js";
import { config, House, WEB } from "../support/scheduler-house.js";

jest.setTimeout(120_000);

const NEW_IMAGE = "shop-web:2";

function newHouse(): House {
  const house = new House();
  house.runtime.images.set(NEW_IMAGE, { pinned: `${NEW_IMAGE}@sha256:2`, hasHealthcheck: false });
  house.runtime.latency = { create: 60, start: 200, stop: 100, remove: 50, list: 5 };
  return house;
}

function expectExactly({ runtime, store }: House, wanted: number): void {
  const names = [...runtime.containers.values()].map(({ spec }) => spec.name).sort();
  const slots = [...runtime.containers.values()].map(({ spec }) => spec.owner.slot).sort();
  expect(slots).toEqual(Array.from({ length: wanted }, (_, i) => i + 1));
  expect(runtime.running()).toHaveLength(wanted);
  const told = store.infos(WEB).filter(({ state }) => state === "ready");
  expect(told.map(({ instanceName }) => instanceName).sort()).toEqual(names);
}

/** Every kind of change, one after the other. */
async function changeEverything(house: House, rest: number): Promise<void> {
  const steps = [config(4), config(6, { image: NEW_IMAGE }), config(2, { image: NEW_IMAGE }), config(3)];
  for (const step of steps) {
    house.store.ask(WEB, step);
    await house.clock.advance(rest);
  }
}

describe("answers that get lost", () => {
  it.each(CHANGING)("leave nothing doubled and nothing behind: every third one to %s", async (method) => {
    const house = newHouse();
    const loseSome = (): void => house.runtime.loseReply(method);
    let calls = 0;
    const losing = new Proxy(house.runtime, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return (...args: unknown[]) => {
          if (name === method && ++calls % 3 === 0) loseSome();
          return Reflect.apply(member, target, args);
        };
      },
    });
    house.startTerm({ runtimes: new Map<string, Runtime>([["local", losing]]) });
    await changeEverything(house, 90_000);
    expectExactly(house, 3);
  });
});

describe("an engine that refuses now and then", () => {
  it.each<Method>(["create", "start", "stop", "remove", "setRestartPolicy"])(
    "is asked again until all is as asked: %s",
    async (method) => {
      const house = newHouse();
      house.startTerm();
      house.store.ask(WEB, config(3));
      house.runtime.refuse(method, "INTERNAL", { times: 3 });
      await house.clock.advance(60_000);
      house.runtime.refuse(method, "INTERNAL", { times: 3 });
      await changeEverything(house, 120_000);
      expectExactly(house, 3);
    },
  );
});

describe("a leader that does not know that it lost its office", () => {
  it.each([20, 90, 170, 300, 450, 700, 1100, 2000])(
    "does no harm when another takes over after %d ms",
    async (after) => {
      const house = newHouse();
      house.store.ask(WEB, config(3));
      const old = house.startTerm();
      await house.untilReady(3);
      house.store.ask(WEB, config(8, { image: NEW_IMAGE }));
      await house.clock.advance(after);
      house.startTerm();
      await house.clock.advance(180_000);
      await old.done;
      expectExactly(house, 8);
      const created = house.runtime.calls.filter((call) => call.startsWith("create "));
      const intended = house.store.writes.flatMap(({ write }) => (write.putIntents ?? []).map(({ name }) => name));
      for (const call of created) expect(intended).toContain(call.slice(7));
    },
  );
});

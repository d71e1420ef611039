import { describe, expect, it } from "@jest/globals";
import type { ActionKind } from "../../../src/model/action.js";
import type { UpdatePolicy } from "../../../src/model/group.js";
import { rolloutOf } from "../../../src/model/rollout.js";
import { plan } from "../../../src/planner/plan.js";
import { config, House, WEB } from "../../support/scheduler-house.js";

const UPDATE: UpdatePolicy = { maxParallel: "4", order: "start-first", minHealthyTime: 0 };

type Counted = { readonly house: House; passes: number };

/** Twenty ready ones, on an engine that takes its time. */
async function serving(): Promise<Counted> {
  const counted: { house?: House; passes: number } = { passes: 0 };
  const house = new House({
    plan: (input) => {
      counted.passes++;
      return plan(input);
    },
  });
  house.store.ask(WEB, config(20, { update: UPDATE }));
  house.startTerm();
  await house.untilReady(20);
  await house.clock.advance(30_000);
  house.runtime.latency = { create: 45, start: 450, list: 5, stop: 180, remove: 25, setRestartPolicy: 40 };
  return Object.assign(counted, { house });
}

/** Its plans never say so. */
function without(...kinds: readonly ActionKind[]): House {
  return new House({
    plan: (input) => {
      const whole = plan(input);
      return { ...whole, actions: whole.actions.filter(({ kind }) => !kinds.includes(kind)) };
    },
  });
}

const isDone = ({ store }: House): boolean =>
  rolloutOf(store.snapshot(WEB).rollouts?.value ?? { rollouts: [] }, 2)?.state === "done";

describe("an update of twenty containers", () => {
  it("asks the engine for nothing more than it takes", async () => {
    const counted = await serving();
    const { house } = counted;
    const before = ["create", "start", "stop", "remove", "setRestartPolicy", "list"] as const;
    const base = new Map(before.map((method) => [method, house.runtime.count(method)]));
    counted.passes = 0;
    house.store.ask(WEB, config(20, { update: UPDATE, env: { VERSION: "2" } }));
    await house.clock.advanceUntil(() => isDone(house), 60_000);
    const calls = Object.fromEntries(
      before.map((method) => [method, house.runtime.count(method) - (base.get(method) ?? 0)]),
    );
    expect(calls).toMatchObject({ create: 20, start: 20, stop: 20, remove: 20, setRestartPolicy: 0 });
    expect(counted.passes).toBeLessThan(60);
    expect(calls["list"]).toBeLessThanOrEqual(counted.passes);
    await house.clock.advance(1000);
    expect(house.runtime.count("setRestartPolicy") - (base.get("setRestartPolicy") ?? 0)).toBe(20);
  });

  it("removes what it has stopped before it looks again, and takes the keys away", async () => {
    const house = without("remove", "release");
    house.store.ask(WEB, config(3));
    house.startTerm();
    await house.untilReady(3);
    house.store.ask(WEB, config(2));
    await house.clock.advance(30_000);
    expect(house.runtime.containers.size).toBe(2);
    expect(house.store.snapshot(WEB).intents.size).toBe(2);
  });

  it("goes on with the next ones while old ones are still being stopped", async () => {
    const { house } = await serving();
    house.runtime.latency = { stop: 5000 };
    const created = house.runtime.count("create");
    house.store.ask(WEB, config(20, { update: UPDATE, env: { VERSION: "2" } }));
    await house.clock.advance(3000);
    expect(house.runtime.count("create") - created).toBeGreaterThan(4);
    expect(house.runtime.count("remove")).toBe(0);
  });

  it("launches what it has assigned before it looks again", async () => {
    const house = without("launch");
    house.store.ask(WEB, config(3));
    house.startTerm();
    await house.untilReady(3);
    expect(house.runtime.count("create")).toBe(3);
  });
});

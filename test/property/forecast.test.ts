// What a forecast promises is what the planner then does: the same order, the same places, never fewer ready than told.

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { GroupConfig, UpdatePolicy } from "../../src/model/group.js";
import { hostView } from "../../src/model/host-view.js";
import { heldByOthers } from "../../src/model/others.js";
import type { Forecast } from "../../src/model/plan.js";
import { forecast } from "../../src/planner/forecast.js";
import { aGroup, aHostRecord, anInfo, anIntent, aPin, aRunning, CLUSTER, changed, NOW } from "../support/builders.js";
import { type Pass, settle, type World } from "../support/perfect-world.js";

const GIB = 2 ** 30;

type Drawn = {
  readonly config: Partial<GroupConfig>;
  readonly update: UpdatePolicy;
  /** Hosts of the slots there are; undefined: an empty slot. */
  readonly places: readonly (number | undefined)[];
  readonly hosts: number;
  readonly instances: number;
};

const drawn: fc.Arbitrary<Drawn> = fc.record({
  config: fc.record(
    {
      ports: fc.constantFrom([{ name: "http", container: 8080 }], [{ name: "http", container: 8080, host: 18080 }]),
      cpu: fc.constantFrom(0.5, 1.5),
      mem: fc.constantFrom(GIB, 3 * GIB),
      maxPerHost: fc.integer({ min: 1, max: 3 }),
      distinctHost: fc.boolean(),
      volumes: fc.constant([{ name: "data", at: "/data" }]),
      spread: fc.constantFrom("host", "zone", "none"),
    },
    { requiredKeys: [] },
  ),
  update: fc.record(
    {
      order: fc.constantFrom<NonNullable<UpdatePolicy["order"]>>("auto", "start-first", "stop-first"),
      maxParallel: fc.constantFrom("1", "2", "50%"),
    },
    { requiredKeys: [] },
  ),
  places: fc.array(fc.option(fc.nat({ max: 2 }), { nil: undefined, freq: 6 }), { minLength: 1, maxLength: 6 }),
  hosts: fc.integer({ min: 1, max: 3 }),
  instances: fc.integer({ min: 1, max: 6 }),
});

/** A group whose containers are all ready, right after another image was asked for; and what was told before. */
function begun({ config, update, places, hosts: count, instances }: Drawn): { world: World; told: Forecast } {
  const policy = { ...update, minHealthyTime: 0 };
  const group = aGroup({ ...config, update: policy, instances: places.length });
  const intents = places.flatMap((host, i) =>
    host === undefined ? [] : [anIntent(group, { slot: i + 1, host: `h${host % count}` })],
  );
  const hosts = Array.from({ length: count }, (_, i) => aHostRecord({ name: `h${i}`, labels: [`zone=z${i % 2}`] }));
  const next = changed(group, { image: "web:2", instances });
  const slots = Object.fromEntries(
    intents.map(({ slot, generation, host }) => [slot, { generation, failures: 0, host }] as const),
  );
  const world: World = {
    ...{ group: next, uid: next.uid, clusterId: CLUSTER, intents, hosts, now: NOW },
    infos: new Map(intents.map((intent) => [intent.name, anInfo(group, intent)])),
    containers: intents.map((intent) => aRunning(group, intent)),
    slots: { slots, attention: [] },
  };
  const others = () => heldByOthers("", { reservations: [], strangers: [], otherNames: [] });
  const told = forecast({
    ...{ ref: group.ref, uid: group.uid, clusterId: CLUSTER, before: group.record, after: next.record.config, intents },
    ...{ found: aPin("web:2"), slots: world.slots, hosts: hosts.map((host) => hostView(host, { now: NOW, others })) },
  });
  return { world, told };
}

const readyIn = ({ world: { intents, infos } }: Pass): number =>
  intents.filter(({ name, phase }) => phase === "running" && infos.get(name)?.state === "ready").length;

describe("a forecast", () => {
  it("tells the order and the width of the window that the rollout then has", () => {
    fc.assert(
      fc.property(drawn, (one) => {
        const { world, told } = begun(one);
        const [rollout] = settle(world).world.rollouts?.rollouts ?? [];
        if (told.transition === undefined) expect(rollout?.replaces).toBe(false);
        else
          expect(rollout?.policy).toMatchObject({
            order: told.transition.order,
            maxParallel: told.transition.maxParallel,
          });
      }),
    );
  });

  it("where everything fits, is what becomes of it: each slot at its place, and nobody else", () => {
    fc.assert(
      fc.property(drawn, (one) => {
        const { world, told } = begun(one);
        if (told.refusals.length > 0) return;
        const end = settle(world).world;
        expect(end.rollouts?.rollouts[0]?.state).toBe("done");
        expect(end.intents.map(({ slot }) => slot).sort()).toEqual(
          Array.from({ length: one.instances }, (_, i) => i + 1),
        );
        if (told.transition !== undefined && told.transition.maxParallel > 1) return;
        const places = new Map(end.intents.map(({ slot, host }) => [slot, host]));
        for (const { slot, host } of told.placements) expect([slot, places.get(slot)]).toEqual([slot, host]);
      }),
    );
  });

  it("never promises more than stay ready", () => {
    fc.assert(
      fc.property(drawn, (one) => {
        const { world, told } = begun(one);
        if (told.transition === undefined || told.refusals.length > 0) return;
        for (const pass of settle(world).passes) {
          expect(readyIn(pass)).toBeGreaterThanOrEqual(told.transition.staying);
        }
      }),
    );
  });

  it("refuses nothing that the planner then finds a place for", () => {
    fc.assert(
      fc.property(drawn, (one) => {
        const { world, told } = begun(one);
        if (told.refusals.length === 0) return;
        expect(settle(world).world.rollouts?.rollouts[0]?.state).not.toBe("done");
      }),
    );
  });
});

import { describe, expect, it } from "@jest/globals";
import type { GroupConfig } from "../../../src/model/group.js";
import { carriedPin } from "../../../src/model/group-status.js";
import { type ForecastInput, forecast } from "../../../src/planner/forecast.js";
import { aGroup, aHost, anIntent, CLUSTER } from "../../support/builders.js";

const group = aGroup({ instances: 3 });
const intents = [1, 2, 3].map((slot) => anIntent(group, { slot }));

function forecastOf(after: GroupConfig | undefined, options: Partial<ForecastInput> = {}) {
  const { ref, uid, record: before } = group;
  return forecast({ ref, uid, clusterId: CLUSTER, before, after, intents, hosts: [aHost()], ...options });
}

describe("what a change would do", () => {
  it("nothing, for what replaces no container", () => {
    const after = { ...group.record.config, weight: 3, update: { maxParallel: "2" } };
    const nothing = { replaced: 0, created: 0, stopped: 0, placements: [], refusals: [], actions: [] };
    expect(forecastOf(after)).toEqual(nothing);
  });

  it("replaces every container for another image", () => {
    const { replaced, placements } = forecastOf({ ...group.record.config, image: "web:2" });
    expect(replaced).toBe(3);
    expect(placements).toEqual([1, 2, 3].map((slot) => ({ slot, host: "local" })));
  });

  it("replaces only what is not like that already", () => {
    const after = { ...group.record.config, env: { A: "1" } };
    const done = anIntent({ ...group, record: { ...group.record, config: after } }, { slot: 1, generation: 2 });
    expect(forecastOf(after, { intents: [done, ...intents.slice(1)] }).replaced).toBe(2);
  });

  it("replaces every container for a restart, and what an earlier one has left over", () => {
    const { config } = group.record;
    expect(forecastOf(config, { restart: true })).toMatchObject({ replaced: 3, placements: [{}, {}, {}] });
    const before = { ...group.record, configRevision: 2, restart: 2 };
    const again = anIntent(group, { slot: 1, generation: 2, configRevision: 2 });
    expect(forecastOf({ ...config, weight: 3 }, { before, intents: [again, ...intents.slice(1)] }).replaced).toBe(2);
  });

  it("replaces what was not made of the image that is named", () => {
    const { config, pin } = group.record;
    expect(forecastOf(config, { pin, before: undefined }).replaced).toBe(0);
    expect(forecastOf(config, { pin: { asked: "web:1", pinned: "web:1@sha256:other" } }).replaced).toBe(3);
  });

  it("creates, stops and places when scaling", () => {
    expect(forecastOf({ ...group.record.config, instances: 5 })).toMatchObject({ created: 2, replaced: 0, stopped: 0 });
    expect(forecastOf({ ...group.record.config, instances: 1 })).toMatchObject({ stopped: 2, created: 0, replaced: 0 });
    expect(forecastOf({ image: "web:1" })).toMatchObject({ created: 0, stopped: 0 });
  });

  it("stops everything when the group is removed", () => {
    expect(forecastOf(undefined)).toMatchObject({ stopped: 3, created: 0, replaced: 0 });
  });

  it("creates a new group", () => {
    const { ref } = group;
    const made = forecast({
      ref,
      clusterId: CLUSTER,
      after: { image: "web:1", instances: 2 },
      intents: [],
      hosts: [aHost()],
    });
    expect(made).toMatchObject({ created: 2, placements: [{ slot: 1 }, { slot: 2 }] });
  });

  it("says what fits nowhere, one slot giving its place back at a time", () => {
    const after = { ...group.record.config, mem: 2.5 * 2 ** 30 };
    expect(forecastOf(after).refusals).toEqual([]);
    const { refusals, placements } = forecastOf({ ...after, instances: 4 });
    expect(placements.map(({ slot }) => slot)).toEqual([4, 1, 2]);
    expect(refusals.map(({ slot }) => slot)).toEqual([3]);
  });
});

describe("the pin of a new config", () => {
  it("is the old one while image and pull policy stay", () => {
    const { record } = group;
    expect(carriedPin(record, { ...record.config, env: { A: "1" }, pull: "missing" })).toEqual(record.pin);
    expect(carriedPin(record, { ...record.config, pull: "always" })).toBeUndefined();
    expect(carriedPin(record, { ...record.config, image: "web:2" })).toBeUndefined();
    expect(carriedPin(undefined, record.config)).toBeUndefined();
  });
});

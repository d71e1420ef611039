// How a forecast says that containers would be replaced: order, batches, promise, and slot by slot.

import { describe, expect, it } from "@jest/globals";
import type { GroupConfig } from "../../../src/model/group.js";
import type { Forecast } from "../../../src/model/plan.js";
import { type ForecastInput, forecast } from "../../../src/planner/forecast.js";
import { aGroup, aHost, anIntent, aPin, CLUSTER } from "../../support/builders.js";

const GIB = 2 ** 30;

/** Six containers of another config, and what they would be replaced with. */
function replacing(config: Partial<GroupConfig>, options: Partial<ForecastInput> = {}): Forecast {
  const group = aGroup({ instances: 6, ...config });
  const intents = [1, 2, 3, 4, 5, 6].map((slot) => anIntent(group, { slot, fingerprint: "old" }));
  const { ref, uid, record: before } = group;
  return forecast({
    ref,
    uid,
    clusterId: CLUSTER,
    before,
    after: before.config,
    intents,
    hosts: [aHost()],
    ...options,
  });
}

const batches = ({ actions }: Forecast): number[] => actions.map(({ batch }) => batch);

describe("the order that would be decided on", () => {
  it("is start-first where the first batch fits beside", () => {
    expect(replacing({}).transition).toEqual({ order: "start-first", maxParallel: 1, batches: 6, staying: 6 });
  });

  it("is stop-first with a fixed host port, and says which", () => {
    const { transition, refusals } = replacing({
      ports: [{ name: "https", container: 8443, host: 8443 }],
      instances: 1,
    });
    expect(transition).toMatchObject({ order: "stop-first", whyNotBeside: "fixed port 8443 (https)" });
    expect(refusals).toEqual([]);
  });

  it("is stop-first where there is no room, and says on which host", () => {
    const { transition, placements } = replacing({ mem: 1.3 * GIB });
    expect(transition).toMatchObject({ order: "stop-first", staying: 5 });
    expect(transition?.whyNotBeside).toMatch(/^no host has room beside the old one: local: it has 204 MiB of 8192 MiB/);
    expect(placements).toHaveLength(6);
  });

  it("is the one that was asked for, although it cannot be done: then nothing fits", () => {
    const { transition, refusals, actions } = replacing({ mem: 1.3 * GIB, update: { order: "start-first" } });
    expect(transition?.order).toBe("start-first");
    expect(transition?.whyNotBeside).toMatch(/^no host has room/);
    expect([refusals.length, actions.length]).toEqual([6, 0]);
  });

  it("does not explain what nobody wants", () => {
    expect(replacing({ update: { order: "stop-first" } }).transition).not.toHaveProperty("whyNotBeside");
  });
});

describe("the batches", () => {
  it("are as large as the window, and of the rest", () => {
    const told = replacing({ update: { maxParallel: "4", order: "stop-first" } });
    expect(batches(told)).toEqual([1, 1, 1, 1, 2, 2]);
    expect(told.transition).toMatchObject({ maxParallel: 4, batches: 2, staying: 2 });
  });

  it("take percentages of the instances", () => {
    expect(replacing({ update: { maxParallel: "50%" } }).transition).toMatchObject({ maxParallel: 3, batches: 2 });
  });

  it("end where the steps of the policy wait", () => {
    expect(batches(replacing({ update: { maxParallel: "3", canary: 1 } }))).toEqual([1, 2, 2, 2, 3, 3]);
    const steps = ["2", "pause", "50%", "5m", "100%"];
    expect(batches(replacing({ update: { maxParallel: "6", steps } }))).toEqual([1, 1, 2, 3, 3, 3]);
  });
});

describe("what is done to each slot", () => {
  it("creations come at once, then what is too many, then what is replaced", () => {
    const group = aGroup({ instances: 3 });
    const intents = [1, 3, 5, 4].map((slot) => anIntent(group, { slot }));
    const { ref, uid, record: before } = group;
    const after = { ...before.config, env: { A: "1" } };
    const { actions } = forecast({ ref, uid, clusterId: CLUSTER, before, after, intents, hosts: [aHost()] });
    expect(actions).toEqual([
      { slot: 2, kind: "create", to: "local", batch: 0 },
      { slot: 5, kind: "stop", from: "local", batch: 0 },
      { slot: 4, kind: "stop", from: "local", batch: 0 },
      { slot: 1, kind: "replace", from: "local", to: "local", batch: 1 },
      { slot: 3, kind: "replace", from: "local", to: "local", batch: 2 },
    ]);
  });

  it("the order of the facts does not matter", () => {
    const group = aGroup({ instances: 6 });
    const intents = [4, 2, 6, 1, 3, 5].map((slot) => anIntent(group, { slot, fingerprint: "old" }));
    expect(replacing({}, { intents })).toEqual(replacing({}));
  });

  it("goes where there is room, and says why not on the other hosts", () => {
    const hosts = [aHost({ name: "b" }), aHost({ name: "a", reachable: false, problem: "nothing listens there" })];
    const { actions } = replacing({ update: { order: "stop-first" } }, { hosts });
    expect(actions[0]).toEqual({ slot: 1, kind: "replace", from: "local", to: "b", batch: 1 });
    const full = replacing({ mem: 9 * GIB, update: { order: "stop-first" } }, { hosts });
    expect(full.refusals[0]?.hosts).toMatchObject([
      { host: "a", reason: "HOST_UNREACHABLE", text: "nothing listens there" },
      { host: "b", reason: "NO_HOST_FITS" },
    ]);
  });
});

describe("an image that was looked up", () => {
  const after: GroupConfig = { image: "web:2", instances: 6 };

  it("is told with what it was before", () => {
    const { image, replaced } = replacing({}, { after, found: { pinned: "web@sha256:2" } });
    expect(image).toEqual({ asked: "web:2", before: "web:1@sha256:0", pinned: "web@sha256:2" });
    expect(replaced).toBe(6);
  });

  it("replaces nothing when it is the same under another pull policy", () => {
    const group = aGroup({ instances: 1 });
    const { ref, uid, record: before } = group;
    const always = { ...before.config, pull: "always" as const };
    const input = { ref, uid, clusterId: CLUSTER, before, after: always, hosts: [aHost()] };
    const intents = [anIntent(group)];
    expect(forecast({ ...input, intents, found: { pinned: aPin("web:1").pinned } }).replaced).toBe(0);
    expect(forecast({ ...input, intents }).replaced).toBe(1);
  });

  it("that nobody knows is said, and hinders nothing", () => {
    const { image, placements } = replacing({}, { after, found: { unknown: "the registry does not answer" } });
    expect(image).toMatchObject({ asked: "web:2", problem: "the registry does not answer" });
    expect(placements).toHaveLength(6);
  });

  it("that does not exist is a refusal of every slot, and nothing is stopped for it", () => {
    const missing = { host: "local", reason: "IMAGE_NOT_FOUND", text: "there is no web:2" } as const;
    const { refusals, actions, replaced } = replacing({}, { after, found: { missing } });
    expect(refusals).toEqual([1, 2, 3, 4, 5, 6].map((slot) => ({ slot, hosts: [missing] })));
    expect([actions, replaced]).toEqual([[], 6]);
  });
});

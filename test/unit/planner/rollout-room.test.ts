import { describe, expect, it } from "@jest/globals";
import type { GroupConfig, UpdatePolicy } from "../../../src/model/group.js";
import type { Group } from "../../../src/model/plan.js";
import { groupRef } from "../../../src/model/reference.js";
import { NO_ROLLOUTS, type Order, type RolloutPolicy } from "../../../src/model/rollout.js";
import type { SlotsRecord } from "../../../src/model/slots.js";
import { forecast } from "../../../src/planner/forecast.js";
import { plan } from "../../../src/planner/plan.js";
import {
  aGroup,
  aHost,
  anIntent,
  aRollout,
  CLUSTER,
  changed,
  doings,
  notedRollout,
  type Part,
  ready,
  situation,
} from "../../support/builders.js";

const GIB = 2 ** 30;
const noRestart = { container: { restartPolicy: "no" as const } };
const at = (host: string) => ({ ...noRestart, intent: { host } });
const room = (mem: number) => [aHost({ mem })];

type Case = {
  readonly instances?: number;
  readonly before?: Partial<GroupConfig>;
  readonly after?: Partial<GroupConfig>;
  readonly policy?: Partial<RolloutPolicy>;
};

function update({ instances = 3, before = {}, after = {}, policy = {} }: Case) {
  const own: UpdatePolicy = { order: policy.order ?? "stop-first" };
  const old = aGroup({ instances, restart: "on-failure", update: own, ...before });
  const now = changed(old, { image: "web:2", ...after });
  const done = aRollout({ to: 1, state: "done" });
  const rollouts = { rollouts: [aRollout({ policy }), done] };
  const next = (parts: readonly Part[], hosts = [aHost()]) => plan(situation(now, parts, { hosts, rollouts }));
  return { old, now, next };
}

describe("a slot that fits nowhere", () => {
  const volume = { volumes: [{ name: "data", at: "/data" }] };
  const onlyB = aHost({ name: "b" });
  /** The volume of slot 1 is on a host that is gone. */
  const lost = { slots: { 1: { generation: 1, failures: 0, host: "gone" } }, attention: [] };
  const hosts = (mem: number) => [aHost({ name: "a", mem }), aHost({ name: "b" })];

  it("keeps its old container, and the others go on without it, stop-first", () => {
    const { old, next } = update({ before: { ...volume, mem: 1 * GIB }, after: { mem: 2 * GIB } });
    const parts = [ready(old, 1, at("a")), ready(old, 2, at("b")), ready(old, 3, at("b"))];
    const made = next(parts, hosts(1 * GIB));
    expect(doings(made)).toEqual(["noteAttention NO_HOST_FITS", "drain 2"]);
    expect(made.refusals).toMatchObject([{ slot: 1 }]);
  });

  it("keeps its old container, and the others go on without it, start-first", () => {
    const policy = { order: "start-first" } as const;
    const { old, next } = update({ before: { ...volume, mem: 1 * GIB }, after: { mem: 2 * GIB }, policy });
    const parts = [ready(old, 1, at("a")), ready(old, 2, at("b")), ready(old, 3, at("b"))];
    const made = next(parts, hosts(2 * GIB));
    expect(doings(made)).toEqual(["noteAttention NO_HOST_FITS", "assign 2"]);
    expect(made.refusals).toMatchObject([{ slot: 1 }]);
  });

  it("and is empty takes no place of the window, start-first", () => {
    const policy = { order: "start-first" } as const;
    const { old, now } = update({ instances: 2, before: volume, policy });
    const rollouts = { rollouts: [aRollout({ policy })] };
    const parts = [ready(old, 2, at("b"))];
    const next = (slots: SlotsRecord) => doings(plan(situation(now, parts, { hosts: [onlyB], rollouts, slots })));
    expect(next(lost)).toEqual(["noteAttention NO_HOST_FITS", "assign 2"]);
    expect(next({ slots: {}, attention: [] })).toEqual(["assign 1"]);
  });

  it("and is empty is one of those that may be missing, stop-first: what serves is not stopped below that", () => {
    const { old, now } = update({ instances: 3, before: volume });
    const parts = [ready(old, 2, at("b")), ready(old, 3, at("b"))];
    const stuck = { hosts: [onlyB], slots: lost };
    const one = { rollouts: { rollouts: [aRollout({ policy: { maxParallel: 1 } })] } };
    expect(doings(plan(situation(now, parts, { ...stuck, ...one })))).toEqual(["noteAttention NO_HOST_FITS"]);
    const two = { rollouts: { rollouts: [aRollout({ policy: { maxParallel: 2 } })] } };
    expect(doings(plan(situation(now, parts, { ...stuck, ...two })))).toEqual([
      "noteAttention NO_HOST_FITS",
      "drain 2",
    ]);
  });

  it("is not made: of two that would fit alone only one is stopped when both would not fit together", () => {
    const { old, next } = update({ before: { mem: 2 * GIB }, after: { mem: 4 * GIB }, policy: { maxParallel: 3 } });
    const parts = [1, 2, 3].map((slot) => ready(old, slot, noRestart));
    expect(doings(next(parts, room(8 * GIB)))).toEqual(["noteAttention NO_HOST_FITS,NO_HOST_FITS", "drain 1"]);
  });
});

describe("a container that is too many, on the only host that an empty slot fits on", () => {
  const spread = { instances: 2, distinctHost: true, restart: "on-failure" } as const;
  const two = [aHost({ name: "a" }), aHost({ name: "b" })];
  const scaled = (config: Partial<GroupConfig>) =>
    changed(aGroup({ ...spread, instances: 3 }), { ...spread, ...config });
  const running = (order: Order = "stop-first") => ({
    hosts: two,
    rollouts: { rollouts: [aRollout({ replaces: false, policy: { order } })] },
  });

  it("gives way to it", () => {
    const group = scaled({});
    const parts = [ready(group, 2, at("a")), ready(group, 3, at("b"))];
    const next = plan(situation(group, parts, running()));
    expect(doings(next)).toEqual(["noteAttention NO_HOST_FITS", "drain 3"]);
  });

  it("stays where the group may never have fewer, and where its place does not help", () => {
    const strict = scaled({ update: { order: "start-first" } });
    const parts = [ready(strict, 2, at("a")), ready(strict, 3, at("b"))];
    expect(doings(plan(situation(strict, parts, running("start-first"))))).toEqual(["noteAttention NO_HOST_FITS"]);
    const bound = scaled({ constraints: "zone=eu" });
    const others = [ready(bound, 2, at("a")), ready(bound, 3, at("b"))];
    expect(doings(plan(situation(bound, others, running())))).toEqual(["noteAttention NO_HOST_FITS"]);
  });

  it("is why such a rollout is stop-first, unless the group says otherwise", () => {
    const orderOf = (group: Group, hosts = two) => {
      const parts = [ready(group, 2, at("a")), ready(group, 3, at("b"))];
      return notedRollout(plan(situation(group, parts, { hosts, rollouts: NO_ROLLOUTS })), 2)?.policy.order;
    };
    expect(orderOf(scaled({}))).toBe("stop-first");
    expect(orderOf(scaled({}), [...two, aHost({ name: "c" })])).toBe("start-first");
    expect(orderOf(scaled({ update: { order: "start-first" } }))).toBe("start-first");
  });

  it("is foretold to do so", () => {
    const group = scaled({});
    const intents = [anIntent(group, { slot: 2, host: "a" }), anIntent(group, { slot: 3, host: "b" })];
    const { record } = aGroup({ ...spread, instances: 3 });
    const told = forecast({
      ...{ ref: groupRef("web", ["dev"]), clusterId: CLUSTER, uid: "u1", before: record },
      ...{ after: group.record.config, intents, hosts: two },
    });
    expect(told).toMatchObject({ created: 1, stopped: 1, refusals: [], placements: [{ slot: 1, host: "b" }] });
  });
});

import { describe, expect, it } from "@jest/globals";
import { MINUTE } from "../../../src/model/instant.js";
import type { Attention } from "../../../src/model/slots.js";
import { plan } from "../../../src/planner/plan.js";
import {
  aGroup,
  anInfo,
  anIntent,
  aRunning,
  created,
  doings,
  NOW,
  only,
  ready,
  situation,
} from "../../support/builders.js";

const group = aGroup({ instances: 1 });
const slots = { slots: { 1: { generation: 3, failures: 0 } }, attention: [] };
const stray = (generation: number, options = {}) => ({
  container: aRunning(group, anIntent(group, { generation }), { restartPolicy: "no", ...options }),
});

describe("a container of ours without an intent", () => {
  it("is removed when it was never started", () => {
    const { container } = created(group, 1, { intent: { generation: 2 } });
    const next = plan(
      situation(group, [{ ...(container && { container }) }, ready(group, 1, { intent: { generation: 3 } })], {
        slots,
      }),
    );
    expect(doings(next)).toEqual(["removeStray"]);
  });

  it("is kept for ten minutes when it was started, and people are told", () => {
    const first = plan(situation(group, [stray(2)], { slots }));
    expect(doings(first)).toEqual(["noteAttention STORE_DAMAGED", "assign 1"]);
    expect(only(first, "assign").intents[0]?.generation).toBe(4);
    expect(first.lookAgainAt).toBe(NOW + 10 * MINUTE);
  });

  it("is then stopped like any other, its intent written again from its labels", () => {
    const { attention } = only(plan(situation(group, [stray(2)], { slots })), "noteAttention");
    const there = ready(group, 1, { intent: { generation: 3 } });
    const later = plan(
      situation(group, [stray(2), there], {
        slots: { ...slots, attention: attention.map((one) => ({ ...one, since: NOW - 10 * MINUTE })) },
      }),
    );
    expect(doings(later)).toEqual(["drain 1"]);
    expect(only(later, "drain").intent).toEqual({
      ...anIntent(group, { generation: 2 }),
      hostPorts: {},
      reserves: undefined,
      phase: "draining",
      reason: expect.any(String),
    });
  });

  it("keeps its slot where two at once would share what only one may have", () => {
    const single = aGroup({ volumes: [{ name: "data", at: "/data" }] });
    const intent = anIntent(single, { generation: 2 });
    const next = plan(situation(single, [{ container: aRunning(single, intent) }], { slots }));
    expect(doings(next)).toEqual(["noteAttention STORE_DAMAGED"]);
  });

  it("that is newer than the store knows proves a restored store: nothing of the group is touched", () => {
    const wide = aGroup({ instances: 3 });
    const { intent, info } = ready(wide, 2, { intent: { generation: 1 } });
    const { container } = created(wide, 3, { intent: { generation: 1 } });
    const newer = aRunning(wide, anIntent(wide, { generation: 4 }));
    const next = plan(
      situation(wide, [{ container: newer }, { intent, info }, { ...(container && { container }) }], {
        slots: { slots: { 1: { generation: 3, failures: 0 }, 2: { generation: 1, failures: 0 } }, attention: [] },
      }),
    );
    expect(doings(next)).toEqual(["noteAttention STORE_DAMAGED,STORE_DAMAGED", "publish 2 lost"]);
    expect(only(next, "noteAttention").attention[0]?.text).toContain(newer.name);
  });

  it("that is damage only is not stopped either while another one proves a restored store", () => {
    const input = situation(group, [stray(2), stray(4)], { slots });
    const { attention } = only(plan(input), "noteAttention");
    const noted = { ...slots, attention: attention.map((one) => ({ ...one, since: NOW - 60 * MINUTE })) };
    expect(plan({ ...input, slots: noted }).actions).toEqual([]);
  });

  it("of another uid is left alone, unless it was never started", () => {
    const other = aGroup({ uid: "gone" });
    const there = ready(group, 1);
    const started = aRunning(other, anIntent(other, { generation: 2 }), { restartPolicy: "no" });
    const next = plan(situation(group, [there, { container: started }]));
    expect(doings(next)).toEqual(["noteAttention STORE_DAMAGED"]);
    const attention = only(next, "noteAttention").attention.map((one) => ({ ...one, since: NOW - 60 * MINUTE }));
    const later = situation(group, [there, { container: started }]);
    expect(plan({ ...later, slots: { ...later.slots, attention } }).actions).toEqual([]);
    const { container } = created(other);
    expect(doings(plan(situation(group, [there, { ...(container && { container }) }])))).toEqual(["removeStray"]);
  });

  it("is recognised by slot and generation when a person has renamed it", () => {
    const renamed = ready(group, 1, { container: { name: "my-web" } });
    expect(plan(situation(group, [renamed])).actions).toEqual([]);
  });

  it("that copies the labels of another is a stray, and the one with the name is not", () => {
    const there = ready(group, 1);
    const copy = { ...there.container, id: "a-copy", name: "copy" };
    const next = plan(situation(group, [{ container: copy }, there]));
    expect(doings(next)).toEqual(["noteAttention STORE_DAMAGED"]);
    expect(only(next, "noteAttention").attention[0]?.text).toMatch(/^copy /);
  });
});

describe("a group whose config was deleted by another hand", () => {
  const there = ready(group, 1, { container: { restartPolicy: "no" } });

  it("keeps its containers for ten minutes, then they go", () => {
    const first = plan(situation(undefined, [there], { uid: "u1" }));
    expect(doings(first)).toEqual(["noteAttention STORE_DAMAGED"]);
    expect(first.lookAgainAt).toBe(NOW + 10 * MINUTE);
    const { attention } = only(first, "noteAttention");
    const old: Attention[] = attention.map((one) => ({ ...one, since: NOW - 10 * MINUTE }));
    const later = plan(situation(undefined, [there], { uid: "u1", slots: { ...slots, attention: old } }));
    expect(doings(later)).toEqual(["drain 1"]);
  });

  it("takes the time of the damage from its caller where the store has nowhere to keep it", () => {
    const early = plan(situation(undefined, [there], { damagedSince: NOW - MINUTE }));
    expect(early.actions).toEqual([]);
    expect(early.lookAgainAt).toBe(NOW + 9 * MINUTE);
    expect(doings(plan(situation(undefined, [there], { damagedSince: NOW - 10 * MINUTE })))).toEqual(["drain 1"]);
  });

  it("lets what was on its way out go on, and drops what is gone", () => {
    const leaving = ready(group, 1, { intent: { phase: "stopping" } });
    const { intent, info } = ready(group, 2);
    const next = plan(situation(undefined, [leaving, { intent, info }], { uid: "u1" }));
    expect(doings(next)).toEqual(["noteAttention STORE_DAMAGED", "stop 1", "release 2"]);
  });

  it("with nothing left needs nothing", () => {
    expect(plan(situation(undefined, []))).toMatchObject({
      actions: [],
      status: { state: "steady", wanted: undefined },
    });
  });
});

describe("an endpoint of ours with neither intent nor container", () => {
  it("is taken out of discovery", () => {
    const gone = anIntent(group, { slot: 2 });
    const next = plan(situation(group, [ready(group, 1), { info: anInfo(group, gone) }]));
    expect(doings(next)).toEqual(["release 2"]);
  });

  it("that somebody else wrote is never touched", () => {
    const theirs = anInfo(group, anIntent(group, { slot: 2 }), { instanceName: "by-hand" });
    const plain = { instanceName: "x", instanceHost: "10.0.0.1", instancePort: 1, portMappings: {} };
    expect(plan(situation(group, [ready(group, 1), { info: theirs }, { info: plain }])).actions).toEqual([]);
  });
});

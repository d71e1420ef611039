import { describe, expect, it } from "@jest/globals";
import type { Attention } from "../../../src/model/slots.js";
import { slotDelay } from "../../../src/planner/backoff.js";
import { plan } from "../../../src/planner/plan.js";
import { aGroup, doings, exited, NOW, only, ready, situation, slotsOf } from "../../support/builders.js";

const group = aGroup();
const failedInfo = { info: { state: "failed" as const } };

function noted(exitCode = 1): Attention {
  const { intent } = exited(group);
  const text = `${intent.name} ended by itself with exit code ${exitCode}`;
  return { reason: "CONTAINER_EXITED", slot: 1, host: "local", text, since: NOW - 5 };
}

describe("a container that ended by itself", () => {
  it("is told and noted before it is removed", () => {
    const first = plan(situation(group, [exited(group)]));
    expect(doings(first)).toEqual(["noteAttention CONTAINER_EXITED", "publish 1 failed"]);
    expect(only(first, "noteAttention").attention[0]?.text).toMatch(/ended by itself with exit code 1$/);
  });

  it("is not removed while its exit is not stored", () => {
    expect(doings(plan(situation(group, [exited(group, 1, 1, failedInfo)])))).toEqual([
      "noteAttention CONTAINER_EXITED",
    ]);
  });

  it("is removed once all that is known of it is stored", () => {
    const part = exited(group, 1, 1, failedInfo);
    const slots = { ...slotsOf([part.intent]), attention: [noted()] };
    expect(doings(plan(situation(group, [part], { slots })))).toEqual(["remove 1"]);
  });

  it("stays noted while the engine removes it", () => {
    const part = exited(group, 1, 1, { ...failedInfo, container: { status: "removing" } });
    const slots = { ...slotsOf([part.intent]), attention: [noted()] };
    expect(doings(plan(situation(group, [part], { slots })))).toEqual([]);
  });

  it("is released with a failure that says when the slot is tried again", () => {
    const { intent, info } = exited(group, 1, 1, failedInfo);
    const slots = { slots: { 1: { generation: 1, failures: 3 } }, attention: [noted()] };
    const { failure } = only(plan(situation(group, [{ intent, info }], { slots })), "release");
    expect(failure).toEqual({
      counts: true,
      attention: { ...noted(), since: NOW, retryAt: NOW + 8000 },
    });
  });

  it("names running out of memory", () => {
    const oom = exited(group, 1, 137, { container: { outOfMemory: true } });
    expect(only(plan(situation(group, [oom])), "noteAttention").attention[0]?.text).toMatch(/out of memory .*137/);
  });

  it("is left to the engine for a moment when the engine restarts it", () => {
    const part = exited(group, 1, 1, { container: { restartPolicy: "unless-stopped", finishedAt: NOW - 500 } });
    const waiting = plan(situation(group, [part]));
    expect(waiting.actions).toEqual([]);
    expect(waiting.lookAgainAt).toBe(NOW + 1500);
    const byHand = exited(group, 1, 0, { container: { restartPolicy: "unless-stopped", finishedAt: NOW - 2000 } });
    expect(doings(plan(situation(group, [byHand])))).toContain("publish 1 failed");
  });

  it("stays as it is where the group asks for no restart", () => {
    const never = aGroup({ restart: "never" });
    const ended = exited(never, 1, 0, { info: { state: "stopped" } });
    expect(plan(situation(never, [ended])).actions).toEqual([]);
    expect(doings(plan(situation(never, [exited(never, 1, 0)])))).toEqual(["publish 1 stopped"]);
    expect(doings(plan(situation(never, [exited(never, 1, 2)])))).toEqual([
      "noteAttention CONTAINER_EXITED",
      "publish 1 failed",
    ]);
    const { intent, info } = ended;
    expect(plan(situation(never, [{ intent, info }])).actions).toEqual([]);
  });

  it("is replaced on failure only where the group asks for that", () => {
    const onFailure = aGroup({ restart: "on-failure" });
    expect(doings(plan(situation(onFailure, [exited(onFailure, 1, 0)])))).toEqual(["publish 1 stopped"]);
    expect(doings(plan(situation(onFailure, [exited(onFailure, 1, 1)])))).toContain("publish 1 failed");
  });
});

describe("a container that vanished", () => {
  const { intent, info } = ready(group);

  it("is released at once the first time, and its slot filled in the next pass", () => {
    const next = plan(situation(group, [{ intent, info }]));
    expect(doings(next)).toEqual(["release 1"]);
    expect(only(next, "release")).not.toHaveProperty("failure");
    expect(doings(plan(situation(group, [], { slots: slotsOf([intent]) })))).toEqual(["assign 1"]);
  });

  it("counts when the slot has failed before, or when it never got ready", () => {
    const before = { slots: { 1: { generation: 1, failures: 1 } }, attention: [] };
    expect(only(plan(situation(group, [{ intent, info }], { slots: before })), "release").failure?.counts).toBe(true);
    const unready = { intent, info: { ...info, state: "starting" as const } };
    expect(only(plan(situation(group, [unready])), "release").failure?.attention.retryAt).toBe(NOW + 1000);
  });
});

describe("back-off", () => {
  it("is 1 s, doubling to 5 minutes", () => {
    expect([0, 1, 2, 3, 9, 10, 1000].map(slotDelay)).toEqual([0, 1000, 2000, 4000, 256_000, 300_000, 300_000]);
  });

  it("leaves the slot empty until its time, and the others alone", () => {
    const two = aGroup({ instances: 2 });
    const slots = { slots: { 1: { generation: 4, failures: 2, notBefore: NOW + 700 } }, attention: [] };
    const next = plan(situation(two, [], { slots }));
    expect(doings(next)).toEqual(["assign 2"]);
    expect(next.lookAgainAt).toBe(NOW + 700);
    const later = plan(situation(two, [], { slots, now: NOW + 700 }));
    expect(doings(later)).toEqual(["assign 1,2"]);
  });

  it("ends when the config was changed after the failure, which may be the cure", () => {
    const { record } = group;
    const slots = (failedAt: number) => ({
      slots: {
        1: { generation: 4, failures: 9, notBefore: NOW + 200_000, attention: { ...noted(), since: failedAt } },
      },
      attention: [],
    });
    const cured = (time: number) => ({ ...group, record: { ...record, change: { ...record.change, time } } });
    expect(doings(plan(situation(cured(NOW - 10), [], { slots: slots(NOW - 20) })))).toEqual(["assign 1"]);
    expect(doings(plan(situation(cured(NOW - 20), [], { slots: slots(NOW - 10) })))).toEqual([]);
    expect(doings(plan(situation(cured(NOW + 10), [], { slots: slots(NOW - 10) })))).toEqual([]);
  });
});

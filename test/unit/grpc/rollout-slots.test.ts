import { describe, expect, it } from "@jest/globals";
import { countReady, type SlotFacts, toldSlots } from "../../../src/grpc/rollout-slots.js";
import { toldRollout } from "../../../src/grpc/told-rollout.js";
import type { ContainerEntry } from "../../../src/model/catalog.js";
import { fingerprint } from "../../../src/model/fingerprint.js";
import type { Rollout } from "../../../src/model/rollout.js";
import { type Attention, NO_SLOTS, type SlotsRecord } from "../../../src/model/slots.js";
import { aGroup, aPin, aRollout, changed, NOW, type Part, ready, starting } from "../../support/builders.js";

const before = aGroup({ instances: 1 });
const after = changed(before, { image: "web:2" });
const gone = { phase: "draining" } as const;

function entry({ intent, info }: Part): ContainerEntry {
  const name = intent?.name ?? info?.instanceName ?? "";
  return { ref: { ...after.ref, name }, ...(intent && { intent }), ...(info && { info }), modRevision: 1n };
}

function factsOf(parts: readonly Part[], slots: SlotsRecord = NO_SLOTS, record = after.record): SlotFacts {
  const made = fingerprint(record.config, aPin(record.config.image));
  return { record, fingerprint: made, containers: parts.map(entry), slots, now: NOW };
}

/** The only slot. */
function slotOf(parts: readonly Part[], slots: SlotsRecord = NO_SLOTS, rollout: Rollout | undefined = aRollout()) {
  const facts = factsOf(parts, slots);
  const rollouts = { rollouts: rollout === undefined ? [] : [rollout] };
  const told = toldRollout({ record: after.record, rollouts, history: [] }, 2, NOW);
  if (told === undefined) throw new Error("nothing is told");
  return toldSlots(told, facts)[0];
}

const old = ready(before);
const fresh = (since: number) => ready(after, 1, { intent: { generation: 2 }, info: { since } });
const exit: Attention = { reason: "CONTAINER_EXITED", text: "web.dev.1.2 exited with code 1", slot: 1, since: NOW };
const failed = (failures: number): SlotsRecord => ({
  slots: { 1: { generation: 2, failures, attention: exit } },
  attention: [],
});
const begun = aRollout({ slots: { 1: { begun: NOW - 5000, failuresBefore: 1 } } });

describe("a slot of a rollout", () => {
  it("waits while the old one serves", () => {
    expect(slotOf([old])).toEqual({
      slot: 1,
      state: "waiting",
      host: "",
      since: undefined,
      text: "the old one serves",
    });
    expect(slotOf([])).toMatchObject({ state: "waiting", text: "" });
  });

  it("waits for what the whole group waits for", () => {
    const notice = { reason: "IMAGE_NOT_FOUND", text: "there is no image web:2", since: NOW - 1 } as const;
    expect(slotOf([old], { slots: {}, attention: [notice] }, undefined)).toMatchObject({
      ...{ state: "waiting", text: notice.text, since: notice.since },
    });
    const own = { ...notice, text: "no host has room", slot: 1 };
    expect(slotOf([old], { slots: {}, attention: [notice, own] })?.text).toBe("no host has room");
  });

  it("starts on a host until its checks have passed", () => {
    const created = { ...starting(after, 1, { intent: { generation: 2, phase: "creating" } }) };
    expect(slotOf([old, { intent: created.intent }], NO_SLOTS, begun)).toMatchObject({
      ...{ state: "starting", host: "local", since: NOW - 5000, text: "it is being created" },
    });
    const started = starting(after, 1, { intent: { generation: 2 } });
    expect(slotOf([started])).toMatchObject({ state: "starting", text: "its checks have not passed yet" });
    const sick = ready(after, 1, { intent: { generation: 2 }, info: { state: "unhealthy" } });
    expect(slotOf([sick])).toMatchObject({ state: "starting", text: "its checks fail" });
  });

  it("is ready until it is stable and the old one is gone", () => {
    expect(slotOf([old, fresh(NOW - 4000)])).toMatchObject({
      ...{ state: "ready", host: "local", text: "it has to stay ready for 6 s more" },
    });
    expect(slotOf([old, fresh(NOW - 10_000)])).toMatchObject({ state: "ready", text: "the old one goes next" });
    const leaving = ready(before, 1, { intent: gone, info: { state: "draining" } });
    expect(slotOf([leaving, fresh(NOW - 10_000)])).toMatchObject({ state: "ready", text: "the old one goes" });
    expect(slotOf([fresh(NOW - 10_000)])).toMatchObject({ state: "done", text: "" });
  });

  it("is done as soon as it is ready where nothing is replaced", () => {
    expect(slotOf([fresh(NOW)], NO_SLOTS, aRollout({ replaces: false }))?.state).toBe("done");
  });

  it("has failed only by what happened since its turn came", () => {
    expect(slotOf([], failed(2), begun)).toEqual({ slot: 1, state: "failed", host: "", since: NOW, text: exit.text });
    expect(slotOf([], failed(1), begun)).toMatchObject({ state: "waiting", text: exit.text });
    expect(slotOf([starting(after, 1, { intent: { generation: 3 } })], failed(2), begun)).toMatchObject({
      ...{ state: "starting", text: `its checks have not passed yet; before: ${exit.text}` },
    });
    const lost = ready(after, 1, { intent: { generation: 2 }, info: { state: "lost" } });
    expect(slotOf([lost])).toMatchObject({ state: "failed", text: "it is lost" });
  });

  it("counts one that has ended, as it may, as done", () => {
    const ended = ready(after, 1, { intent: { generation: 2 }, info: { state: "stopped" } });
    expect(slotOf([ended])?.state).toBe("done");
  });
});

describe("ready containers", () => {
  it("are of the new config or of any other", () => {
    const starts = starting(after, 2, { intent: { generation: 2 } });
    expect(countReady(factsOf([old, fresh(NOW), starts]))).toEqual({ fresh: 1, old: 1 });
  });

  it("of before a restart are none of the new", () => {
    const record = { ...after.record, configRevision: 3, restart: 3 };
    const again = ready(after, 2, { intent: { configRevision: 3 } });
    expect(countReady(factsOf([fresh(NOW), again], NO_SLOTS, record))).toEqual({ fresh: 1, old: 1 });
  });
});

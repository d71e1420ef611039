import { getEventListeners } from "node:events";
import { describe, expect, it } from "@jest/globals";
import type { CallOptions } from "../../../clients/call.js";
import type { Connection } from "../../../clients/connect.js";
import { Group } from "../../../clients/gen/theseus/v1/group.js";
import type { GroupRef } from "../../../clients/gen/theseus/v1/reference.js";
import { GroupReader } from "../../../clients/viewer/gateway/group-reader.js";
import { createMemory } from "../../../clients/viewer/gateway/memory.js";
import { until } from "../../support/until.js";

const GROUPS = 50;

/** Calls that listen to their signal as real ones do, and are answered when the test says so. */
function scene() {
  const stop = new AbortController();
  const under: { readonly signal: AbortSignal; readonly answer: () => void }[] = [];
  const getGroup = ({ group }: { group: GroupRef }, { signal }: CallOptions) =>
    new Promise((resolve, reject) => {
      if (signal === undefined) throw new Error("a call without an end");
      signal.addEventListener("abort", () => reject(new Error("ended")), { once: true });
      const read = Group.fromPartial({ ref: group, revision: 1n, status: { state: 1 } });
      under.push({ signal, answer: () => resolve({ group: read }) });
    });
  const { fleet, rollouts } = createMemory();
  const failed: unknown[] = [];
  const reader = new GroupReader({
    connection: { discovery: { getGroup } } as unknown as Connection,
    ...{ fleet, now: () => 0, ...rollouts, failed: (error: unknown) => failed.push(error) },
  });
  for (let i = 0; i < GROUPS; i++) reader.touch({ namespace: "default", service: `s-${i}`, labels: [] });
  return { stop, under, failed, fleet, running: reader.run(stop.signal) };
}

describe("reading groups again", () => {
  it("has many calls under way and listens to its own end once", async () => {
    const { stop, under, fleet, running } = scene();
    expect(under).toHaveLength(GROUPS);
    expect(getEventListeners(stop.signal, "abort")).toHaveLength(1);
    for (const { answer } of under) answer();
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(fleet.groups.size).toBe(GROUPS);
    stop.abort();
    await running;
  });

  it("ends every call with itself, and takes none of that for a failure", async () => {
    const { stop, under, failed, running } = scene();
    stop.abort();
    await running;
    expect(under.every(({ signal }) => signal.aborted)).toBe(true);
    expect(failed).toEqual([]);
  });
});

describe("a list of groups", () => {
  const ref = { namespace: "default", service: "web", labels: [] };
  const steady = Group.fromPartial({
    ref,
    revision: 5n,
    configRevision: 3n,
    status: { state: 1, wanted: 1, ready: 1 },
  });

  function listing() {
    const stop = new AbortController();
    const calls: string[] = [];
    const groups = [steady];
    const connection = {
      discovery: {
        listGroups: async () => ({ groups: [...groups], nextPageToken: "", revision: 9n }),
        getGroup: async () => {
          calls.push("group");
          return { group: steady };
        },
      },
      theseus: {
        getRollout: async () => {
          calls.push("rollout");
          return { rollout: undefined };
        },
      },
    } as unknown as Connection;
    const { fleet, rollouts } = createMemory();
    const forgotten: string[] = [];
    const forget = (id: string) => void forgotten.push(id);
    const parts = { connection, fleet, now: () => 1, ...rollouts, forget, failed: () => calls.push("failed") };
    const reader = new GroupReader(parts);
    return { reader, calls, groups, forgotten, fleet, stop };
  }

  it("says all of a steady group but its rollout: nothing else is asked for, and that once", async () => {
    const { reader, calls, stop } = listing();
    const running = reader.run(stop.signal);
    await reader.relist(stop.signal);
    await until("its rollout to be asked for", () => calls.includes("rollout"));
    await reader.relist(stop.signal);
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(calls).toEqual(["rollout"]);
    stop.abort();
    await running;
  });

  it("leads to no group that is gone: nothing of it is remembered", async () => {
    const { reader, calls, groups, forgotten, fleet, stop } = listing();
    const running = reader.run(stop.signal);
    await reader.relist(stop.signal);
    await until("its rollout to be asked for", () => calls.includes("rollout"));
    groups.splice(0);
    await reader.relist(stop.signal);
    expect([fleet.groups.size, forgotten]).toEqual([0, ["default web/-"]]);
    stop.abort();
    await running;
  });
});

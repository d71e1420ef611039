import { getEventListeners } from "node:events";
import { describe, expect, it } from "@jest/globals";
import type { CallOptions } from "../../../clients/call.js";
import type { Connection } from "../../../clients/connect.js";
import { Group } from "../../../clients/gen/theseus/v1/group.js";
import type { GroupRef } from "../../../clients/gen/theseus/v1/reference.js";
import { GroupReader } from "../../../clients/viewer/gateway/group-reader.js";
import { createMemory } from "../../../clients/viewer/gateway/memory.js";

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

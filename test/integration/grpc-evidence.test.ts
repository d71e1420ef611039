// TheseusService over the wire: what is kept of containers that failed.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { ErrorReason } from "../../clients/gen/theseus/v1/error_reason.js";
import { TheseusError } from "../../src/model/errors.js";
import type { Evidence } from "../../src/model/evidence.js";
import { type GroupRef, groupId, groupRef } from "../../src/model/reference.js";
import { aGroup, aRollout, NOW } from "../support/builders.js";
import { failureOf, type Rig, startRig } from "../unit/grpc/rig.js";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

let count = 0;

async function aStoredGroup(): Promise<GroupRef> {
  const { ref, record } = aGroup({ ref: groupRef("kept", [`t${++count}`]) });
  rig.store.putGroup(ref, record);
  await rig.settled();
  return ref;
}

const anEvidence = (container: string, more: Partial<Evidence> = {}): Evidence => ({
  ...{ container, slot: 2, generation: 7, configRevision: 3, host: "local", at: NOW, reason: "CONTAINER_EXITED" },
  ...{ text: `${container} ended`, outOfMemory: false, health: ["503 in 4 ms"] },
  lines: Array.from({ length: 30 }, (_, i) => ({ at: BigInt(i), stream: "stderr", text: `line ${i}` })),
  ...more,
});

describe("ListEvidence", () => {
  it("tells all of it, newest first", async () => {
    const group = await aStoredGroup();
    rig.store.evidence = [anEvidence("b", { exitCode: 0, unread: "no answer" }), anEvidence("a", { slot: 1 })];
    const { evidence, revision } = await rig.theseus.listEvidence({ group, slots: [] });
    expect(revision).toBe(rig.store.revision);
    expect(evidence).toMatchObject([
      {
        ...{ group, container: "b", slot: 2, generation: 7n, configRevision: 3n, host: "local", time: new Date(NOW) },
        ...{ reason: ErrorReason.CONTAINER_EXITED, exitCode: 0, outOfMemory: false, health: ["503 in 4 ms"] },
        text: "b ended; its output could not be read: no answer",
      },
      { container: "a", slot: 1 },
    ]);
    expect(evidence[0]?.lines).toHaveLength(30);
    expect(evidence[0]?.lines[29]).toEqual({ timeUnixNanos: 29n, stderr: true, text: "line 29" });
    expect(evidence[1]?.exitCode).toBeUndefined();
  });

  it("can be asked for some slots", async () => {
    const group = await aStoredGroup();
    rig.store.evidence = [1, 2, 3].map((slot) => anEvidence(`c${slot}`, { slot }));
    const { evidence } = await rig.theseus.listEvidence({ group, slots: [3, 1] });
    expect(evidence.map(({ container }) => container)).toEqual(["c1", "c3"]);
  });

  it("refuses what is no group, and no slot", async () => {
    const nobody = { namespace: "default", service: "nobody", labels: [] };
    const missing = await failureOf(rig.theseus.listEvidence({ group: nobody, slots: [] }));
    expect(missing).toMatchObject({ reason: "NO_SUCH_GROUP" });
    const wrong = await failureOf(rig.theseus.listEvidence({ group: nobody, slots: [1, 0, 1001] }));
    expect(wrong).toMatchObject({ reason: "INVALID_REQUEST" });
  });
});

describe("the failure of a rollout", () => {
  const failure = { reason: "CONTAINER_EXITED", text: "b ended", at: NOW, slot: 2, container: "b" } as const;

  async function lastLines(group: GroupRef): Promise<readonly string[] | undefined> {
    rig.store.rollouts.set(`uid-${groupId(group)}`, { rollouts: [aRollout({ to: 1, state: "failed", failure })] });
    const { rollout } = await rig.theseus.getRollout({ group, configRevision: 0n });
    return rollout?.failure?.lastLines;
  }

  it("comes with the last twenty lines of the container that it names", async () => {
    rig.store.evidence = [anEvidence("a"), anEvidence("b")];
    const lines = await lastLines(await aStoredGroup());
    expect(lines).toEqual(Array.from({ length: 20 }, (_, i) => `line ${i + 10}`));
  });

  it("comes with nothing in them that a terminal would act on", async () => {
    const texts = ["\u001b[31mred\u001b[0m", "bell\u0007 and\ttab", "\u009b2Jhome"];
    const lines = texts.map((text) => ({ at: 1n, stream: "stdout" as const, text }));
    rig.store.evidence = [anEvidence("b", { lines })];
    expect(await lastLines(await aStoredGroup())).toEqual(["red", "bell and  tab", "2Jhome"]);
  });

  it("comes without them where they are not kept, or the store does not give them", async () => {
    rig.store.evidence = [anEvidence("a")];
    const group = await aStoredGroup();
    expect(await lastLines(group)).toEqual([]);
    const whole = rig.store.readEvidence;
    rig.store.readEvidence = () => Promise.reject(new TheseusError("STORE_UNREACHABLE", { what: "away" }));
    expect(await lastLines(group)).toEqual([]);
    rig.store.readEvidence = whole;
  });
});

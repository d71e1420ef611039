// TheseusService.ReadStats over the wire: whom it knows, what it refuses, how its messages are divided.

import { afterEach, describe, expect, it } from "@jest/globals";
import { groupRef } from "../../src/model/reference.js";
import type { ContainerStats, GroupStats } from "../../src/model/stats.js";
import { failureOf, type Rig, startRig } from "../unit/grpc/rig.js";

const left = groupRef("left", ["dev"]);
const targets = [{ target: { $case: "group" as const, value: left } }];

let rig: Rig;
afterEach(() => rig.close());

const row = (slot: number, more: Partial<ContainerStats> = {}): ContainerStats => ({
  ...{ group: left, name: `left.${slot}`, slot, host: "local", configRevision: 3 },
  ...more,
});

const told = (...containers: readonly ContainerStats[]): GroupStats => ({
  async *read() {
    yield { at: 1_800_000_000_000, containers };
  },
});

describe("stats over the wire", () => {
  it("have what is known, and nothing for what is not", async () => {
    const full = row(1, {
      usage: { at: 1, cpuSeconds: 9, mem: 100.5, net: { rx: 7, tx: 8 } },
      pace: { cpu: 0.5, net: { rx: 1.5, tx: 2.5 } },
      limits: { cpu: 0.75, mem: 200 },
      restarts: 2,
    });
    rig = await startRig({ stats: told(full, row(2, { problem: "it is down" })) });
    const [message, ...others] = await rig.theseus.readStats({ targets });
    expect(others).toEqual([]);
    expect(message).toMatchObject({ time: new Date(1_800_000_000_000), more: false });
    expect(message?.containers).toEqual([
      {
        ...{ group: { ...left, labels: [...left.labels] }, name: "left.1", slot: 1, host: "local", configRevision: 3n },
        ...{ cpu: 0.5, cpuLimit: 0.75, memBytes: 100n, memLimitBytes: 200n, restarts: 2, problem: "" },
        ...{ netRxBytes: 7n, netTxBytes: 8n, netRxBytesPerSecond: 1.5, netTxBytesPerSecond: 2.5 },
      },
      expect.objectContaining({
        slot: 2,
        cpu: undefined,
        memBytes: undefined,
        restarts: undefined,
        problem: "it is down",
      }),
    ]);
  });

  it("are NO_SUCH_GROUP of a group that neither the store nor an engine knows", async () => {
    rig = await startRig({ stats: told() });
    await rig.settled();
    expect(await failureOf(rig.theseus.readStats({ targets }))).toMatchObject({ reason: "NO_SUCH_GROUP" });
  });

  it("are one message where nothing runs", async () => {
    rig = await startRig({ stats: told() });
    const all = [{ target: { $case: "selector" as const, value: {} } }];
    expect(await rig.theseus.readStats({ targets: all })).toMatchObject([{ containers: [], more: false }]);
  });

  it("come in messages that any client takes", async () => {
    rig = await startRig({ stats: told(...Array.from({ length: 2500 }, (_, i) => row(i + 1))) });
    const messages = await rig.theseus.readStats({ targets });
    expect(messages.map(({ containers, more }) => [containers.length, more])).toEqual([
      [1000, true],
      [1000, true],
      [500, false],
    ]);
  });

  it("are refused without a target, and with slots that cannot be", async () => {
    rig = await startRig();
    for (const wrong of [[], [{ ...targets[0], slots: [0] }], [{}]])
      expect(await failureOf(rig.theseus.readStats({ targets: wrong }))).toMatchObject({ reason: "INVALID_REQUEST" });
  });
});

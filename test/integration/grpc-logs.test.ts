// TheseusService.ReadLogs over the wire: whom it knows, what it refuses, how its messages are divided.

import { afterEach, describe, expect, it } from "@jest/globals";
import { connect } from "../../clients/index.js";
import type { GroupLogs, LogPart, LogSource } from "../../src/model/logs.js";
import { groupRef } from "../../src/model/reference.js";
import { failureOf, type Rig, startRig } from "../unit/grpc/rig.js";

const left = groupRef("left", ["dev"]);
const targets = [{ target: { $case: "group" as const, value: left } }];
const source: LogSource = {
  ...{ id: "i", name: "left.1", host: "local", status: "exited" },
  owner: { cluster: "c", group: left, groupUid: "u", slot: 1, generation: 1, configRevision: 1, fingerprint: "f" },
};

let rig: Rig;
afterEach(() => rig.close());

const told = (...parts: readonly LogPart[]): GroupLogs => ({
  async *read() {
    yield* parts;
  },
});

describe("logs over the wire", () => {
  it("are given in the first moments of a server too", async () => {
    rig = await startRig({ logs: told({ kind: "found", sources: [source] }) });
    expect(await rig.theseus.readLogs({ targets })).toMatchObject([{ sources: [{ name: "left.1" }] }]);
  });

  it("are those of a group that only the engine knows", async () => {
    rig = await startRig({ logs: told({ kind: "found", sources: [source] }) });
    await rig.settled();
    expect(await rig.theseus.readLogs({ targets })).toHaveLength(1);
  });

  it("are NO_SUCH_GROUP of a group that neither the store nor the engine knows", async () => {
    rig = await startRig({ logs: told({ kind: "found", sources: [] }) });
    await rig.settled();
    expect(await failureOf(rig.theseus.readLogs({ targets }))).toMatchObject({ reason: "NO_SUCH_GROUP" });
  });

  it("are refused with a tail that nobody can hold, and with what to ask for", async () => {
    rig = await startRig();
    const failed = await failureOf(rig.theseus.readLogs({ targets, tail: 100_001n }));
    expect(failed).toMatchObject({ reason: "INVALID_REQUEST", why: expect.stringContaining("use since") });
    expect(await failureOf(rig.theseus.readLogs({ targets, tail: -1n }))).toMatchObject({ reason: "INVALID_REQUEST" });
  });

  it("go on behind places, and are refused with a cut besides", async () => {
    const asked: unknown[] = [];
    const logs: GroupLogs = {
      async *read(query) {
        asked.push(query);
        yield { kind: "found", sources: [source] };
      },
    };
    rig = await startRig({ logs });
    const after = [{ name: "left.1", host: "local", timeUnixNanos: 7n, lines: 0 }];
    await rig.theseus.readLogs({ targets, follow: false, after });
    expect(asked).toMatchObject([{ places: [{ name: "left.1", host: "local", at: 7n, lines: 1 }] }]);
    for (const wrong of [{ tail: 1n }, { until: new Date() }]) {
      const failed = failureOf(rig.theseus.readLogs({ targets, after, ...wrong }));
      expect(await failed).toMatchObject({ reason: "INVALID_REQUEST" });
    }
    const nameless = failureOf(rig.theseus.readLogs({ targets, after: [{ host: "local" }] }));
    expect(await nameless).toMatchObject({ reason: "INVALID_REQUEST", why: expect.stringContaining("after[0].name") });
  });

  it("come in messages that any client takes, also where lines are empty", async () => {
    const lines = Array.from({ length: 300_000 }, (_, i) => ({
      source,
      line: { at: 1_800_000_000_000_000_000n + BigInt(i), stream: "stdout" as const, text: "" },
    }));
    rig = await startRig({ logs: told({ kind: "found", sources: [source] }, { kind: "lines", lines }) });
    const client = connect(rig.address);
    try {
      const sizes: number[] = [];
      for await (const { lines: some } of client.theseus.readLogs({ targets })) sizes.push(some.length);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(300_000);
      expect(Math.max(...sizes)).toBeLessThan(12_000);
    } finally {
      client.close();
    }
  });
});

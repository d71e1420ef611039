import { describe, expect, it } from "@jest/globals";
import type { Intent } from "../../../src/model/container.js";
import { TheseusError } from "../../../src/model/errors.js";
import { HOST_PORT_FIRST, HOST_PORT_LAST, PORT_QUARANTINE_MS } from "../../../src/model/host.js";
import { type Attention, NO_SLOTS } from "../../../src/model/slots.js";
import { assign } from "../../../src/scheduler/assign.js";
import {
  advanced,
  asWrite,
  type GroupEdit,
  type HostChange,
  joined,
  portions,
} from "../../../src/scheduler/group-edit.js";
import { portsFreed, portsGiven, restingPort } from "../../../src/scheduler/host-ports.js";
import { givenUp } from "../../../src/scheduler/launch-failure.js";
import { failed, forgiven, imageFailed, imageFound, raised } from "../../../src/scheduler/slot-records.js";
import { aGroup, aHostRecord, anInfo, anIntent, NOW } from "../../support/builders.js";

const GROUP = aGroup({ ports: [{ name: "http", container: 80 }] });
const CONFIG = GROUP.record.config;

function withPorts(...ports: number[]): Intent {
  return anIntent(GROUP, { hostPorts: Object.fromEntries(ports.map((port, i) => [`p${i}`, port])) });
}

describe("the host record", () => {
  it("searches on after the port given out last", () => {
    const record = aHostRecord({ nextPort: 20005 });
    expect(portsGiven(record, [withPorts(20005, 20007), withPorts(20006)], CONFIG).nextPort).toBe(20008);
  });

  it("goes round after the last port", () => {
    const record = aHostRecord({ nextPort: HOST_PORT_LAST });
    const given = portsGiven(record, [withPorts(HOST_PORT_LAST, HOST_PORT_FIRST)], CONFIG);
    expect(given.nextPort).toBe(HOST_PORT_FIRST + 1);
    expect(portsGiven(record, [withPorts(HOST_PORT_LAST)], CONFIG).nextPort).toBe(HOST_PORT_FIRST);
  });

  it("does not count a fixed port as given out, nor lets it rest", () => {
    const fixed = { ...CONFIG, ports: [{ name: "http", container: 80, host: 25000 }] };
    const intent = anIntent(GROUP, { hostPorts: { http: 25000 } });
    expect(portsGiven(aHostRecord(), [intent], fixed).nextPort).toBe(20000);
    expect(portsFreed(aHostRecord(), intent, fixed, NOW).freedPorts).toEqual({});
  });

  it("lets freed ports rest, and drops rests that are over", () => {
    const record = aHostRecord({ freedPorts: { 20001: NOW - PORT_QUARANTINE_MS, 20002: NOW - 1000 } });
    expect(portsFreed(record, withPorts(20003), CONFIG, NOW).freedPorts).toEqual({ 20002: NOW - 1000, 20003: NOW });
  });
});

describe("a port that was freed after the plan was made", () => {
  const freedPorts = { 20001: NOW + 5, 20002: NOW - PORT_QUARANTINE_MS };
  const record = aHostRecord({ freedPorts });

  it("is seen to rest, unless its rest is over or the config fixes it", () => {
    expect(restingPort(record, [withPorts(20000, 20002), withPorts(20001)], CONFIG, NOW)).toBe(20001);
    expect(restingPort(record, [withPorts(20000, 20002)], CONFIG, NOW)).toBeUndefined();
    const fixed = { ...CONFIG, ports: [{ name: "http", container: 80, host: 20001 }] };
    expect(restingPort(record, [anIntent(GROUP, { hostPorts: { http: 20001 } })], fixed, NOW)).toBeUndefined();
  });

  it("is not given out: the plan has to be made again", async () => {
    const changes: (HostChange | undefined)[] = [];
    const ledger = { assign: async (edit: GroupEdit) => void changes.push(edit.host), promise: () => () => undefined };
    const context = { ledger, input: { desired: GROUP, now: NOW }, doubts: new Map() };
    await assign(
      { kind: "assign", intents: [withPorts(20001)], reason: "" },
      context as unknown as Parameters<typeof assign>[1],
    );
    const [host] = changes;
    expect(host?.change(aHostRecord()).nextPort).toBe(20002);
    expect(() => host?.change(record)).toThrow(expect.objectContaining({ reason: "CONFLICT" }));
  });
});

describe("the slots record", () => {
  const attention: Attention = { reason: "CONTAINER_EXITED", text: "ended", slot: 1, since: NOW };

  it("keeps the generation and host of the newest container", () => {
    const record = raised(NO_SLOTS, [anIntent(GROUP, { slot: 2, generation: 7 })]);
    expect(record.slots[2]).toEqual({ generation: 7, failures: 0, host: "local" });
  });

  it("delays the next container longer after each counted failure", () => {
    const delays: number[] = [];
    let record = NO_SLOTS;
    for (let i = 0; i < 12; i++) {
      record = failed(record, 1, { attention, counts: true }, NOW);
      delays.push((record.slots[1]?.notBefore ?? 0) - NOW);
    }
    expect(delays.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
    expect(delays.at(-1)).toBe(300_000);
    expect(record.slots[1]?.attention?.retryAt).toBe(NOW + 300_000);
  });

  it("takes the planner's time for the next try where it has one", () => {
    const failure = { attention: { ...attention, retryAt: NOW + 77 }, counts: true };
    expect(failed(NO_SLOTS, 1, failure, NOW).slots[1]?.notBefore).toBe(NOW + 77);
  });

  it("neither counts nor delays a failure that is nobody's fault", () => {
    const record = failed(NO_SLOTS, 1, { attention, counts: false }, NOW);
    expect(record.slots[1]).toEqual({ generation: 0, failures: 0, attention });
  });

  it("forgets failures, and keeps generation and host, once a slot is forgiven", () => {
    const record = failed(raised(NO_SLOTS, [anIntent(GROUP)]), 1, { attention, counts: true }, NOW);
    expect(forgiven(record, 1).slots[1]).toEqual({ generation: 1, failures: 0, host: "local" });
  });

  it("asks for a missing image about half as often each time, and forgets it when it is found", () => {
    const trouble = { reason: "IMAGE_NOT_FOUND", text: "image web:1 is nowhere" } as const;
    let record = NO_SLOTS;
    const delays: number[] = [];
    for (let now = NOW, i = 0; i < 8; i++) {
      record = imageFailed(record, trouble, now);
      const retryAt = record.attention[0]?.retryAt ?? 0;
      delays.push(retryAt - now);
      now = retryAt;
    }
    expect(delays).toEqual([5, 10, 20, 40, 80, 160, 300, 300].map((seconds) => seconds * 1000));
    expect(record.attention).toHaveLength(1);
    expect(imageFound(record).attention).toEqual([]);
  });
});

describe("a launch that failed", () => {
  const fixed = aGroup({
    ports: [
      { name: "http", container: 80, host: 9443 },
      { name: "b", container: 81 },
    ],
  });
  const intent = anIntent(fixed, { hostPorts: { http: 9443, b: 20000 } });
  const outcome = (reason: ConstructorParameters<typeof TheseusError>[0], metadata = {}) =>
    givenUp(new TheseusError(reason, { what: "it failed", metadata }), intent, fixed.record.config, NOW);

  it("is nobody's fault when a stranger has the name or a port that we chose", () => {
    expect(outcome("CONTAINER_EXISTS")).toEqual({});
    expect(outcome("PORT_TAKEN", { port: "20000" })).toEqual({});
    expect(outcome("PORT_TAKEN")).toEqual({});
  });

  it("counts when it would fail again", () => {
    expect(outcome("PORT_TAKEN", { port: "9443" })?.failure?.counts).toBe(true);
    const attention = { reason: "COMMAND_NOT_FOUND", text: "it failed", slot: 1, host: "local", since: NOW };
    expect(outcome("COMMAND_NOT_FOUND")).toEqual({ failure: { counts: true, attention } });
    expect(outcome("NETWORK_NOT_FOUND")?.failure?.counts).toBe(true);
  });

  it("is not over when its outcome is unknown", () => {
    expect(outcome("HOST_UNREACHABLE")).toBeUndefined();
    expect(outcome("CONFLICT")).toBeUndefined();
    expect(givenUp(new Error("boom"), intent, fixed.record.config, NOW)).toBeUndefined();
  });
});

describe("edits of a group", () => {
  const intent = anIntent(GROUP);
  const snapshot = {
    ref: GROUP.ref,
    uid: GROUP.uid,
    record: { value: GROUP.record, modRevision: 3n },
    intents: new Map([[intent.name, { value: intent, modRevision: 4n }]]),
    infos: new Map(),
    slots: undefined,
    rollouts: undefined,
    drains: new Map(),
    revision: 9n,
  };

  it("are joined in their order", () => {
    const first = { slots: (record: typeof NO_SLOTS) => raised(record, [anIntent(GROUP, { generation: 2 })]) };
    const second = { slots: (record: typeof NO_SLOTS) => forgiven(record, 1), putIntents: [intent] };
    const write = asWrite(joined([first, second]), snapshot, undefined);
    expect(write).toEqual({
      putIntents: [intent],
      slots: { slots: { 1: { generation: 2, failures: 0, host: "local" } }, attention: [] },
    });
  });

  it("share a transaction as far as hosts and keys allow", () => {
    const on = (name: string, count: number) => ({
      removeContainers: Array.from({ length: count }, (_, i) => `${name}${i}`),
      host: { name, change: (record: ReturnType<typeof aHostRecord>) => record },
    });
    const parts = portions([on("a", 5), on("b", 5), on("a", 10), on("a", 15), {}], 100);
    expect(parts.map(({ edits }) => edits.length)).toEqual([3, 1, 1]);
  });

  it("leave a snapshot from which the next write can be made", () => {
    const info = anInfo(GROUP, intent);
    const after = advanced(snapshot, { putInfos: [[intent.name, info]], slots: NO_SLOTS }, 12n);
    expect(after.infos.get(intent.name)).toEqual({ value: info, modRevision: 12n });
    expect(after.slots).toEqual({ value: NO_SLOTS, modRevision: 12n });
    expect(after.intents.get(intent.name)?.modRevision).toBe(4n);
    expect(advanced(after, { removeContainers: [intent.name] }, 13n).intents.size).toBe(0);
    const asked = advanced(after, { openDrains: [{ name: intent.name, ackDeadline: 9, asked: NOW }] }, 14n);
    expect(asked.drains.get(intent.name)?.revision).toBe(14n);
    expect(advanced(asked, { removeContainers: [intent.name] }, 15n).drains.size).toBe(0);
  });
});

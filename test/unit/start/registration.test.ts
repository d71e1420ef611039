import { describe, expect, it } from "@jest/globals";
import type { Clock } from "../../../src/model/ports.js";
import type { Membership } from "../../../src/model/store.js";
import { discoveryAddress, register } from "../../../src/start/registration.js";
import { silent } from "../../support/parts.js";

function start() {
  const joined: string[] = [];
  const left: string[] = [];
  const membership: Membership = {
    serverId: "s",
    servers: async () => [],
    isAwaited: async () => false,
    registered: async () => undefined,
    join: ({ discovery }, signal, later) =>
      new Promise((resolve) => {
        joined.push(discovery);
        void later?.then((next) => joined.push(next.discovery));
        signal.addEventListener("abort", () => {
          left.push(discovery);
          resolve();
        });
      }),
  };
  const turns: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    sleep: (_, signal) =>
      new Promise((resolve, reject) => {
        turns.push(resolve);
        signal?.addEventListener("abort", () => reject(signal.reason));
      }),
  };
  const turn = async (): Promise<void> => {
    for (const wake of turns.splice(0)) wake();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const stop = new AbortController();
  const problems = new Set<string>();
  const around = { membership, version: "1", problems, clock, log: silent, signal: stop.signal };
  return { joined, left, turn, stop, problems, around };
}

describe("registration", () => {
  it("tells where discovery is listened on", () => {
    const { joined, around } = start();
    void register({ ...around, discovery: "172.17.0.1:1", late: undefined });
    expect(joined).toEqual(["172.17.0.1:1"]);
  });

  it("is made at once, and tells of the bridge without a moment of absence once that is there", async () => {
    const { joined, left, turn, stop, problems, around } = start();
    let bridge: string | undefined;
    const asked = { bridge: true, port: 7 } as const;
    const late = {
      find: () => discoveryAddress(asked, bridge),
      open: async ({ host, port }: { host: string; port: number }) => `${host}:${port}`,
    };
    const registered = register({ ...around, discovery: undefined, late });
    await turn();
    expect([joined, problems.size]).toEqual([[""], 1]);
    bridge = "172.17.0.1";
    await turn();
    expect([joined, left, problems.size]).toEqual([["", "172.17.0.1:7"], [], 0]);
    stop.abort();
    await registered;
    expect(left).toEqual([""]);
  });

  it("ends with the server, also while there is no bridge", async () => {
    const { left, stop, around } = start();
    const late = { find: () => undefined, open: async () => "never" };
    const registered = register({ ...around, discovery: undefined, late });
    stop.abort();
    await registered;
    expect(left).toEqual([""]);
  });
});

describe("the address for containers", () => {
  it("is the bridge's, the asked one, or none", () => {
    expect(discoveryAddress({ bridge: true, port: 7 }, "172.17.0.1")).toEqual({ host: "172.17.0.1", port: 7 });
    expect(discoveryAddress({ bridge: true, port: 7 }, undefined)).toBeUndefined();
    expect(discoveryAddress({ host: "10.0.0.1", port: 8 }, undefined)).toEqual({ host: "10.0.0.1", port: 8 });
    expect(discoveryAddress(undefined, "172.17.0.1")).toBeUndefined();
  });
});

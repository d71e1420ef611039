// Callbacks of programs that throw, or reject, do harm to nobody but themselves.

import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { runWatchHandlers, watchService } from "../../clients/index.js";
import { endpointNamed, ScriptedDiscovery } from "../support/scripted-discovery.js";
import { until } from "../support/until.js";

let scripted: ScriptedDiscovery;
const warnings: string[] = [];
const ending: (() => unknown)[] = [];

beforeEach(async () => {
  scripted = await ScriptedDiscovery.start();
  jest.spyOn(process, "emitWarning").mockImplementation((text, kind) => void warnings.push(`${kind}: ${text}`));
});
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
  scripted.close();
  jest.restoreAllMocks();
  warnings.splice(0);
});

const KINDS: [string, () => unknown][] = [
  [
    "throw",
    () => {
      throw new Error("not my day");
    },
  ],
  ["reject", () => Promise.reject(new Error("not my day"))],
];

describe.each(KINDS)("callbacks that %s", (_kind, fails) => {
  it("leave a watch as it is, over messages and breaks, and are warned of", async () => {
    const watch = watchService(scripted.address, "web", { onBreak: fails, onMessage: fails });
    ending.push(() => watch.return());
    (await scripted.watch(1)).snapshot(1, [endpointNamed("w1")]);
    expect((await watch.next()).value?.revision).toBe(1n);
    scripted.watches[0]?.end(status.UNAVAILABLE);
    (await scripted.watch(2)).put(2, endpointNamed("w2"));
    expect((await watch.next()).value?.revision).toBe(2n);
    await until("warnings", () => warnings.length >= 3);
    expect(warnings[0]).toContain("TheseusClientWarning: a callback that was given to theseus-client failed");
    expect(warnings[0]).toContain("not my day");
    expect(scripted.watches).toHaveLength(2);
  });

  it("leave watch handlers as they are", async () => {
    const seen: number[] = [];
    const running = runWatchHandlers({
      services: ["web"],
      server: scripted.address,
      handlers: {
        web: ({ nodes }) => {
          seen.push(nodes.length);
          return seen.length === 1 ? 7 : 0;
        },
      },
      onError: fails,
    });
    ending.push(() => running.stop());
    (await scripted.watch(1)).snapshot(1, [endpointNamed("w1")]);
    await scripted.acknowledgedCursor("c1", "s.1");
    scripted.watches[0]?.end(status.UNAVAILABLE);
    (await scripted.watch(2)).put(2, endpointNamed("w2"));
    await scripted.acknowledgedCursor("c2", "s.2");
    expect(seen).toEqual([1, 1, 2]);
    await until("warnings", () => warnings.length >= 2);
  });
});

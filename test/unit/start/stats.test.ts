// Whose stats are read: of all containers on the engine, and of those that the store has where the engine is silent.

import { describe, expect, it } from "@jest/globals";
import type { CatalogView, GroupEntry } from "../../../src/model/catalog.js";
import { TheseusError } from "../../../src/model/errors.js";
import type { Runtime } from "../../../src/model/ports.js";
import type { StatsQuery, StatsSample } from "../../../src/model/stats.js";
import { createStats } from "../../../src/start/stats.js";
import { aGroup, anIntent, aRunning } from "../../support/builders.js";
import { ManualClock } from "../../support/manual-clock.js";

const group = aGroup();
const slots = [1, 2, 3].map((slot) => anIntent(group, { slot, name: `web.${slot}`, phase: "running" }));
const everything: StatsQuery = {
  picks: [{ target: { kind: "group", ref: group.ref }, slots: [] }],
  host: "",
  follow: false,
};

type Engine = Pick<Runtime, "list" | "usage">;

const silent: Engine = {
  list: () => Promise.reject(new TheseusError("HOST_UNREACHABLE", { what: "no answer", why: ["it is down"] })),
  usage: () => Promise.reject(new Error("it was not listed")),
};

async function first(engine: Engine, query: StatsQuery): Promise<StatsSample | undefined> {
  const clock = new ManualClock();
  const containers = slots.map((intent, i) => ({
    ref: { ...group.ref, name: intent.name },
    intent: i === 2 ? { ...intent, phase: "creating" as const } : intent,
    modRevision: 1n,
  }));
  const entry: GroupEntry = { ref: group.ref, containers, problems: [], modRevision: 1n };
  const view = { groups: () => [entry] } as unknown as CatalogView;
  const stats = createStats({ engine: async () => engine, catalog: { view: () => view }, clock });
  const pulled = stats.read(query, new AbortController().signal)[Symbol.asyncIterator]().next();
  let sample: { value?: StatsSample } | undefined;
  void pulled.then((value) => (sample = value as { value?: StatsSample })).catch(() => (sample = {}));
  await clock.advanceUntil(() => sample !== undefined, 10_000);
  return sample?.value;
}

const names = (sample: StatsSample | undefined) => sample?.containers.map(({ name }) => name);

describe("stats", () => {
  const statuses = ["running", "exited", "paused"] as const;
  const answering: Engine = {
    list: async () => ({
      engineId: "e",
      ours: slots.map((intent, i) => aRunning(group, intent, { id: intent.name, status: statuses[i] ?? "dead" })),
      strangers: [],
    }),
    usage: async () => ({ at: 1, mem: 5 }),
  };

  it("are those of containers that run", async () => {
    const sample = await first(answering, everything);
    expect(names(sample)).toEqual(["web.1", "web.3"]);
    expect(sample?.containers[0]?.usage?.mem).toBe(5);
  });

  it("are those of the slots and the host that are meant", async () => {
    const picks = [{ target: { kind: "group" as const, ref: group.ref }, slots: [3] }];
    expect(names(await first(answering, { ...everything, picks }))).toEqual(["web.3"]);
    expect(names(await first(answering, { ...everything, host: "elsewhere" }))).toEqual([]);
  });

  it("name what the store has of a silent engine, with the reason, but not what was never begun", async () => {
    const sample = await first(silent, everything);
    expect(sample?.containers.map(({ name, slot, problem }) => [name, slot, problem])).toEqual([
      ["web.1", 1, "it is down"],
      ["web.2", 2, "it is down"],
    ]);
    expect(await first(silent, { ...everything, host: "elsewhere" })).toBeUndefined();
  });
});

// Samples of containers that come, go, restart and fall silent, by a clock that the test turns.

import { describe, expect, it } from "@jest/globals";
import { TheseusError } from "../../../src/model/errors.js";
import { groupRef } from "../../../src/model/reference.js";
import type { KnownContainer, StatsSample, StatsSource, Usage } from "../../../src/model/stats.js";
import { createGroupStats } from "../../../src/stats/group-stats.js";
import type { StatsSources } from "../../../src/stats/sources.js";
import { ManualClock } from "../../support/manual-clock.js";

const group = groupRef("web", ["dev"]);
const query = { picks: [], host: "", follow: true };

function sourceOf(slot: number, restartCount = 0): StatsSource {
  const owner = { cluster: "c", group, groupUid: "u", slot, generation: 1, configRevision: 7, fingerprint: "f" };
  return { id: `id${slot}`, name: `web.${slot}`, host: "local", owner, restartCount, limits: { cpu: 0.5 } };
}

const silent = () => new TheseusError("HOST_UNREACHABLE", { what: "no answer", why: ["it is down"], retryable: true });

/** Every container uses half a core and a kilobyte a second. */
class Scripted implements StatsSources {
  listed: StatsSource[] = [sourceOf(1)];
  stored: KnownContainer[] = [];
  changes: object[] = [{}];
  lists = 0;
  isSilent = false;
  readonly gone = new Set<string>();
  readonly mute = new Set<string>();
  readonly asked: string[] = [];

  constructor(private readonly clock: ManualClock) {}

  async list(): Promise<readonly StatsSource[]> {
    this.lists += 1;
    if (this.isSilent) throw silent();
    return this.listed;
  }
  async usage({ id }: StatsSource): Promise<Usage | undefined> {
    this.asked.push(id);
    if (this.isSilent || this.mute.has(id)) throw silent();
    if (this.gone.has(id)) return undefined;
    const seconds = this.clock.monotonic() / 1000;
    return { at: this.clock.now(), cpuSeconds: seconds / 2, mem: 100, net: { rx: seconds * 1000, tx: 0 } };
  }
  known(): readonly KnownContainer[] {
    return this.stored;
  }
  entries(): readonly object[] {
    return this.changes;
  }
}

function begin(prepare: (sources: Scripted) => void = () => undefined, follow = true) {
  const clock = new ManualClock();
  const sources = new Scripted(clock);
  prepare(sources);
  const over = new AbortController();
  const samples = createGroupStats(sources, clock)
    .read({ ...query, follow }, over.signal)
    [Symbol.asyncIterator]();
  const next = async (): Promise<StatsSample | undefined> => {
    const pulled = samples.next();
    await clock.advance(2000);
    const { value, done } = await pulled;
    return done ? undefined : value;
  };
  return { clock, sources, samples, next, over };
}

describe("samples of what containers use", () => {
  it("have figures from the first one on, which comes after a second", async () => {
    const { clock, samples } = begin(undefined, false);
    const pulled = samples.next();
    await clock.advance(1000);
    const { value } = (await pulled) as { value: StatsSample };
    expect(value.containers).toEqual([
      {
        ...{ group, name: "web.1", slot: 1, host: "local", configRevision: 7, restarts: 0, limits: { cpu: 0.5 } },
        usage: expect.objectContaining({ mem: 100 }),
        pace: { cpu: 0.5, net: { rx: 1000, tx: 0 } },
      },
    ]);
    expect((await samples.next()).done).toBe(true);
  });

  it("come at once where nothing runs", async () => {
    const { samples } = begin((sources) => (sources.listed = []), false);
    expect((await samples.next()).value).toMatchObject({ containers: [] });
    expect((await samples.next()).done).toBe(true);
  });

  it("have a container that joins, first without a pace, and not one that is gone", async () => {
    const { sources, next } = begin();
    await next();
    sources.listed = [sourceOf(1), sourceOf(2)];
    sources.changes = [{}];
    const joined = await next();
    expect(joined?.containers.map(({ name, pace }) => [name, pace?.cpu])).toEqual([
      ["web.1", 0.5],
      ["web.2", undefined],
    ]);
    sources.gone.add("id1");
    expect((await next())?.containers).toMatchObject([{ name: "web.2", pace: { cpu: 0.5 } }]);
    const lists = sources.lists;
    sources.listed = [sourceOf(2)];
    await next();
    expect(sources.lists).toBe(lists + 1);
  });

  it("do not list the engine anew while nothing changes, but for restarts now and then", async () => {
    const { sources, next } = begin();
    await next();
    sources.listed = [sourceOf(1, 3)];
    const restarts: unknown[] = [];
    for (let i = 0; i < 4; i++) restarts.push((await next())?.containers[0]?.restarts);
    expect(restarts.at(-1)).toBe(3);
    expect(sources.lists).toBe(2);
  });

  it("name the containers of a host that does not answer, with the reason, until it does", async () => {
    const { sources, next } = begin((scripted) => (scripted.listed = [1, 2].map((slot) => sourceOf(slot))));
    await next();
    sources.isSilent = true;
    sources.changes = [{}];
    const away = await next();
    expect(away?.containers.map(({ name, problem, usage }) => [name, problem, usage])).toEqual([
      ["web.1", "it is down", undefined],
      ["web.2", "it is down", undefined],
    ]);
    sources.isSilent = false;
    expect((await next())?.containers).toMatchObject([{ usage: { mem: 100 } }, { usage: { mem: 100 } }]);
  });

  it("ask a host that never answers not once for each of its containers", async () => {
    const { sources, next } = begin((scripted) => {
      scripted.listed = Array.from({ length: 50 }, (_, i) => sourceOf(i + 1));
      for (const { id } of scripted.listed) scripted.mute.add(id);
    });
    const first = await next();
    expect(first?.containers.filter(({ problem }) => problem === "it is down")).toHaveLength(50);
    expect(sources.asked.length).toBeLessThan(10);
  });

  it("name what the store tells of where no engine ever answered, and fail where that is nothing", async () => {
    const stored = { group, name: "web.1", slot: 1, host: "local", configRevision: 7 };
    const known = begin((sources) => {
      sources.isSilent = true;
      sources.stored = [stored];
    }, false);
    expect((await known.samples.next()).value).toMatchObject({ containers: [{ ...stored, problem: "it is down" }] });
    const unknown = begin((sources) => (sources.isSilent = true), false);
    await expect(unknown.samples.next()).rejects.toMatchObject({ reason: "HOST_UNREACHABLE" });
  });

  it("are not taken while nobody asks for them", async () => {
    const { clock, sources, next } = begin();
    await next();
    const asked = sources.asked.length;
    await clock.advance(60_000);
    expect(sources.asked).toHaveLength(asked);
    expect((await next())?.containers).toMatchObject([{ pace: { cpu: 0.5 } }]);
  });

  it("end with the signal", async () => {
    const { samples, over, next } = begin();
    await next();
    const pulled = samples.next();
    over.abort(new Error("enough"));
    await expect(pulled).rejects.toThrow("enough");
  });
});

// Figures of stats as people read them, the load of the last samples, and the sums of groups.

import { describe, expect, it } from "@jest/globals";
import { resolveGlobals } from "../../../clients/cli/globals.js";
import type { Io } from "../../../clients/cli/io.js";
import { cpuText, isNearLimit, memText, netText, saysUtf8, sparkline } from "../../../clients/cli/stats/figures.js";
import { Loads } from "../../../clients/cli/stats/rows.js";
import { ToldStats } from "../../../clients/cli/stats/told.js";
import { ContainerStats } from "../../../clients/gen/theseus/v1/theseus_service.js";
import { refOf } from "../../support/fake-groups.js";

const GIB = 2 ** 30;
const MIB = 2 ** 20;

describe("figures", () => {
  it.each([
    [0.414, 0.5, "0.41 of 0.5"],
    [1.42, 3, "1.4 of 3.0"],
    [0.2, 0.25, "0.20 of 0.25"],
    [0.2, undefined, "0.20"],
    [undefined, 2, "-"],
  ])("of a processor: %s of %s", (used, limit, text) => expect(cpuText({ used, limit })).toBe(text));

  it.each([
    [1.9 * GIB, 4.6 * GIB, "1.9 of 4.6 GiB"],
    [703 * MIB, 768 * MIB, "703 of 768 MiB"],
    [3 * MIB, 2 * GIB, "3 MiB of 2 GiB"],
    [500, 900, "500 B of 900 B"],
    [64 * MIB, undefined, "64 MiB"],
    [undefined, GIB, "-"],
  ])("of memory: %s of %s", (used, limit, text) => expect(memText({ used, limit })).toBe(text));

  it.each([
    [{ rx: 3.1e6, tx: 9.8e6 }, "3.1/9.8 MB/s"],
    [{ rx: 0, tx: 0 }, "0/0 B/s"],
    [{ rx: 12, tx: 1500 }, "0.0/1.5 kB/s"],
    [undefined, "-"],
  ])("of a network: %j", (rates, text) => expect(netText(rates)).toBe(text));

  it("are near the limit over nine tenths of it", () => {
    const near = [0.9, 0.91, 2].map((used) => isNearLimit({ used, limit: 1 }));
    expect(near).toEqual([false, true, true]);
    expect([isNearLimit({ used: 5, limit: undefined }), isNearLimit({ used: undefined, limit: 1 })]).toEqual([
      false,
      false,
    ]);
  });
});

describe("a sparkline", () => {
  it("goes from nothing to full, and not beyond", () => {
    expect(sparkline([0, 0.25, 0.5, 0.99, 1, 7], 1, true)).toBe("▁▃▅███");
  });

  it("has a space where nothing is known, and plain characters where no others are shown", () => {
    expect(sparkline([undefined, 0, 0.5, 1], 1, false)).toBe(" _=#");
  });

  it("has its characters by the first variable that says something", () => {
    expect(saysUtf8({ LANG: "en_US.UTF-8" })).toBe(true);
    expect(saysUtf8({ LC_ALL: "C.utf8", LANG: "C" })).toBe(true);
    expect(saysUtf8({ LC_ALL: "C", LANG: "en_US.UTF-8" })).toBe(false);
    expect(saysUtf8({ LC_ALL: "", LANG: "en_US.UTF-8" })).toBe(true);
    expect(saysUtf8({})).toBe(false);
  });
});

describe("rows", () => {
  const stats = (text: string, slot: number, more: Partial<ContainerStats> = {}) =>
    ContainerStats.fromPartial({ group: refOf(text), slot, name: `${text}.${slot}`, host: "local", ...more });

  it("are groups by name with their sums, and containers by slot", () => {
    const limits = { cpuLimit: 0.5, memLimitBytes: 100n };
    const [api, web] = new Loads().take([
      stats("web/dev", 2, { cpu: 0.25, memBytes: 10n, restarts: 1, ...limits }),
      stats("web/dev", 1, {
        cpu: 0.5,
        memBytes: 20n,
        restarts: 2,
        ...limits,
        netRxBytesPerSecond: 3,
        netTxBytesPerSecond: 4,
      }),
      stats("api/dev", 1, { problem: "it is down" }),
    ]);
    expect(web?.containers.map(({ container }) => container?.slot)).toEqual([1, 2]);
    expect(web?.sums).toMatchObject({
      cpu: { used: 0.75, limit: 1 },
      mem: { used: 30, limit: 200 },
      net: { rx: 3, tx: 4 },
      restarts: 3,
    });
    expect(api?.sums).toMatchObject({
      cpu: { used: undefined, limit: undefined },
      net: undefined,
      restarts: undefined,
    });
  });

  it("have no limit of the group where one container has none", () => {
    const [web] = new Loads().take([stats("web/dev", 1, { cpu: 1, cpuLimit: 2 }), stats("web/dev", 2, { cpu: 1 })]);
    expect(web?.sums.cpu).toEqual({ used: 2, limit: undefined });
  });

  it("remember the last twenty samples of what is there, and nothing of what is gone", () => {
    const loads = new Loads();
    for (let i = 0; i < 30; i++) loads.take([stats("web/dev", 1, { cpu: i })]);
    const [web] = loads.take([stats("web/dev", 1, { cpu: 30 }), stats("web/dev", 2, { cpu: 1 })]);
    expect(web?.containers.map(({ load }) => load)).toEqual([Array.from({ length: 20 }, (_, i) => i + 11), [1]]);
    loads.take([]);
    expect(loads.take([stats("web/dev", 1, { cpu: 5 })])[0]?.sums.load).toEqual([5]);
  });
});

describe("samples on a terminal", () => {
  function terminal(rows: number) {
    const written: string[] = [];
    const out = { write: (text: string) => void written.push(text), isTTY: true, columns: 80, rows };
    const io = { stdout: out, stderr: out, env: { LANG: "C" }, cwd: ".", stdinIsTTY: false } as unknown as Io;
    const context = { io, globals: resolveGlobals({ color: "never" }, {}), args: [], options: {}, argv: [] };
    return { written, told: new ToldStats(context, { follow: true, sort: undefined }) };
  }
  const containers = Array.from({ length: 9 }, (_, i) =>
    ContainerStats.fromPartial({
      group: refOf("web/dev"),
      slot: i + 1,
      name: `web.${i}`,
      host: "a",
      cpu: 1,
      cpuLimit: 1,
    }),
  );

  it("are cut where the screen ends, and say how much", async () => {
    const { written, told } = terminal(8);
    await told.tell({ time: new Date(0), containers });
    const lines = written.join("").split("\n");
    expect(lines).toHaveLength(8);
    expect(lines.slice(-2)).toEqual(["and 6 more", ""]);
  });

  it("are whole where they fit, also of nothing", async () => {
    const { written, told } = terminal(50);
    await told.tell({ time: new Date(0), containers });
    expect(written.join("").trimEnd().split("\n")).toHaveLength(12);
    await told.tell({ time: new Date(0), containers: [] });
    expect(written.at(-1)).toMatch(/00:00:00\nnothing runs\n$/);
  });
});

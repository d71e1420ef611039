// What an engine says that a container uses: with cgroups v1 and v2, of one that has ended, and broken answers.

import { describe, expect, it } from "@jest/globals";
import type { Engine } from "../../../src/docker/engine.js";
import { EngineRefusal } from "../../../src/docker/failure.js";
import { readUsage, Usages } from "../../../src/docker/usage.js";

const READ = "2026-11-23T02:18:03.572920649Z";
const at = Date.parse(READ);
const MIB = 2 ** 20;

/** As an engine answers, with what is of no use here left out. */
const V1 = {
  read: READ,
  preread: "0001-01-01T00:00:00Z",
  cpu_stats: {
    cpu_usage: { total_usage: 2_500_000_000, percpu_usage: [1_500_000_000, 1_000_000_000] },
    system_cpu_usage: 76_465_370_000_000,
    online_cpus: 2,
  },
  precpu_stats: { cpu_usage: { total_usage: 0 } },
  memory_stats: {
    usage: 48 * MIB,
    max_usage: 50 * MIB,
    stats: { cache: 12 * MIB, inactive_file: 1 * MIB, total_inactive_file: 8 * MIB, total_rss: 36 * MIB },
    limit: 64 * MIB,
  },
  networks: { eth0: { rx_bytes: 614, tx_bytes: 20 }, eth1: { rx_bytes: 400, tx_bytes: 0 } },
};
const V2 = {
  ...V1,
  memory_stats: {
    usage: 48 * MIB,
    stats: { anon: 36 * MIB, file: 12 * MIB, inactive_file: 6 * MIB, active_file: 6 * MIB },
    limit: 64 * MIB,
  },
};

describe("what a container uses", () => {
  it("is read as docker stats shows it, with cgroups v1 and v2", () => {
    const cpuAndNet = { at, cpuSeconds: 2.5, net: { rx: 1014, tx: 20 } };
    expect(readUsage(V1)).toEqual({ ...cpuAndNet, mem: 40 * MIB });
    expect(readUsage(V2)).toEqual({ ...cpuAndNet, mem: 42 * MIB });
  });

  it("is nothing of a container that has ended", () => {
    const ended = { read: "0001-01-01T00:00:00Z", cpu_stats: { cpu_usage: { total_usage: 0 } }, memory_stats: {} };
    expect(readUsage(ended)).toBeUndefined();
  });

  it("has no traffic on the network of the host, and all memory where pages say nothing that can be", () => {
    const { networks: _, ...rest } = V1;
    expect(readUsage(rest)).toEqual({ at, cpuSeconds: 2.5, mem: 40 * MIB });
    const memory_stats = { usage: 5, stats: { total_inactive_file: 6 } };
    expect(readUsage({ ...rest, memory_stats })).toEqual({ at, cpuSeconds: 2.5, mem: 5 });
  });

  it.each([undefined, null, 7, "text", [], {}, { read: 7 }, { read: "soon" }])(
    "is not read from %j, which says no time",
    (answer) => {
      expect(readUsage(answer)).toBeUndefined();
    },
  );

  it.each([
    { cpu_stats: null, memory_stats: null, networks: null },
    { cpu_stats: [], memory_stats: "full", networks: [null, 3, { rx_bytes: 1 }] },
    { cpu_stats: { cpu_usage: { total_usage: -1 } }, memory_stats: { usage: "5" }, networks: { eth0: null } },
    { cpu_stats: { cpu_usage: { total_usage: 1e300 } }, memory_stats: { usage: 2 ** 60 }, networks: 9 },
    { cpu_stats: { cpu_usage: 4 }, memory_stats: { usage: Number.NaN }, networks: { eth0: { rx_bytes: {} } } },
  ])("has none of the figures that are broken: %j", (broken) => {
    expect(readUsage({ read: READ, ...broken })).toEqual({ at });
  });
});

describe("readings of one engine", () => {
  function engineOf() {
    const open: { readonly path: string; readonly end: (answer: unknown) => void }[] = [];
    const paths: string[] = [];
    const call = ({ path }: { path: string }) => {
      paths.push(path);
      return new Promise((resolve, reject) => {
        open.push({ path, end: (answer) => (answer instanceof Error ? reject(answer) : resolve(answer)) });
      });
    };
    return { open, paths, usages: new Usages({ host: "local", call } as unknown as Engine) };
  }
  const settled = () => new Promise((go) => setImmediate(go));

  it("are few at once, in turn, and go on after one that failed", async () => {
    const { open, paths, usages } = engineOf();
    const readings = Array.from({ length: 9 }, (_, i) => usages.of(`id${i}`).catch((error: unknown) => error));
    for (let done = 0; done < 9; done++) {
      await settled();
      expect(paths).toHaveLength(Math.min(9, 4 + done));
      open.shift()?.end(done === 2 ? new Error("broken") : V1);
    }
    const seen = await Promise.all(readings);
    expect(seen.filter((one) => one instanceof Error)).toHaveLength(1);
    expect(paths).toEqual(Array.from({ length: 9 }, (_, i) => `/containers/id${i}/stats`));
  });

  it("are shared by those who ask while one is under way, and not after", async () => {
    const { open, paths, usages } = engineOf();
    const both = [usages.of("a"), usages.of("a")];
    await settled();
    open.shift()?.end(V1);
    expect(await Promise.all(both)).toMatchObject([{ cpuSeconds: 2.5 }, { cpuSeconds: 2.5 }]);
    void usages.of("a");
    await settled();
    expect(paths).toHaveLength(2);
  });

  it("are nothing of a container that is gone", async () => {
    const { open, usages } = engineOf();
    const reading = usages.of("a");
    await settled();
    open.shift()?.end(new EngineRefusal(404, "No such container: a"));
    expect(await reading).toBeUndefined();
  });
});

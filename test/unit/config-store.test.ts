// Which store a server has: etcd, or the embedded one in a folder of this machine.

import { homedir } from "node:os";
import { resolve } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { type ReadConfig, readConfig, type Surroundings } from "../../src/config.js";

const ETCD = ["--etcd", "http://127.0.0.1:2379"];

function read(argv: readonly string[], around: Partial<Surroundings> = {}): ReadConfig {
  const usual = { env: {}, stderrIsTTY: false, isRoot: false };
  return readConfig(argv, { ...usual, bridgeAddress: () => undefined, engineComplaint: () => undefined, ...around });
}

function config(argv: readonly string[], around: Partial<Surroundings> = {}) {
  const result = read(argv, around);
  if (result.kind !== "config") throw new Error(JSON.stringify(result));
  return result.config;
}

function problems(argv: readonly string[], env: Surroundings["env"] = {}) {
  const result = read(argv, { env });
  if (result.kind !== "problems") throw new Error(JSON.stringify(result));
  return result.problems;
}

const folder = (argv: readonly string[], around: Partial<Surroundings>): string | undefined => {
  const { store } = config(argv, around);
  return store.kind === "embedded" ? store.folder : undefined;
};

describe("the store of a server", () => {
  it("is its own with --dev, which needs nothing else and logs for people", () => {
    const read = config(["--dev"]);
    expect(read).toMatchObject({ dev: true, clean: false, log: { form: "line" } });
    expect(read.store).toMatchObject({ kind: "embedded", compact: true, listen: undefined });
  });

  it("is its own with --store embedded, where nothing else is as with --dev", () => {
    expect(config(["--store", "embedded"])).toMatchObject({
      dev: false,
      store: { kind: "embedded" },
      log: { form: "json" },
    });
  });

  it("is etcd with --dev too, for who says so", () => {
    expect(config(["--dev", "--store", "etcd", ...ETCD])).toMatchObject({ dev: true, store: { kind: "etcd" } });
  });

  it("lies where state lies on this machine, unless --data says where", () => {
    const env = { XDG_STATE_HOME: "/state" };
    expect(folder(["--dev"], {})).toBe(`${homedir()}/.local/state/theseus/dev`);
    expect(folder(["--dev"], { isRoot: true })).toBe("/var/lib/theseus/dev");
    expect(folder(["--dev"], { isRoot: true, env })).toBe("/state/theseus/dev");
    expect(folder(["--dev"], { env: { XDG_STATE_HOME: "state" } })).toBe(`${homedir()}/.local/state/theseus/dev`);
    expect(folder(["--dev", "--data", "here"], { env })).toBe(resolve("here"));
  });

  it("comes from the environment as everything else does", () => {
    const env = { THESEUS_DEV: "1", THESEUS_DATA: "/d", THESEUS_STORE_LISTEN: "[::1]:0", THESEUS_CLEAN: "yes" };
    expect(config([], { env })).toMatchObject({
      dev: true,
      clean: true,
      store: { kind: "embedded", folder: "/d", listen: { host: "::1", port: 0 } },
    });
  });

  it("is served on loopback, and nowhere else even insecurely", () => {
    const { store } = config(["--dev", "--store-listen", "127.0.0.1:2379"]);
    expect(store).toMatchObject({ listen: { host: "127.0.0.1", port: 2379 } });
    expect(config(["--dev", "--store-listen", "off"]).store).toMatchObject({ listen: undefined });
    const open = problems(["--dev", "--store-listen", "0.0.0.0:2379", "--listen-insecurely"]);
    expect(open).toHaveLength(1);
    expect(open[0]?.next).toEqual(["theseus server start --dev --store-listen 127.0.0.1:2379"]);
  });

  it.each<[string, string[], string]>([
    ["etcd beside its own", ["--dev", ...ETCD], "--etcd belongs to etcd, and --dev has"],
    ["etcd beside the embedded one", ["--store", "embedded", ...ETCD], "and --store embedded has"],
    ["a certificate beside its own", ["--dev", "--etcd-ca", "/dev/null"], "--etcd-ca belongs to etcd"],
    ["compaction beside its own", ["--dev", "--etcd-compact", "off"], "--etcd-compact belongs to etcd"],
    ["a folder for etcd", [...ETCD, "--data", "/d"], "--data belongs to the embedded store"],
    ["a listener for etcd", [...ETCD, "--store-listen", "127.0.0.1:1"], "--store-listen belongs to the embedded store"],
    ["a folder without a name", ["--dev", "--data", ""], "--data names no folder"],
    ["a kind that nobody knows", ["--store", "sqlite", ...ETCD], '--store: "sqlite" is no choice'],
    ["cleaning up an etcd", [...ETCD, "--clean"], "--clean removes every group"],
    ["cleaning up a store that may stay", ["--store", "embedded", "--clean"], "--clean removes every group"],
    ["an address without a port", ["--dev", "--store-listen", "127.0.0.1"], "HOST:PORT"],
  ])("is refused for %s", (_, argv, words) => {
    expect(problems(argv).map(({ what, why }) => `${what}: ${why}`)).toEqual([expect.stringContaining(words)]);
  });

  it("names the variable that a contradiction comes from", () => {
    const [problem] = problems(["--dev"], { THESEUS_ETCD: "http://h:1" });
    expect(problem?.what).toBe("THESEUS_ETCD belongs to etcd, and --dev has a store of its own");
    const [other] = problems(ETCD, { THESEUS_DEV: "1" });
    expect(other?.what).toContain("--etcd belongs to etcd, and THESEUS_DEV has");
  });

  it("has to be named, and what to type is said", () => {
    const [problem] = problems([]);
    expect(problem?.what).toBe("no store is named: neither --dev nor --etcd");
    expect(problem?.next?.join("\n")).toMatch(/^theseus server start --dev .*\ntheseus server start --etcd http/);
  });
});

import { describe, expect, it } from "@jest/globals";
import { type Config, readConfig } from "../../../src/config.js";
import type { GroupChange } from "../../../src/model/change.js";
import { TheseusError } from "../../../src/model/errors.js";
import { groupRef } from "../../../src/model/reference.js";
import { type Cleaning, removeEverything, stopAsAsked } from "../../../src/start/clean.js";
import { config, House, WEB } from "../../support/scheduler-house.js";

const log: Cleaning["log"] = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => log,
};

/** Changes go to the house's store as people's do. */
function cleaning(house: House, more: Partial<Cleaning> = {}): { asked: GroupChange[]; cleaning: Cleaning } {
  const asked: GroupChange[] = [];
  const store: Cleaning["store"] = {
    listGroups: () => house.store.listGroups(),
    readGroup: (group) => house.store.readGroup(group),
    changeGroups: async (changes) => {
      asked.push(...changes);
      for (const { ref } of changes) house.store.askRemoval(ref);
      return { revision: 0n, replayed: false, groups: [] };
    },
  };
  return { asked, cleaning: { store, engine: Promise.resolve(house.runtime), clock: house.clock, log, ...more } };
}

/** What is left, after the clock has been turned as far as it takes. */
async function leftOf(house: House, given: Cleaning): Promise<readonly string[]> {
  let left: readonly string[] | undefined;
  void removeEverything(given).then((found) => {
    left = found;
  });
  await house.clock.advanceUntil(() => left !== undefined, 15 * 60_000);
  return left ?? [];
}

describe("removing everything before the end", () => {
  it("asks once for each group and returns when the last container is gone, volumes kept", async () => {
    const house = new House();
    const term = house.startTerm();
    const other = groupRef("api", ["dev"], "shop");
    house.store.ask(WEB, config(3));
    house.store.ask(other, config(1));
    await house.untilReady(3);
    await house.untilReady(1, other);
    const { asked, cleaning: given } = cleaning(house);
    expect(await leftOf(house, given)).toEqual([]);
    expect(house.runtime.running()).toEqual([]);
    expect(asked.map(({ kind, ref }) => [kind, ref.service])).toEqual([
      ["remove", "web"],
      ["remove", "api"],
    ]);
    expect(asked).toEqual(asked.map((change) => ({ ...change, volumes: false })));
    await term.end();
  });

  it("is done at once where there is nothing", async () => {
    const house = new House();
    expect(await leftOf(house, cleaning(house).cleaning)).toEqual([]);
    expect(house.clock.monotonic()).toBe(0);
  });

  it("gives up when nothing goes for a minute, and names what is left", async () => {
    const house = new House();
    house.store.ask(WEB, config(1));
    const shop = groupRef("api", [], "shop");
    house.store.ask(shop, config(1));
    // Nobody leads, so nobody removes anything.
    expect(await leftOf(house, cleaning(house).cleaning)).toEqual(["web/dev", "api/- in shop"]);
    expect(house.clock.monotonic()).toBeLessThan(2 * 60_000);
  });

  it("says what it cannot see when the engine is away, rather than that all is gone", async () => {
    const house = new House();
    const list = () => Promise.reject(new TheseusError("HOST_UNREACHABLE", { what: "no answer from Docker on local" }));
    const left = await leftOf(house, cleaning(house, { engine: Promise.resolve({ list }) }).cleaning);
    expect(left).toEqual(["no answer from Docker on local"]);
  });
});

describe("a server that is told to stop", () => {
  function settings(...argv: string[]): Config {
    const around = { env: {}, stderrIsTTY: false, isRoot: false, bridgeAddress: () => undefined };
    const read = readConfig(argv, { ...around, engineComplaint: () => undefined });
    if (read.kind !== "config") throw new Error(JSON.stringify(read));
    return read.config;
  }

  /** What was done with a server where so much cannot be removed, what was said, and the exit code. */
  async function stopped(config: Config, left: readonly string[]) {
    const done: string[] = [];
    const said: string[] = [];
    const removeEverything = async () => {
      done.push("remove");
      return left;
    };
    const stop = async () => void done.push("stop");
    const code = await stopAsAsked(config, { removeEverything, stop }, (text) => said.push(text));
    return { done, said: said.join(""), code };
  }

  it("removes nothing unless --clean says so", async () => {
    expect(await stopped(settings("--dev"), [])).toEqual({ done: ["stop"], said: "", code: 0 });
    expect(await stopped(settings("--etcd", "http://h:1"), [])).toEqual({ done: ["stop"], said: "", code: 0 });
  });

  it("keeps its store where something is left, says what, and how to go on", async () => {
    const { done, said, code } = await stopped(settings("--dev", "--clean", "--data", "/nowhere/d"), ["web/dev"]);
    expect([done, code]).toEqual([["remove", "stop"], 1]);
    expect(said).toContain("left as it is: web/dev\ngo on: theseus server start --dev --clean --data /nowhere/d\n");
  });

  it("says so where the groups are gone and the folder cannot be removed", async () => {
    const { said, code } = await stopped(settings("--dev", "--clean", "--data", "/nowhere/d"), []);
    expect(code).toBe(1);
    expect(said).toMatch(/all groups are removed, \/nowhere\/d is not: .*ENOENT/);
  });
});

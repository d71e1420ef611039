// `theseus server backup` against a server that sends what it is told to: the file is there whole, or not at all.

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "@jest/globals";
import type { BackUpStoreResponse } from "../../clients/gen/theseus/v1/theseus_service.js";
import { CliStage } from "../support/cli-stage.js";
import { Refusal, startFakeTheseus } from "../support/fake-theseus.js";
import type { CliOptions } from "../support/run-cli.js";
import { until } from "../support/until.js";

const DATA = Buffer.from("all of the store ".repeat(20_000));
const HONEST = {
  kind: "etcd",
  sizeBytes: BigInt(DATA.length),
  sha256: createHash("sha256").update(DATA).digest("hex"),
  revision: 48812n,
};

async function* sending(summary?: Partial<typeof HONEST>, data = DATA): AsyncGenerator<BackUpStoreResponse> {
  for (let at = 0; at < data.length; at += 65_536) yield { chunk: data.subarray(at, at + 65_536), summary: undefined };
  if (summary !== undefined) yield { chunk: Buffer.alloc(0), summary: { ...HONEST, ...summary } };
}

const stage = new CliStage();
const other = new CliStage();
afterEach(() => Promise.all([stage.strike(), other.strike()]));

type Source = () => AsyncGenerator<BackUpStoreResponse>;
const backup = (source: Source, argv: readonly string[] = [], options: CliOptions = {}) =>
  stage.theseus({ backUpStore: source }, ["server", "backup", "store.db", ...argv], options);
const files = async () => (await readdir(await stage.folder())).sort();
const whole: Source = () => sending({});

describe("a backup", () => {
  it("is one file for its owner alone, with how to restore it", async () => {
    const { exit, stdout, stderr } = await backup(whole);
    const path = join(await stage.folder(), "store.db");
    expect([exit, stderr]).toEqual([0, ""]);
    expect(await readFile(path)).toEqual(DATA);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await files()).toEqual(["store.db"]);
    expect(stdout).toMatch(/^store {5}etcd$/m);
    expect(stdout).toMatch(/^revision {2}48812$/m);
    expect(stdout).toContain(`restore   etcdctl snapshot restore ${path} --data-dir FOLDER\n`);
  });

  it("is told to programs", async () => {
    const { stdout } = await backup(() => sending({ kind: "embedded" }), ["-o", "json"]);
    const file = join(await stage.folder(), "store.db");
    expect(JSON.parse(stdout)).toEqual({
      apiVersion: "theseus.v1",
      kind: "Backup",
      file,
      store: "embedded",
      sizeBytes: DATA.length,
      sha256: HONEST.sha256,
      revision: "48812",
      restore: `theseus server restore ${file} --data FOLDER`,
    });
    expect((await backup(whole, ["--force", "-q"])).stdout).toBe(`${file}\n`);
  });

  it("takes the place of no file unless it is told to", async () => {
    await stage.write("store.db", "older");
    const refused = await backup(whole);
    expect([refused.exit, stage.names()]).toEqual([2, []]);
    expect(refused.stderr).toMatch(/store\.db is there already +\[USAGE\][\s\S]*next {2}theseus .*--force/);
    expect(await readFile(join(await stage.folder(), "store.db"), "utf8")).toBe("older");
    expect((await backup(whole, ["--force"])).exit).toBe(0);
    expect(await readFile(join(await stage.folder(), "store.db"))).toEqual(DATA);
  });

  it.each([
    ["the first that is whole keeps the name", [], [0, 2]],
    ["with --force the last one has it", ["--force"], [0, 0]],
  ])("is written beside another one to the same file: %s", async (_, flags, exits) => {
    const first = new AbortController();
    async function* waiting(): AsyncGenerator<BackUpStoreResponse> {
      for await (const part of sending({})) {
        yield part;
        await until("the other one to be there", () => first.signal.aborted);
      }
    }
    const slow = backup(waiting, flags);
    await until("something to be written", async () => (await files()).some((name) => name.endsWith(".partial")));
    const path = join(await stage.folder(), "store.db");
    const quick = await other.theseus({ backUpStore: whole }, ["server", "backup", path, ...flags]);
    first.abort();
    expect([quick.exit, (await slow).exit]).toEqual(exits);
    expect(await files()).toEqual(["store.db"]);
    expect(await readFile(path)).toEqual(DATA);
  });

  it("goes nowhere else than into a file", async () => {
    await mkdir(join(await stage.folder(), "folder"));
    for (const [name, words] of [
      ["-", "not written to standard output"],
      ["folder", "is a folder"],
      ["nowhere/store.db", "there is no such folder"],
    ] as const) {
      const { exit, stderr } = await stage.theseus({ backUpStore: whole }, ["server", "backup", name]);
      expect([exit, stderr]).toEqual([2, expect.stringContaining(words)]);
    }
    expect(await files()).toEqual(["folder"]);
  });

  it.each([
    ["without its end", () => sending(), "without the proof that it is whole"],
    ["too short", () => sending({ sizeBytes: 400_000n }), "340000 bytes arrived of 400000"],
    ["damaged on its way", () => sending({ sha256: "00" }), "should be 00"],
  ])("that arrives %s leaves nothing", async (_, source, why) => {
    await stage.write("older", "");
    const { exit, stderr } = await backup(source);
    expect(exit).toBe(10);
    expect(stderr).toMatch(/^error: the backup that arrived is not the one that was sent +\[STORE_UNREACHABLE\]/);
    expect(stderr).toContain(why);
    expect(await files()).toEqual(["older"]);
  });

  it("that the server breaks off leaves nothing, and says what the server says", async () => {
    async function* breaking(): AsyncGenerator<BackUpStoreResponse> {
      yield* sending();
      const message = "the backup ended before it was whole";
      throw new Refusal({ code: status.UNAVAILABLE, reason: "STORE_UNREACHABLE", message });
    }
    const { exit, stderr } = await backup(breaking, ["-o", "json"]);
    expect([exit, JSON.parse(stderr).error]).toEqual([10, expect.objectContaining({ code: "STORE_UNREACHABLE" })]);
    expect(await files()).toEqual([]);
  });

  it.each([
    [130, "Ctrl-C"],
    [143, "SIGTERM"],
  ])("that is stopped leaves nothing: exit %i after %s", async (code) => {
    const stop = new AbortController();
    async function* endless(): AsyncGenerator<BackUpStoreResponse> {
      yield* sending();
      await until("the test to be over", () => stop.signal.aborted);
    }
    const stopped = backup(endless, [], { interrupted: stop.signal });
    await until("something to be written", async () => (await files()).some((name) => name.endsWith(".partial")));
    stop.abort(code);
    const { exit, stderr } = await stopped;
    expect([exit, await files()]).toEqual([code, []]);
    expect(stderr).toMatch(
      /^error: the backup was stopped +\[CANCELLED\][\s\S]*\n {2}now {3}store\.db was not written/,
    );
  });

  it("that is not done by the time asked for leaves nothing", async () => {
    async function* slow(): AsyncGenerator<BackUpStoreResponse> {
      yield* sending();
      await new Promise(() => undefined);
    }
    const { exit, stderr } = await backup(slow, ["--timeout", "300ms"]);
    expect([exit, await files()]).toEqual([10, []]);
    expect(stderr).toMatch(/no answer within the deadline/);
  });

  it("of no server is exit 10, and nothing is written", async () => {
    const argv = ["server", "backup", "store.db", "--server", "127.0.0.1:1,127.0.0.1:2"];
    const { exit, stderr } = await stage.theseus({}, argv);
    expect([exit, stderr]).toEqual([10, expect.stringContaining("[SERVER_UNREACHABLE]")]);
    expect(await files()).toEqual([]);
  });

  it("comes from the next address when the first is not there", async () => {
    const other = await startFakeTheseus({ backUpStore: whole });
    const env = { THESEUS_SERVER: `127.0.0.1:1,${other.address}` };
    const { exit } = await backup(() => sending(), [], { env });
    other.close();
    expect([exit, stage.names()]).toEqual([0, []]);
  });
});

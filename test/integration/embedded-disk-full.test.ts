// The embedded store on a real file system that runs full: a tmpfs of its own, so it needs to be root.

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { openEmbeddedStore } from "../../src/embedded/store.js";
import { createEmbeddedWire } from "../../src/embedded/wire.js";
import { isReason } from "../../src/model/errors.js";
import type { EtcdWire } from "../../src/model/ports.js";
import { testParts } from "../support/parts.js";
import { until } from "../support/until.js";

const run = promisify(execFile);
const MEBIBYTE = 1024 * 1024;

describe("a full disk under the embedded store", () => {
  let disk: string;
  beforeEach(async () => {
    disk = await mkdtemp(join(tmpdir(), "theseus-full-disk-"));
    await run("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]);
  });
  afterEach(async () => {
    await run("umount", ["--lazy", disk]);
    await rm(disk, { recursive: true, force: true });
  });

  const ballast = (): string => join(disk, "ballast");

  /** Writes until the disk is full. @returns what was acknowledged. */
  async function fill(wire: EtcdWire, round: number): Promise<ReadonlyMap<string, string>> {
    const acknowledged = new Map<string, string>();
    for (let i = 0; ; i++) {
      const [key, value] = [`/k${i % 40}`, `${round} ${i} `.padEnd(4000, "x")];
      try {
        await wire.txn([], [{ op: "put", key, value }]);
        acknowledged.set(key, value);
      } catch (error) {
        expect(isReason(error, "OUTCOME_UNKNOWN")).toBe(true);
        return acknowledged;
      }
    }
  }

  async function stateOf(wire: EtcdWire): Promise<ReadonlyMap<string, string>> {
    const { kvs } = await wire.range({ key: "/k", end: "/l" });
    return new Map(kvs.map(({ key, value }) => [key, value]));
  }

  it("refuses writes and answers reads, goes on by itself when there is room, and has lost nothing", async () => {
    const open = () => openEmbeddedStore({ folder: join(disk, "data"), ...testParts() });
    let store = await open();
    const expected = new Map<string, string>();
    for (let round = 0; round < 3; round++) {
      const wire = createEmbeddedWire(store);
      await writeFile(ballast(), Buffer.alloc(MEBIBYTE));
      for (const [key, value] of await fill(wire, round)) expected.set(key, value);
      expect(await stateOf(wire)).toEqual(expected);
      expect((await wire.status()).members[0]?.problem).toContain("No space left on device");

      await rm(ballast());
      await until("it takes writes again", async () => {
        const again = await wire.txn([], [{ op: "put", key: "/again", value: "" }]).catch(() => undefined);
        return again === undefined ? undefined : await wire.compact(again.revision).then(() => true);
      });
      expect(await stateOf(wire)).toEqual(expected);
      await store.close();
      store = await open();
      expect(await stateOf(createEmbeddedWire(store))).toEqual(expected);
    }
    await store.close();
  });
});

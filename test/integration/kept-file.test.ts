// The file that always has something good in it, on a real disk.

import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { KeptFile } from "../../clients/cli/discover/kept-file.js";
import { makeFolder } from "../support/temporary-folder.js";

let folder: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ path: folder, remove } = await makeFolder("kept"));
});
afterEach(() => remove());

const yes = async () => true;
const no = async () => false;

describe("a kept file", () => {
  it("is made where there is none, for everybody to read", async () => {
    const file = await KeptFile.at(folder, "web.cfg");
    expect(await file.hasContent()).toBe(false);
    expect(await file.replace("one\n", yes)).toBe(true);
    expect(await file.hasContent()).toBe(true);
    expect(await readFile(join(folder, "web.cfg"), "utf8")).toBe("one\n");
    expect((await stat(join(folder, "web.cfg"))).mode & 0o777).toBe(0o644);
    expect(await readdir(folder)).toEqual(["web.cfg"]);
  });

  it("is another file with the same mode after each replacement", async () => {
    const path = join(folder, "web.cfg");
    await writeFile(path, "old");
    await chmod(path, 0o640);
    const before = await stat(path);
    await (await KeptFile.at(folder, "web.cfg")).replace("new", yes);
    const after = await stat(path);
    expect(after.ino).not.toBe(before.ino);
    expect([after.mode & 0o777, after.uid, after.gid]).toEqual([0o640, before.uid, before.gid]);
  });

  it("stays as it is when the new one is not good, and nothing is left beside it", async () => {
    await writeFile(join(folder, "web.cfg"), "old");
    const file = await KeptFile.at(folder, "web.cfg");
    let seen = "";
    const refuse = async (candidate: string) => {
      seen = await readFile(candidate, "utf8");
      return false;
    };
    expect(await file.replace("new", refuse)).toBe(false);
    expect(seen).toBe("new");
    expect(await readFile(join(folder, "web.cfg"), "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["web.cfg"]);
  });

  it("stays as it is when it cannot be replaced", async () => {
    const file = await KeptFile.at(folder, "web.cfg");
    await mkdir(join(folder, "web.cfg", "inside"), { recursive: true });
    await expect(file.replace("new", yes)).rejects.toThrow(/EISDIR|ENOTEMPTY/);
    expect(await readdir(folder)).toEqual(["web.cfg"]);
  });

  it("is behind its links, which stay", async () => {
    await mkdir(join(folder, "real"));
    await writeFile(join(folder, "real", "web.cfg"), "old");
    await symlink(join(folder, "real", "web.cfg"), join(folder, "link.cfg"));
    await (await KeptFile.at(folder, "link.cfg")).replace("new", yes);
    expect((await lstat(join(folder, "link.cfg"))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(folder, "real", "web.cfg"), "utf8")).toBe("new");
  });

  it("removes what a killed process has left of its candidate, and no other file", async () => {
    const dead = 2 ** 22 + 1;
    const names = [`.web.cfg.${dead}.candidate`, `.web.cfg.${process.pid}.candidate`, ".web.cfg.swp"];
    for (const name of names) await writeFile(join(folder, name), "");
    await KeptFile.at(folder, "web.cfg");
    expect((await readdir(folder)).sort()).toEqual(names.slice(1).sort());
  });

  it("cannot be a folder, or in none", async () => {
    await expect(KeptFile.at(folder, ".")).rejects.toThrow("is a folder");
    await expect(KeptFile.at(folder, "none/web.cfg")).rejects.toThrow("cannot be written");
    expect(await (await KeptFile.at(folder, "web.cfg")).replace("", no)).toBe(false);
  });
});

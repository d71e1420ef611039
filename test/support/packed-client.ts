// The client package as those who install it have it: built, packed, and unpacked in a folder of a program of theirs.

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const TSC = resolve("node_modules/.bin/tsc");

export class PackedClient {
  /** Of the program that has installed it. */
  readonly folder: string;
  /** Paths in the package. */
  readonly files: readonly string[];

  private constructor(folder: string, files: readonly string[]) {
    this.folder = folder;
    this.files = files;
  }

  static async make(): Promise<PackedClient> {
    const folder = await mkdtemp(join(tmpdir(), "theseus-client-"));
    try {
      const files = await pack(folder);
      const modules = join(folder, "node_modules");
      await mkdir(join(modules, "theseus-client"), { recursive: true });
      await run("tar", [
        "-xzf",
        join(folder, "package.tgz"),
        "-C",
        join(modules, "theseus-client"),
        "--strip-components=1",
      ]);
      // What it depends on at run time, and the types of Node, which those have in their own types; nothing else.
      for (const scope of ["@grpc", "@bufbuild"]) await symlink(resolve("node_modules", scope), join(modules, scope));
      await mkdir(join(modules, "@types"));
      await symlink(resolve("node_modules/@types/node"), join(modules, "@types/node"));
      await writeFile(join(folder, "package.json"), '{"type":"module","private":true}');
      return new PackedClient(folder, files);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** What the compiler complains of in this program; "" when nothing. */
  async complaints(file: string, source: string, options: readonly string[]): Promise<string> {
    await writeFile(join(this.folder, file), source);
    const strict = ["--noEmit", "--strict", "--target", "es2023", "--lib", "es2023", "--types", "node"];
    return await run(TSC, [...strict, ...options, file], { cwd: this.folder }).then(
      () => "",
      (error: { stdout: string }) => error.stdout,
    );
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Builds beside the sources, so that nobody's build is in the way. */
async function pack(folder: string): Promise<string[]> {
  const source = join(folder, "source");
  const out = ["--outDir", join(source, "dist"), "--tsBuildInfoFile", join(source, "dist/.tsbuildinfo")];
  await run(TSC, ["-p", "clients/tsconfig.json", ...out]);
  for (const file of ["package.json", "README.md"]) await cp(join("clients", file), join(source, file));
  const args = ["pack", "--ignore-scripts", "--json", "--offline", "--pack-destination", folder];
  const { stdout } = await run("npm", args, { cwd: source });
  const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
  if (packed === undefined) throw new Error("npm packed nothing");
  await cp(join(folder, packed.filename), join(folder, "package.tgz"));
  return packed.files.map(({ path }) => path);
}

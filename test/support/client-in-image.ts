// What a program in a container needs of the client package, as files of an image: the package as it is packed, and what
// it depends on, and that on what it depends.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PackedClient } from "./packed-client.js";

type Files = Record<string, string>;

/** As it is packed. By absolute path in the image, below this folder. */
export function clientFiles(packed: PackedClient, folder: string): Promise<Files> {
  return filesOf(join(packed.folder, "node_modules", "theseus-client"), folder);
}

/** As it is built in this repository. */
export function builtClientFiles(folder: string): Promise<Files> {
  return filesOf("clients", folder);
}

async function filesOf(client: string, folder: string): Promise<Files> {
  const files: Files = { [`${folder}/package.json`]: '{"type":"module"}' };
  const seen = new Set<string>();
  const waiting = ["theseus-client"];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const from = name === "theseus-client" ? client : join("node_modules", name);
    const text = await readFile(join(from, "package.json"), "utf8");
    waiting.push(...Object.keys((JSON.parse(text) as { dependencies?: object }).dependencies ?? {}));
    await addCode(files, from, `${folder}/node_modules/${name}`);
  }
  return files;
}

async function addCode(files: Files, from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (entry.isDirectory()) await addCode(files, join(from, entry.name), `${to}/${entry.name}`);
    else if (/\.(c|m)?js$|\.json$|\.proto$/.test(entry.name))
      files[`${to}/${entry.name}`] = await readFile(join(from, entry.name), "utf8");
  }
}

// The simulator in processes of its own, where it is fast: the JSON lines of each, the last of them its sum.

import { spawn } from "node:child_process";
import { type Bundle, bundleSim, type Planted } from "./bundle.js";

export type Line = Readonly<Record<string, unknown>>;

/** It ran, and did not come to its end. */
export class SimBroke extends Error {}

/** Each list of arguments in a process of its own, all at once. Fails with SimBroke when one did not come to its end. */
export async function runSim(each: readonly (readonly string[])[], planted?: Planted): Promise<readonly Line[]> {
  const bundle = await bundleSim(planted);
  try {
    return (await Promise.all(each.map((args) => run(bundle, args)))).flat();
  } finally {
    await bundle.remove();
  }
}

function run({ path }: Bundle, args: readonly string[]): Promise<readonly Line[]> {
  const node = ["--no-warnings", "--max-semi-space-size=32", path, ...args];
  const child = spawn(process.execPath, node, { stdio: ["ignore", "pipe", "pipe"] });
  let [text, complaints] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (some: string) => {
    text += some;
  });
  child.stderr.setEncoding("utf8").on("data", (some: string) => {
    complaints += some;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const lines = text.split("\n").filter((line) => line.startsWith("{"));
      if (code === 0 || code === 1) resolve(lines.map((line) => JSON.parse(line) as Line));
      else reject(new SimBroke(`the simulator ended with ${code}: ${complaints.slice(-1000)}`));
    });
  });
}

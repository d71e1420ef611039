// The simulator in processes of its own, where it is fast: the JSON lines of each, the last of them its sum.

import { spawn } from "node:child_process";
import { constants, setPriority } from "node:os";
import { createInterface } from "node:readline";
import { type Bundle, bundleSim, type Planted } from "./bundle.js";

export type Line = Readonly<Record<string, unknown>>;

/** It ran, and did not come to its end. */
export class SimBroke extends Error {}

/**
 * Much code, of which little is run often: with Node's own limit on inlining a third of the processor time of the first
 * hundreds of seeds went into compiling it, and what came of it was no faster. A young generation that is large enough for
 * some seeds leaves little to sweep; there is a process on each core already, so that none is left to help with that. Nor is
 * it worth waiting with what makes code faster until it has run often: a tenth of the seeds.
 */
const NODE_OPTIONS = [
  "--no-warnings",
  "--max-inlined-bytecode-size-cumulative=300",
  "--max-semi-space-size=32",
  "--single-threaded-gc",
  "--always-sparkplug",
  "--no-lazy-feedback-allocation",
];

/**
 * Each list of arguments in a process of its own, all at once. What breaks a promise is told on stderr as soon as it is
 * seen, as a long run goes on for most of an hour; with a planted defect it is not news. Fails with SimBroke when one did not come to its end.
 */
export async function runSim(each: readonly (readonly string[])[], planted?: Planted): Promise<readonly Line[]> {
  const bundle = await bundleSim(planted);
  try {
    return (await Promise.all(each.map((args) => run(bundle, args, planted === undefined)))).flat();
  } finally {
    await bundle.remove();
  }
}

function run({ path }: Bundle, args: readonly string[], isNews: boolean): Promise<readonly Line[]> {
  const child = spawn(process.execPath, [...NODE_OPTIONS, path, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  // What runs beside it has a real clock.
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on("line", (text) => {
    if (!text.startsWith("{")) return;
    const line = JSON.parse(text) as Line;
    lines.push(line);
    if (isNews && "violations" in line) console.error(`sim: ${text}`);
  });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (some: string) => {
    complaints += some;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0 || code === 1) resolve(lines);
      else reject(new SimBroke(`the simulator ended with ${code}: ${complaints.slice(-1000)}`));
    });
  });
}

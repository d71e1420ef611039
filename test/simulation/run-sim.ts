// The simulator in a process of its own, where it is fast: its JSON lines, the last of them the sum.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export type Line = Readonly<Record<string, unknown>>;

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** @param root of the checkout whose code is run. Fails when it could not be run to its end. */
export function runSim(args: readonly string[], root = ROOT): Promise<readonly Line[]> {
  const node = ["--no-warnings", "--max-semi-space-size=64", "--import", "tsx", "test/simulation/sim.ts", ...args];
  const env = { ...process.env, TSX_DISABLE_CACHE: "1" };
  const child = spawn(process.execPath, node, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
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
      else reject(new Error(`the simulator ended with ${code}: ${complaints.slice(-1000)}`));
    });
  });
}

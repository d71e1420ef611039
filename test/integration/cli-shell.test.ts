// Command lines of --check and --then that have to be ended, with all that they have started.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { runShell } from "../../clients/cli/discover/shell.js";
import { makeFolder } from "../support/temporary-folder.js";
import { until } from "../support/until.js";

let folder: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ path: folder, remove } = await makeFolder("shell"));
});
afterEach(() => remove());

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function pidOf(file: string): Promise<number> {
  return await until(`${file} to be written`, async () => {
    const text = await readFile(join(folder, file), "utf8").catch(() => "");
    return text.endsWith("\n") && Number(text);
  });
}

type Running = { readonly ended: Promise<string | undefined>; readonly stop: AbortController };

function start(line: string, limit = 60_000): Running {
  const stop = new AbortController();
  const io = { stderr: { write: () => undefined, isTTY: false }, env: { PATH: process.env["PATH"] }, cwd: folder };
  return { ended: runShell(line, { env: {}, io, signal: stop.signal, limit }), stop };
}

describe("a command line", () => {
  it("is ended with what it started, also with what does not hear SIGTERM", async () => {
    const deaf = `sh -c 'trap "" TERM; echo $$ > deaf; while :; do sleep 0.05; done' & sleep 60`;
    const { ended, stop } = start(deaf);
    const pid = await pidOf("deaf");
    stop.abort();
    expect(await ended).toBe("ended by SIGTERM");
    await until("the deaf one to be gone", () => !isRunning(pid), { withinMs: 2_000 });
  });

  it("is ended with what it started after its time", async () => {
    const { ended } = start("sleep 60 & echo $! > child; wait", 500);
    const pid = await pidOf("child");
    expect(await ended).toBe("ended, since it took longer than 0.5 s");
    await until("the child to be gone", () => !isRunning(pid), { withinMs: 2_000 });
  });

  it("that ends well may leave a daemon behind", async () => {
    const { ended } = start("sleep 60 >/dev/null 2>&1 & echo $! > daemon");
    expect(await ended).toBeUndefined();
    const pid = await pidOf("daemon");
    expect(isRunning(pid)).toBe(true);
    process.kill(pid);
  });
});

// A watcher in a process of its own, with the client package as any program has it. Started again in that process with
// the server's address it watches; the proof asks it what it holds, stops it, and lets it go on.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { watchService } from "../../../clients/watch-service.js";
import { until } from "../../support/until.js";
import { stateIn, targetOf } from "../follow/package-watcher.js";
import { FLOW } from "./flow.js";

const HERE = fileURLToPath(import.meta.url);

type Held = ReadonlyMap<string, string>;

/** From the outside. */
export class StillWatcher {
  readonly #child: ChildProcess;
  readonly #goWithUs = (): void => void this.#child.kill("SIGKILL");

  constructor(address: string) {
    this.#child = fork(HERE, [address], {
      execArgv: ["--no-warnings", "--import", "tsx"],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      detached: true,
    });
    process.once("exit", this.#goWithUs);
  }

  /** Its state, as it has it now. */
  async held(): Promise<Held> {
    const answer = once(this.#child, "message", { signal: AbortSignal.timeout(60_000) });
    this.#child.send("tell");
    const [held] = (await answer) as [Held];
    return held;
  }

  /** Resolves when it really stands still. */
  async pause(): Promise<void> {
    const { pid } = this.#child;
    this.#child.kill("SIGSTOP");
    await until("the watcher to stand still", () => pid !== undefined && isStopped(pid));
  }

  resume(): void {
    this.#child.kill("SIGCONT");
  }

  async end(): Promise<void> {
    process.off("exit", this.#goWithUs);
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }
}

/** Every thread is in state T, the first letter after the name in brackets. */
function isStopped(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) => {
    const text = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).startsWith("T");
  });
}

/** From the inside. */
if (process.argv[1] === HERE) {
  const [, , address = ""] = process.argv;
  const watch = watchService(address, targetOf(FLOW), { acknowledge: true });
  let held: Held = new Map();
  process.on("message", () => void process.send?.(held));
  process.on("disconnect", () => process.exit());
  for await (const { endpoints } of watch) held = stateIn(endpoints);
}

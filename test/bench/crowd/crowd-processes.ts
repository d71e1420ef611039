// The processes of a crowd as the bench holds them: one that watches, and one that broadcasts.

import { type ChildProcess, fork } from "node:child_process";
import type { Broadcast, FromBroadcast } from "./broadcast-process.js";
import type { Crowd, FromWatchers, ToWatchers } from "./watchers-process.js";

const PATIENCE_MS = 60_000;

/** All watchers of one server, in a process of their own. It goes with this one. */
export class Watchers {
  readonly #child = started("watchers-process.ts");

  /** Resolves when each has its first message. */
  async open(crowd: Crowd): Promise<void> {
    const come = this.#hear();
    this.#tell({ kind: "open", ...crowd });
    await come;
  }

  /** @returns when a message of at least that many bytes came to each after the act was begun, in milliseconds, sorted. */
  async until(bytes: number, act: () => Promise<unknown>): Promise<readonly number[]> {
    const expecting = this.#hear();
    this.#tell({ kind: "expect", bytes });
    await expecting;
    const come = this.#hear();
    const begun = Number(process.hrtime.bigint()) / 1e6;
    const [told] = await Promise.all([come, act()]);
    if (told.kind !== "came") throw new Error(`the watchers said ${told.kind}`);
    return told.at.map((at) => at - begun);
  }

  close(): Promise<void> {
    return ended(this.#child);
  }

  #tell(what: ToWatchers): void {
    this.#child.send(what);
  }

  async #hear(): Promise<FromWatchers> {
    const told = await heard<FromWatchers>(this.#child);
    if (told.kind === "lost") throw new Error(`a watcher was lost: ${told.why}`);
    return told;
  }
}

/** The bare server. */
export class Broadcaster {
  readonly #child = started("broadcast-process.ts");

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @returns the port that it listens on. */
  async start(what: Broadcast): Promise<number> {
    const listening = heard<FromBroadcast>(this.#child);
    this.#child.send(what);
    return (await listening).port;
  }

  close(): Promise<void> {
    return ended(this.#child);
  }
}

function started(file: string): ChildProcess {
  return fork(new URL(file, import.meta.url), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
}

function heard<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (end: () => void) => {
      clearTimeout(late);
      child.off("message", message).off("exit", exit);
      end();
    };
    const message = (told: unknown) => stop(() => resolve(told as T));
    const exit = (code: number | null) => stop(() => reject(new Error(`a process of the crowd ended with ${code}`)));
    const late = setTimeout(() => stop(() => reject(new Error("nothing was heard of the crowd"))), PATIENCE_MS);
    child.on("message", message).on("exit", exit);
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

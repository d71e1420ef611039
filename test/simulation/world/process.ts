// One simulated process: whatever it waits for reaches it through a gate. Killed, nothing reaches it any more; frozen, all
// that comes waits until it thaws.

import type { Instant, Milliseconds } from "../../../src/model/instant.js";
import type { Clock } from "../../../src/model/ports.js";
import type { Timeline } from "./timeline.js";

export const START: Instant = Date.UTC(2026, 0, 1);

export type ProcessState = "running" | "frozen" | "dead";

export class Process {
  readonly name: string;
  readonly timeline: Timeline;
  readonly clock: Clock;
  /** How far the wall clock is off. */
  wallOffset: Milliseconds = 0;
  /** Before each thing that reaches it: it may be killed or frozen right there. */
  onPoint: (process: Process) => void = () => undefined;
  #state: ProcessState = "running";
  #waiting: (() => void)[] = [];

  constructor(name: string, timeline: Timeline) {
    this.name = name;
    this.timeline = timeline;
    this.clock = {
      now: () => START + timeline.now + this.wallOffset,
      monotonic: () => timeline.now,
      sleep: (length, signal) => this.#sleep(length, signal),
    };
  }

  get state(): ProcessState {
    return this.#state;
  }

  /** Runs it in this process: now, when it thaws, or never. */
  deliver(run: () => void): void {
    if (this.#state === "running") this.onPoint(this);
    if (this.#state === "running") run();
    else if (this.#state === "frozen") this.#waiting.push(run);
  }

  kill(): void {
    this.#state = "dead";
    this.#waiting = [];
  }

  freeze(): void {
    if (this.#state === "running") this.#state = "frozen";
  }

  thaw(): void {
    if (this.#state !== "frozen") return;
    this.#state = "running";
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const run of waiting) this.timeline.after(0, () => this.deliver(run));
  }

  #sleep(length: Milliseconds, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const giveUp = (): void => {
        this.timeline.cancel(scheduled);
        reject(signal?.reason);
      };
      const wake = (): void => {
        signal?.removeEventListener("abort", giveUp);
        resolve();
      };
      const scheduled = this.timeline.after(length, () => this.deliver(wake));
      signal?.addEventListener("abort", giveUp, { once: true });
    });
  }
}

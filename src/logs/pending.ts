// What is read of running containers and not given out yet: lines for as long as an earlier one may come, and notes.

import type { Milliseconds } from "../model/instant.js";
import type { LogLine, LogPart, LogSource } from "../model/logs.js";
import type { Clock } from "../model/ports.js";
import { Reorder } from "./reorder.js";

/** So many lines wait at most for who reads them slowly; then the engines wait. */
const MOST_HELD = 10_000;
const PAUSE: Milliseconds = 250;

export class Pending {
  readonly #reorder = new Reorder();
  readonly #notes: LogPart[] = [];
  readonly #endings: LogSource[] = [];
  /** Something has come since `due` was asked. */
  #isWoken = false;
  #resume: () => void = () => undefined;

  constructor(private readonly clock: Clock) {}

  /** Resolves when there was room for them. Rejects with the signal's reason. */
  async add(source: LogSource, lines: readonly LogLine[], signal: AbortSignal): Promise<void> {
    while (this.#reorder.size >= MOST_HELD) await this.clock.sleep(PAUSE, signal);
    const held = lines.map((line) => ({ source, line }));
    this.#reorder.add(held, this.clock.monotonic());
    this.wake();
  }

  note(part: LogPart): void {
    this.#notes.push(part);
    this.wake();
  }

  /** Told after the last line that was added of it. */
  ended(source: LogSource): void {
    this.#endings.push(source);
    this.wake();
  }

  /** What may be given out now. */
  *due(): Generator<LogPart> {
    this.#isWoken = false;
    yield* this.#notes.splice(0);
    const lines = this.#reorder.due(this.clock.monotonic());
    if (lines.length > 0) yield { kind: "lines", lines };
    for (const source of this.#endings.splice(0)) {
      if (this.#reorder.holds(source)) this.#endings.push(source);
      else yield { kind: "ended", source };
    }
  }

  /** Until something is new or the next line is due; at once when woken since `due`. */
  async rest(signal: AbortSignal): Promise<void> {
    const due = this.#reorder.dueAt();
    if (due !== undefined) {
      await this.clock.sleep(Math.max(0, due - this.clock.monotonic()), signal).catch(() => undefined);
    } else if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
    }
  }

  wake(): void {
    this.#isWoken = true;
    this.#resume();
  }
}

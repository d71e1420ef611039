// What is read of running containers and not given out yet: lines for as long as an earlier one may come, and notes.

import type { LogLine, LogPart, LogSource } from "../model/logs.js";
import type { Clock } from "../model/ports.js";
import { Reorder } from "./reorder.js";

/** Why a wait is ended that nobody needs any more. */
const WOKEN = new Error("something has come");

export class Pending {
  readonly #reorder = new Reorder();
  readonly #notes: LogPart[] = [];
  readonly #endings: LogSource[] = [];
  /** Who waits for room, by container. */
  readonly #waiting = new Map<string, () => void>();
  /** Something has come since `due` was asked that does not wait for its time. */
  #isWoken = false;
  #resume: () => void = () => undefined;

  constructor(private readonly clock: Clock) {}

  /** This log is read now: its first lines may be earlier than what others have written. */
  expect(source: LogSource): void {
    this.#reorder.expect(source, this.clock.monotonic());
  }

  /** Resolves when there is room for more of this log. Rejects with the signal's reason. */
  async add(source: LogSource, lines: readonly LogLine[], signal: AbortSignal): Promise<void> {
    const isFirst = this.#reorder.dueAt() === undefined;
    this.#reorder.add(source, lines, this.clock.monotonic());
    const isFull = this.#reorder.isFull(source);
    if (isFirst || isFull || this.#reorder.isHeldUp) this.wake();
    if (isFull) await this.#room(source, signal);
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
    for (const { id } of this.#reorder.roomy(this.clock.monotonic())) this.#waiting.get(id)?.();
    for (const source of this.#endings.splice(0)) {
      if (this.#reorder.holds(source)) this.#endings.push(source);
      else {
        this.#reorder.forget(source);
        yield { kind: "ended", source };
      }
    }
  }

  /** Until something is new, who reads wakes it, or the next line is due; at once when woken since `due`. */
  async rest(): Promise<void> {
    if (this.#isWoken) return;
    const woken = new Promise<void>((resolve) => {
      this.#resume = resolve;
    });
    const due = this.#reorder.dueAt();
    if (due === undefined) return await woken;
    const over = new AbortController();
    const turned = this.clock.sleep(Math.max(0, due - this.clock.monotonic()), over.signal).catch(() => undefined);
    await Promise.race([woken, turned]);
    over.abort(WOKEN);
  }

  wake(): void {
    this.#isWoken = true;
    this.#resume();
  }

  #room({ id }: LogSource, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiting.delete(id);
        reject(signal.reason);
      };
      if (signal.aborted) {
        giveUp();
        return;
      }
      signal.addEventListener("abort", giveUp, { once: true });
      this.#waiting.set(id, () => {
        this.#waiting.delete(id);
        signal.removeEventListener("abort", giveUp);
        resolve();
      });
    });
  }
}

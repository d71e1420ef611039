// The lines of one running container that are held for a moment, in the order in which they came.

import type { Milliseconds } from "../model/instant.js";
import type { LogLine, LogSource, Nanoseconds, SourceLine } from "../model/logs.js";

type Batch = { readonly lines: readonly LogLine[]; readonly arrived: Milliseconds; readonly newest: Nanoseconds };

export class WaitingLog {
  size = 0;
  /** Characters. */
  text = 0;
  /** Its reader waits for room: it has more. */
  isFull = false;
  /** There is room again, and nothing has come since. */
  hasRoomAgain = false;
  readonly #batches: Batch[] = [];
  /** Of the first batch. */
  #taken = 0;

  /** @param heard when it was last expected or heard to have more. */
  constructor(
    readonly source: LogSource,
    public heard: Milliseconds,
  ) {}

  get next(): LogLine | undefined {
    return this.#batches[0]?.lines[this.#taken];
  }

  /** When the next one has come. */
  get arrived(): Milliseconds | undefined {
    return this.#batches[0]?.arrived;
  }

  add(lines: readonly LogLine[], now: Milliseconds): void {
    let newest = lines[0]?.at ?? 0n;
    for (const { at, text } of lines) {
      if (at > newest) newest = at;
      this.text += text.length;
    }
    this.size += lines.length;
    this.#batches.push({ lines, arrived: now, newest });
    this.heard = now;
    this.hasRoomAgain = false;
  }

  makeRoom(now: Milliseconds): void {
    this.isFull = false;
    this.hasRoomAgain = true;
    this.heard = now;
  }

  /** The newest time of what has come until then; of all, where no more fits in. */
  newestOf(until: Milliseconds): Nanoseconds | undefined {
    let newest: Nanoseconds | undefined;
    for (const batch of this.#batches) {
      if (!this.isFull && batch.arrived > until) break;
      if (newest === undefined || batch.newest > newest) newest = batch.newest;
    }
    return newest;
  }

  /** One line at least, and those after it that are not later than this. */
  takeInto(lines: SourceLine[], upTo: Nanoseconds): void {
    const { source } = this;
    for (let line = this.next; line !== undefined; line = this.next) {
      lines.push({ source, line });
      this.#drop(line);
      if ((this.next?.at ?? 0n) > upTo) return;
    }
  }

  #drop({ text }: LogLine): void {
    this.size -= 1;
    this.text -= text.length;
    this.#taken += 1;
    if (this.#taken < (this.#batches[0]?.lines.length ?? 0)) return;
    this.#batches.shift();
    this.#taken = 0;
  }
}

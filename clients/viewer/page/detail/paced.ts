// Reads something again whenever it may have changed: never twice at a time, and with a pause in between. Pure but for the
// ports that it is given.

import { Refused } from "../live/ports.js";

export interface PacedPorts<Value> {
  now(): number;
  after(milliseconds: number, run: () => void): () => void;
  read(abort: AbortSignal): Promise<Value>;
  got(value: Value): void;
  failed(why: Refused): void;
}

/** What cannot be read now is asked for again after that. */
const RETRY = 5_000;

export class Paced<Value> {
  readonly #ports: PacedPorts<Value>;
  readonly #pause: number;
  #abort: AbortController | undefined;
  #cancel: (() => void) | undefined;
  #begun = Number.NEGATIVE_INFINITY;
  #isWanted = false;
  #isClosed = false;

  /** @param pause milliseconds between the beginnings of two readings, at least. */
  constructor(ports: PacedPorts<Value>, pause: number) {
    this.#ports = ports;
    this.#pause = pause;
  }

  /** It may have changed. Reads at once, or as soon as the pause and the reading that goes on allow it. */
  ask(): void {
    if (this.#isClosed) return;
    this.#isWanted = true;
    if (this.#abort !== undefined) return;
    const due = this.#begun + this.#pause - this.#ports.now();
    this.#cancel?.();
    this.#cancel = undefined;
    if (due <= 0) this.#begin();
    else this.#cancel = this.#ports.after(due, () => this.#begin());
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
    this.#abort?.abort();
  }

  #begin(): void {
    this.#cancel = undefined;
    this.#isWanted = false;
    this.#begun = this.#ports.now();
    const abort = new AbortController();
    this.#abort = abort;
    this.#ports.read(abort.signal).then(
      (value) => this.#end(() => this.#ports.got(value)),
      (error: unknown) => this.#end(() => this.#fail(error)),
    );
  }

  #end(tell: () => void): void {
    this.#abort = undefined;
    if (this.#isClosed) return;
    tell();
    if (this.#isWanted) this.ask();
  }

  #fail(error: unknown): void {
    const why =
      error instanceof Refused
        ? error
        : new Refused(0, { code: "NO_ANSWER", message: "what the viewer's gateway answered cannot be read", next: [] });
    this.#ports.failed(why);
    if (!this.#isWanted) this.#cancel = this.#ports.after(RETRY, () => this.ask());
  }
}

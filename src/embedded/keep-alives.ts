// Keepalives of one lease as a stream: each one sent is answered in order, to a single reader.

import type { KeepAliveStream } from "../model/ports.js";

type Answer = { readonly ttlSeconds: number };

export class KeepAlives implements KeepAliveStream {
  readonly #ask: () => Promise<Answer>;
  readonly #closed: () => void;
  readonly #sent: Promise<Answer>[] = [];
  #isClosed = false;
  #wake: () => void = () => undefined;

  /** @param closed called when the stream is closed. */
  constructor(ask: () => Promise<Answer>, closed: () => void) {
    this.#ask = ask;
    this.#closed = closed;
  }

  send(): void {
    if (this.#isClosed) return;
    const answer = this.#ask();
    // Its failure is the reader's, who may not be there yet.
    answer.catch(() => undefined);
    this.#sent.push(answer);
    this.#wake();
  }

  /** The reader sees the end after what came before. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closed();
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Answer, void, undefined> {
    for (;;) {
      const answer = this.#sent.shift();
      if (answer !== undefined) yield await answer;
      else if (this.#isClosed) return;
      else await this.#more();
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

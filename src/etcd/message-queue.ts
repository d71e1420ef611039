// Messages of one stream, handed from an emitter to a single reader with back-pressure. Knows nothing of etcd.

/** What the queue asks of the emitter behind it. */
export type Flow = { pause(): void; resume(): void };

const HIGH_WATER = 16;

/** One writer, one reader. The reader sees every message in order, then the end or the failure. */
export class MessageQueue<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  #end: { readonly error?: unknown } | undefined;
  #wake: (() => void) | undefined;
  #flow: Flow | undefined;
  #paused = false;

  /** From here on the emitter is paused while messages wait to be read. */
  control(flow: Flow): void {
    this.#flow = flow;
  }

  push(item: T): void {
    if (this.#end !== undefined) return;
    this.#items.push(item);
    if (this.#items.length >= HIGH_WATER && !this.#paused) {
      this.#paused = true;
      this.#flow?.pause();
    }
    this.#wake?.();
  }

  /** With an error the reader throws it after the last message. The first end counts. */
  end(error?: unknown): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) {
        yield item;
        continue;
      }
      if (this.#end !== undefined) {
        if ("error" in this.#end) throw this.#end.error;
        return;
      }
      await this.#more();
    }
  }

  #more(): Promise<void> {
    if (this.#paused) {
      this.#paused = false;
      this.#flow?.resume();
    }
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
      if (this.#items.length > 0 || this.#end !== undefined) this.#wake();
    });
  }
}

// Messages for one reader, in order, then the end or the failure.

export class StreamQueue<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  #end: { readonly error?: unknown } | undefined;
  #wake: () => void = () => undefined;

  push(item: T): void {
    if (this.#end === undefined) this.#items.push(item);
    this.#wake();
  }

  /** The first end counts. */
  end(error?: unknown): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) yield item;
      else if (this.#end !== undefined) {
        if ("error" in this.#end) throw this.#end.error;
        return;
      } else await new Promise<void>((go) => (this.#wake = go));
    }
  }
}

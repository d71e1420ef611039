// One end for many short calls: each gets a signal of its own, and the end itself is listened to once, however many calls
// are under way. Pure.

export class SharedEnd {
  readonly #end: AbortSignal;
  readonly #open = new Set<AbortController>();

  constructor(end: AbortSignal) {
    this.#end = end;
    end.addEventListener("abort", () => this.#endAll(), { once: true });
  }

  /** @param work ends soon after its signal says so, which it does at the shared end. */
  async during<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const own = new AbortController();
    if (this.#end.aborted) own.abort(this.#end.reason);
    this.#open.add(own);
    try {
      return await work(own.signal);
    } finally {
      this.#open.delete(own);
    }
  }

  #endAll(): void {
    for (const own of this.#open) own.abort(this.#end.reason);
  }
}

// Where a proxy may be told to hold something that changes the world: right before it is passed on, or right before its
// answer is.

export type Gate = {
  /** It is passed on once this resolves. */
  before?(): Promise<void>;
  /** It is answered once this resolves. */
  after?(): Promise<void>;
};

/** For good. */
export const NEVER: Promise<never> = new Promise(() => undefined);

/** Counts what passes, and stops one of it. */
export class Points {
  passed = 0;
  /** What was stopped last. */
  stopped = "";
  /** The longest time without anything since it was armed, and after what. */
  quietest: { readonly ms: number; readonly after: string } = { ms: 0, after: "" };
  #latest = { at: 0, what: "the beginning" };
  #stopAt: { readonly count: number; readonly where: keyof Gate; readonly stop: () => Promise<void> } | undefined;

  /** Counts from 0 again. @param where of the so many-th from now on; absent: nothing is stopped. */
  arm(at?: { readonly count: number; readonly where: keyof Gate; readonly stop: () => Promise<void> }): void {
    this.passed = 0;
    this.#stopAt = at;
    this.quietest = { ms: 0, after: "" };
    this.#latest = { at: performance.now(), what: "the beginning" };
  }

  /** @param what passes, in words. */
  readonly gate = (what: string): Gate | undefined => {
    this.passed += 1;
    const now = performance.now();
    const ms = Math.round(now - this.#latest.at);
    if (ms > this.quietest.ms) this.quietest = { ms, after: this.#latest.what };
    this.#latest = { at: now, what };
    const at = this.#stopAt;
    if (at?.count !== this.passed) return undefined;
    this.stopped = what;
    return { [at.where]: at.stop };
  };
}

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
  #stopAt: { readonly count: number; readonly where: keyof Gate; readonly stop: () => Promise<void> } | undefined;

  /** Counts from 0 again. @param where of the so many-th from now on; absent: nothing is stopped. */
  arm(at?: { readonly count: number; readonly where: keyof Gate; readonly stop: () => Promise<void> }): void {
    this.passed = 0;
    this.#stopAt = at;
  }

  readonly gate = (): Gate | undefined => {
    this.passed += 1;
    const at = this.#stopAt;
    return at?.count === this.passed ? { [at.where]: at.stop } : undefined;
  };
}

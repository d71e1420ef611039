// Whether the watch of the containers goes on, and if not, since when: what it does not tell, the rows do not have. Pure.

/** A break is mended within that, or it is said. */
const MENDED_WITHIN = 3_000;

interface Clocks {
  /** Milliseconds that only go on. */
  readonly steady: () => number;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
}

export class Following {
  /** Since all was read for the last time. */
  hasBroken = true;
  readonly #clocks: Clocks;
  #heardAt: number;
  /** Undefined: it goes on. */
  #broken: { readonly since: number; readonly upTo: number; why: string } | undefined;
  #goesOn: Promise<void> = Promise.resolve();
  #resolve: () => void = () => undefined;

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
    this.#heardAt = clocks.wall();
    this.broke(false, "");
  }

  /** Pending while it is broken; with the next break it is over too. */
  get goesOn(): Promise<void> {
    return this.#goesOn;
  }

  /** The rows were last known to be true, by the wall clock. */
  get upTo(): number {
    return this.#broken?.upTo ?? Number.POSITIVE_INFINITY;
  }

  /** What the last try failed with; "": none has. */
  get why(): string {
    return this.#broken?.why ?? "";
  }

  /** @param answersSince when the server was there for it to be mended, by the steady clock. */
  isLost(answersSince: number): boolean {
    if (this.#broken === undefined) return false;
    return this.#clocks.steady() - Math.max(this.#broken.since, answersSince) >= MENDED_WITHIN;
  }

  /** @returns when that was, by the wall clock. */
  heard(): number {
    this.#heardAt = this.#clocks.wall();
    this.#broken = undefined;
    this.#resolve();
    return this.#heardAt;
  }

  /** @param wasSilent nothing had come for a while. @returns when it was last heard for certain, by the wall clock. */
  broke(wasSilent: boolean, why: string): number {
    const upTo = wasSilent ? this.#heardAt : this.#clocks.wall();
    this.hasBroken = true;
    // One that fails again has been broken all the while.
    if (this.#broken === undefined) this.#broken = { since: this.#clocks.steady(), upTo, why };
    else this.#broken.why = why;
    this.#resolve();
    this.#goesOn = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    return upTo;
  }
}

// How old is what a watch knows, by the clock of this process alone: the servers' times are compared with each other and
// never with ours, which may be set otherwise.

export class Freshness {
  /** By our own clock, when the store was last heard of. */
  #heardAt: number | undefined;
  /** The last time that a server named, and when it did, by our own clock. */
  #asOf = 0;
  #toldAt = 0;
  #isFirst = true;
  readonly #now: () => number;

  /** @param now milliseconds of a clock that only goes on. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A new stream: the times of its server may be those of another clock. */
  begin(): void {
    this.#isFirst = true;
  }

  /** The store has changed just now. */
  changed(): void {
    this.#heardAt = this.#now();
  }

  /**
   * A server says when it has last heard of the store: it has heard of it since when that is another time than before. Of
   * a new stream's first word only a later time counts, or a store that is away would seem back at each other server.
   */
  told(asOf: Date | undefined): void {
    const time = asOf?.getTime() ?? 0;
    const isNews = this.#isFirst ? time > this.#asOf : time !== this.#asOf;
    if (isNews || this.#heardAt === undefined) this.#heardAt = this.#now();
    if (this.#isFirst || isNews) this.#toldAt = this.#now();
    this.#isFirst = false;
    this.#asOf = time;
  }

  /** Milliseconds since the store was last heard of; undefined before. */
  age(): number | undefined {
    return this.#heardAt === undefined ? undefined : this.#now() - this.#heardAt;
  }

  /** Now by the clock of the server that was heard last, as near as it can be known. */
  serverTime(): Date {
    return this.#asOf === 0 ? new Date() : new Date(this.#asOf + Math.round(this.#now() - this.#toldAt));
  }
}

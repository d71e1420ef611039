// The containers that have left one answer, for those who ask what a watcher was told. Bounded; where it has forgotten, it
// says so by naming a revision that is late enough.

/** What was told of one container: the revision that first brought it, and the one that last changed it or took it away. */
export type Presence = { readonly entered: bigint; readonly told: bigint };

/** Still known by name. */
const MOST_KNOWN = 1024;

export class Departed {
  /** The longest gone first. */
  readonly #known = new Map<string, Presence>();
  /** All that is forgotten had left by then. */
  #forgotten: bigint | undefined;
  #reached = 0n;

  /** Undefined: it has never left. One that has come back is known by when it first came, since a watcher may be so far behind. */
  presence(id: string): Presence | undefined {
    const known = this.#known.get(id);
    if (known !== undefined || this.#forgotten === undefined) return known;
    return { entered: 0n, told: this.#forgotten };
  }

  left(id: string, { entered, told }: Presence): void {
    this.#reached = told;
    const before = this.presence(id)?.entered ?? entered;
    this.#known.delete(id);
    this.#known.set(id, { entered: before < entered ? before : entered, told });
    if (this.#known.size <= MOST_KNOWN) return;
    const [oldest] = this.#known;
    if (oldest === undefined) return;
    this.#known.delete(oldest[0]);
    this.#forgotten = oldest[1].told;
  }

  /** Revisions that go back are those of another stretch of history: what was remembered does not compare with them. */
  reached(revision: bigint): void {
    if (revision < this.#reached) {
      this.clear();
      this.#forgotten = revision;
    }
    this.#reached = revision;
  }

  clear(): void {
    this.#known.clear();
  }
}

// Where reading stood, so that after a break it goes on there: no line is lost, none comes twice.

import type { LogLine, LogSource } from "../../gen/theseus/v1/theseus_service.js";

/** Lines of several containers may come that far out of order; that much is read again, and what was seen left out. */
const OVERLAP = 2_000_000_000n;
/** Lines of one container come in order, or nearly so: further back its host's clock was set back. */
const STEP = 1_000_000_000n;

export class GoingOn {
  #newest: bigint | undefined;
  /** The same of each container. */
  readonly #newestOf = new Map<string, bigint>();
  /** Lines of that last stretch, with how often each was seen. */
  readonly #seen = new Map<string, { readonly at: bigint; count: number }>();
  /** Lines to leave out of what is read now. */
  #again = new Map<string, number>();
  #since: bigint | undefined;
  /** Containers that were heard since then. */
  readonly #begun = new Set<string>();

  /** From when on the next reading has to begin, in milliseconds; undefined: nothing was read yet. */
  begin(): Date | undefined {
    this.#since = this.#newest === undefined ? undefined : this.#newest - OVERLAP;
    this.#again = new Map([...this.#seen].map(([key, { count }]) => [key, count]));
    this.#begun.clear();
    return this.#since === undefined ? undefined : new Date(Number(this.#since / 1_000_000n));
  }

  /** False for a line that was there before the break. */
  isNew(line: LogLine, { name, host }: LogSource): boolean {
    const at = line.timeUnixNanos;
    const container = `${host} ${name}`;
    const newest = this.#newestOf.get(container);
    const isStep = newest !== undefined && at < newest - STEP && this.#begun.has(container);
    if (this.#since !== undefined && at < this.#since && !isStep) return false;
    this.#begun.add(container);
    const key = `${at} ${container} ${line.stderr} ${line.text}`;
    const again = this.#again.get(key) ?? 0;
    if (again > 0) {
      this.#again.set(key, again - 1);
      return false;
    }
    if (isStep) this.#beginAnew(at);
    if (newest === undefined || isStep || at > newest) this.#newestOf.set(container, at);
    this.#note(key, at);
    return true;
  }

  /** Times from then on come once more, with other lines. */
  #beginAnew(at: bigint): void {
    this.#since = undefined;
    this.#newest = at;
    this.#seen.clear();
  }

  #note(key: string, at: bigint): void {
    if (this.#newest === undefined || at > this.#newest) this.#newest = at;
    // That far back is not read again.
    if (at < this.#newest - OVERLAP) return;
    const seen = this.#seen.get(key);
    if (seen === undefined) this.#seen.set(key, { at, count: 1 });
    else seen.count += 1;
    for (const [old, { at: time }] of this.#seen) {
      if (time >= this.#newest - OVERLAP) break;
      this.#seen.delete(old);
    }
  }
}

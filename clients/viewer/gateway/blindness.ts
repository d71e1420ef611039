// When the gateway did not hear of containers: what they did then nobody here knows, and no picture may claim it. Pure.

const MOST_KEPT = 200;

interface Stretch {
  readonly from: number;
  readonly to: number;
}

export class Blindness {
  /** What keeps it from hearing, each since when. */
  readonly #causes = new Map<string, number>();
  #past: Stretch[] = [];

  /** @param since when it was last heard for certain. */
  lost(cause: string, since: number): void {
    if (!this.#causes.has(cause)) this.#causes.set(cause, since);
  }

  found(cause: string, now: number): void {
    const since = this.#causes.get(cause);
    if (since === undefined) return;
    this.#causes.delete(cause);
    this.#past = joined([...this.#past, { from: since, to: now }]).slice(-MOST_KEPT);
  }

  /** Stretches after `from`, in their order; one that is not over lasts until now. */
  after(from: number, now: number): readonly Stretch[] {
    const present = [...this.#causes.values()].map((since) => ({ from: since, to: now }));
    return joined([...this.#past, ...present]).flatMap((one) =>
      one.to <= from ? [] : [{ from: Math.max(from, one.from), to: one.to }],
    );
  }
}

/** Without those that overlap. */
function joined(stretches: readonly Stretch[]): Stretch[] {
  const all: Stretch[] = [];
  for (const one of [...stretches].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last !== undefined && one.from <= last.to)
      all.splice(-1, 1, { from: last.from, to: Math.max(last.to, one.to) });
    else all.push(one);
  }
  return all;
}

// Who claims what, where nearly everything has one claimant. Must not know what is claimed.

/** @typeParam C says by its group's id who it is of. */
export class Claims<K, C extends { readonly group: string }> {
  readonly #claimants = new Map<K, readonly C[]>();

  /** How many things are claimed. */
  get size(): number {
    return this.#claimants.size;
  }

  has(what: K): boolean {
    return this.#claimants.has(what);
  }

  of(what: K): readonly C[] {
    return this.#claimants.get(what) ?? NOBODY;
  }

  /** Whether any other group claims it. */
  isOthers(what: K, group: string): boolean {
    return this.of(what).some((one) => one.group !== group);
  }

  add(what: K, claim: C): void {
    this.#claimants.set(what, [...this.of(what), claim]);
  }

  remove(what: K, claim: C): void {
    const left = this.of(what).filter((one) => one !== claim);
    if (left.length === 0) this.#claimants.delete(what);
    else this.#claimants.set(what, left);
  }
}

const NOBODY: readonly never[] = [];

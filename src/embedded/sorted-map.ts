// Values under binary keys in the order of their bytes. A key is a "binary string" (latin1: one character a byte), so
// that comparing strings compares bytes. Knows nothing of revisions.

type Block<V> = { readonly keys: string[]; readonly values: V[] };

/** Small enough that moving the rest of a block is cheap, large enough that there are few blocks. */
const FULL_BLOCK = 512;

export class SortedMap<V> {
  readonly #byKey = new Map<string, V>();
  /** In order, none empty. */
  readonly #blocks: Block<V>[] = [];

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): V | undefined {
    return this.#byKey.get(key);
  }

  /** The key may not be there yet. */
  add(key: string, value: V): void {
    this.#byKey.set(key, value);
    const at = Math.max(0, this.#blockOf(key));
    const block = this.#blocks[at];
    if (block === undefined) {
      this.#blocks.push({ keys: [key], values: [value] });
      return;
    }
    const place = firstNotBelow(block.keys, key);
    block.keys.splice(place, 0, key);
    block.values.splice(place, 0, value);
    if (block.keys.length >= FULL_BLOCK) this.#split(at, block);
  }

  remove(key: string): void {
    if (!this.#byKey.delete(key)) return;
    const at = this.#blockOf(key);
    const block = this.#blocks[at];
    if (block === undefined) return;
    const place = firstNotBelow(block.keys, key);
    block.keys.splice(place, 1);
    block.values.splice(place, 1);
    if (block.keys.length === 0) this.#blocks.splice(at, 1);
  }

  /** Shows every value of [first, end), without end all from first on. The map may not change meanwhile. */
  visit(first: string, end: string | undefined, see: (value: V) => void): void {
    let place = -1;
    for (let at = Math.max(0, this.#blockOf(first)); at < this.#blocks.length; at++) {
      const { keys, values } = this.#blocks[at] as Block<V>;
      place = place < 0 ? firstNotBelow(keys, first) : 0;
      const stop = end === undefined ? keys.length : firstNotBelow(keys, end);
      for (; place < stop; place++) see(values[place] as V);
      if (stop < keys.length) return;
    }
  }

  /** The last block that begins at or before the key; -1: the key is before all. */
  #blockOf(key: string): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (((this.#blocks[middle] as Block<V>).keys[0] as string) <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #split(at: number, block: Block<V>): void {
    const half = block.keys.length >>> 1;
    this.#blocks.splice(at + 1, 0, { keys: block.keys.splice(half), values: block.values.splice(half) });
  }
}

function firstNotBelow(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

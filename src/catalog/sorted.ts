// Sorted immutable arrays that share what did not change. Must not know what they hold.

/** What becomes of one element: another value, or nothing. */
export type Replacement<T> = { readonly id: string; readonly value: T | undefined };

/** A sorted list and how its elements are told apart. */
export type Ordered<T> = { readonly list: readonly T[]; readonly idOf: (element: T) => string };

/** Plain order of UTF-16 code units: the same on every machine. */
export function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Where the id is in the sorted list, or where it would have to go. */
export function locate<T>({ list, idOf }: Ordered<T>, id: string): { index: number; found: T | undefined } {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const element = list[middle];
    if (element !== undefined && byText(idOf(element), id) < 0) low = middle + 1;
    else high = middle;
  }
  const element = list[low];
  return { index: low, found: element !== undefined && idOf(element) === id ? element : undefined };
}

/** The list with some elements replaced, added or left out; the ids of the replacements have to differ. */
export function replaced<T>(ordered: Ordered<T>, replacements: readonly Replacement<T>[]): readonly T[] {
  const { list } = ordered;
  const out: T[] = [];
  let taken = 0;
  const take = (end: number): void => {
    for (const element of list.slice(taken, end)) out.push(element);
  };
  for (const { id, value } of [...replacements].sort((a, b) => byText(a.id, b.id))) {
    const { index, found } = locate(ordered, id);
    take(index);
    if (value !== undefined) out.push(value);
    taken = found === undefined ? index : index + 1;
  }
  take(list.length);
  return out;
}

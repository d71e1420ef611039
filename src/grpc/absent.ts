// What was not set stays absent: no key at all, never undefined and never a default.

type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** The same object without the keys whose value is undefined. */
export function present<T extends object>(object: T): Present<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Present<T>;
}

/** Undefined for a list that was not set: on the wire an empty list and none are the same. */
export function nonEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

export function nonEmptyMap<T>(map: Readonly<Record<string, T>>): Readonly<Record<string, T>> | undefined {
  return Object.keys(map).length === 0 ? undefined : map;
}

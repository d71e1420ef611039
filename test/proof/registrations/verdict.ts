// What is wrong with what was written, and with what there is in the end. Pure.

import type { SeenWrite } from "../../support/store-history.js";
import { UNDER } from "./guests.js";
import { isServed, type StoreLook, stateOf } from "./watchman.js";

export type Names = { readonly dying: readonly string[]; readonly living: readonly string[] };

/** @property inDoubt all have fallen silent together, so that nobody is given up before that was said of them. */
type Grace = { readonly revision: number; readonly inDoubt: boolean };

/** Every record that was ever written or deleted: also what came and went between two looks. */
export function wrongWrites(writes: readonly SeenWrite[], { dying, living }: Names, grace: Grace): string[] {
  const records = recordsIn(writes);
  const withdrawn = records.filter(({ state }) => !isServed(state));
  const of = (names: readonly string[]) => withdrawn.filter(({ name }) => names.includes(name));
  const stale = new Set(records.filter(({ state }) => state === "stale").map(({ name }) => name));
  return [
    ...of(living).map(({ name, state }) => `history: ${name} lives and was ${state ?? "deleted"}`),
    ...of(dying)
      .filter(({ revision }) => revision <= grace.revision)
      .map(({ name, state }) => `history: ${name} was ${state ?? "deleted"} before its grace was over`),
    ...(grace.inDoubt ? dying : [])
      .filter((name) => !stale.has(name))
      .map((name) => `history: ${name} was never stale`),
  ];
}

export function recordsIn(writes: readonly SeenWrite[]) {
  return writes
    .filter(({ key }) => key.startsWith(UNDER))
    .map(({ key, revision, value }) => {
      const name = key.slice(UNDER.length).split("/")[0] ?? "";
      return { name, revision, state: value === undefined ? undefined : stateOf(value) };
    });
}

/** What there is when all is over. */
export type End = {
  readonly store: StoreLook | undefined;
  /** Names that have a heartbeat under a lease, and those with a holder. */
  readonly heard: readonly string[];
  readonly held: readonly string[];
  /** By address, as each living server answers. */
  readonly served: ReadonlyMap<string, ReadonlySet<string>>;
};

/** @param removed the records of those that died have to be gone too, not only unserved. */
export function wrongEnd({ store, heard, held, served }: End, { dying, living }: Names, removed: boolean): string[] {
  const states = store?.states ?? new Map<string, string>();
  const rest = removed ? [] : dying;
  return [
    ...living.filter((name) => states.get(name) !== "ready").map((name) => `end: ${name} is ${states.get(name)}`),
    ...rest.filter((name) => states.get(name) !== "lost").map((name) => `end: ${name} is ${states.get(name)}`),
    ...differing("in the store", [...states.keys()], [...living, ...rest]),
    ...differing("held", held, [...living, ...rest]),
    ...differing("with a heartbeat under a lease", heard, living),
    ...[...served].flatMap(([address, names]) => differing(`served by ${address}`, [...names], living)),
  ];
}

function differing(what: string, there: readonly string[], expected: readonly string[]): string[] {
  const [is, should] = [new Set(there), new Set(expected)];
  return [
    ...there.filter((name) => !should.has(name)).map((name) => `end: ${name} is ${what}`),
    ...expected.filter((name) => !is.has(name)).map((name) => `end: ${name} is not ${what}`),
  ];
}

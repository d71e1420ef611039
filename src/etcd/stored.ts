// A stored value with its revision and the text it was read from, so that what an older release does not know survives
// when it writes the key again.

import { TheseusError } from "../model/errors.js";
import type { KeyValue } from "../model/ports.js";
import type { Versioned } from "../model/store.js";
import { type Codec, decode, encode } from "./json-codec.js";

const texts = new WeakMap<Versioned<unknown>, string>();

/** A problem text when the value cannot be understood. */
export function readStored<T>(codec: Codec<T>, kv: KeyValue): Versioned<T> | { readonly problem: string } {
  const decoded = decode(codec, kv.value);
  if ("problem" in decoded) return decoded;
  const versioned = { value: decoded.value, modRevision: kv.modRevision };
  texts.set(versioned, kv.value);
  return versioned;
}

/** The text that this value was read from; undefined when it was made in memory. */
export const textOf = (versioned: Versioned<unknown>): string | undefined => texts.get(versioned);

/** For keys that only Theseus writes. STORE_DAMAGED, naming the key, when the value cannot be understood. */
export function mustRead<T>(codec: Codec<T>, kv: KeyValue): Versioned<T> {
  const stored = readStored(codec, kv);
  if ("problem" in stored) throw damaged(kv.key, stored.problem);
  return stored;
}

/** The text to store in place of a former value; its unknown fields stay. */
export function rewrite<T>(codec: Codec<T>, value: T, former: Versioned<T> | undefined): string {
  return encode(codec, value, former === undefined ? undefined : textOf(former));
}

export function damaged(key: string, problem: string): TheseusError {
  return new TheseusError("STORE_DAMAGED", {
    what: "a value in the store cannot be understood",
    why: [`${key}: ${problem}`],
    now: "nothing was changed; what runs is left alone until the value is put right",
    next: [`etcdctl get ${key}`],
    metadata: { key, problem },
  });
}

// What was last read of a group's keys, so that of a group that is read again and again only what has changed is decoded.
// Nobody changes a value in place. Must not know what the values mean.

import type { KeyValue } from "../model/ports.js";
import type { Versioned } from "../model/store.js";
import type { Codec } from "./json-codec.js";
import { damaged, readStored, textOf } from "./stored.js";

/** Of so many groups, those that were read last: a rollout reads its own a hundred times. */
const GROUPS_KEPT = 16;

type Values = Map<string, Versioned<unknown>>;

export class LastValues {
  readonly #groups = new Map<string, Values>();

  /** For one reading of a group whole: what it does not come across is forgotten. */
  reading(group: string): Reading {
    const former = this.#groups.get(group);
    const present: Values = new Map();
    this.#groups.delete(group);
    this.#groups.set(group, present);
    for (const [oldest] of this.#groups) if (this.#groups.size > GROUPS_KEPT) this.#groups.delete(oldest);
    return new Reading(former, present);
  }
}

export class Reading {
  readonly #former: Values | undefined;
  readonly #present: Values;

  constructor(former: Values | undefined, present: Values) {
    this.#former = former;
    this.#present = present;
  }

  /** A key is always read by the same codec. A problem text when the value cannot be understood. */
  read<T>(codec: Codec<T>, kv: KeyValue): Versioned<T> | { readonly problem: string } {
    const known = this.#former?.get(kv.key) as Versioned<T> | undefined;
    // Revisions come again in a store that was put back.
    const holds = known !== undefined && known.modRevision === kv.modRevision && textOf(known) === kv.value;
    const stored = holds ? known : readStored(codec, kv);
    if (!("problem" in stored)) this.#present.set(kv.key, stored);
    return stored;
  }

  /** As read. STORE_DAMAGED, naming the key, when the value cannot be understood. */
  mustRead<T>(codec: Codec<T>, kv: KeyValue): Versioned<T> {
    const stored = this.read(codec, kv);
    if ("problem" in stored) throw damaged(kv.key, stored.problem);
    return stored;
  }

  /** As mustRead, of a key that may not be there. */
  mayRead<T>(codec: Codec<T>, kv: KeyValue | undefined): Versioned<T> | undefined {
    return kv === undefined ? undefined : this.mustRead(codec, kv);
  }
}

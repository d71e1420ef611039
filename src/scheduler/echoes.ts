// The store's feed tells us of our own writes too. They wake nobody: the end of the action that wrote does. Pure memory.

import { type GroupRef, groupId } from "../model/reference.js";

type Known = { seen: bigint; readonly own: Set<bigint> };

export class Echoes {
  readonly #known = new Map<string, Known>();

  /** We wrote this group at that revision. */
  wrote(group: GroupRef, revision: bigint): void {
    this.#of(group).own.add(revision);
  }

  /** The group was read at that revision: everything up to it is known. */
  read(group: GroupRef, revision: bigint): void {
    const known = this.#of(group);
    if (revision > known.seen) known.seen = revision;
    for (const one of known.own) if (one <= known.seen) known.own.delete(one);
  }

  isKnown(group: GroupRef, revision: bigint): boolean {
    const known = this.#known.get(groupId(group));
    return known !== undefined && (revision <= known.seen || known.own.has(revision));
  }

  forget(group: GroupRef): void {
    this.#known.delete(groupId(group));
  }

  #of(group: GroupRef): Known {
    const id = groupId(group);
    const known = this.#known.get(id) ?? { seen: 0n, own: new Set() };
    this.#known.set(id, known);
    return known;
  }
}

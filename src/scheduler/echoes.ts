// The store's feed tells us of our own writes too. They wake nobody: the end of the action that wrote does. Pure memory.

import { type GroupRef, groupId } from "../model/reference.js";

type Known = {
  seen: bigint;
  readonly own: Set<bigint>;
  /** Writes of ours that have not been answered. */
  writing: number;
  /** Told since the first of them began. */
  held: bigint[];
};

export class Echoes {
  readonly #known = new Map<string, Known>();

  /** We are about to write this group: the feed may tell of it sooner than the answer comes. */
  begun(group: GroupRef): void {
    this.#of(group).writing++;
  }

  /** That write is over; without a revision it failed, or nobody knows. Whether others wrote what was told meanwhile. */
  ended(group: GroupRef, revision?: bigint): boolean {
    const known = this.#of(group);
    if (revision !== undefined) known.own.add(revision);
    known.writing = Math.max(0, known.writing - 1);
    if (known.writing > 0) return false;
    const { held } = known;
    known.held = [];
    return held.some((told) => !isKnown(known, told));
  }

  /** The group was read at that revision: everything up to it is known. */
  read(group: GroupRef, revision: bigint): void {
    const known = this.#of(group);
    if (revision > known.seen) known.seen = revision;
    for (const one of known.own) if (one <= known.seen) known.own.delete(one);
  }

  /** Whether others wrote what the feed tells of. While a write of ours is under way nobody can say: its end does. */
  isNews(group: GroupRef, revision: bigint): boolean {
    const known = this.#known.get(groupId(group));
    if (known === undefined) return true;
    if (isKnown(known, revision)) return false;
    if (known.writing > 0) known.held.push(revision);
    return known.writing === 0;
  }

  forget(group: GroupRef): void {
    const id = groupId(group);
    if (this.#known.get(id)?.writing === 0) this.#known.delete(id);
  }

  #of(group: GroupRef): Known {
    const id = groupId(group);
    const known = this.#known.get(id) ?? { seen: 0n, own: new Set(), writing: 0, held: [] };
    this.#known.set(id, known);
    return known;
  }
}

const isKnown = ({ seen, own }: Known, revision: bigint): boolean => revision <= seen || own.has(revision);

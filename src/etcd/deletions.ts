// Deletes many keys, fenced, a portion in each transaction. Must not know what they are.

import type { Fence } from "../model/store.js";
import { Transaction } from "./transaction.js";

const AT_ONCE = 100;

/** Nothing but deletes, since a full store takes only those. */
export function deletions(fence: Fence, keys: readonly string[]): Transaction[] {
  const out: Transaction[] = [];
  for (let at = 0; at < keys.length; at += AT_ONCE) {
    const txn = new Transaction().fenced(fence);
    for (const key of keys.slice(at, at + AT_ONCE)) txn.remove(key);
    out.push(txn);
  }
  return out;
}

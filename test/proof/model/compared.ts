// Two answers side by side: what may differ between two etcds is taken out, the rest has to be equal.

import { createHash } from "node:crypto";

/** Ids of cluster and member and the raft term are each store's own; they have to be there. */
const OWN = new Set(["clusterId", "memberId", "raftTerm"]);
const LONGEST_SHOWN = 60;

/** Undefined when they are equal, else both as text. */
export function difference(etcd: unknown, embedded: unknown): string | undefined {
  const [one, other] = [presentable(etcd), presentable(embedded)];
  return one === other ? undefined : `\n  etcd     ${one}\n  embedded ${other}`;
}

/** For lists to which etcd gives no order, as those of a map. */
export function sorted<T>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => (presentable(a) < presentable(b) ? -1 : 1));
}

export function presentable(value: unknown): string {
  return JSON.stringify(plain(value)) ?? "nothing";
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Uint8Array) return bytes(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(
    fields.map(([name, field]) => [name, OWN.has(name) ? (field === 0n ? "missing" : "own") : plain(field)]),
  );
}

function bytes(value: Uint8Array): string {
  if (value.length <= LONGEST_SHOWN) return Buffer.from(value).toString("latin1");
  return `${value.length} bytes, sha256 ${createHash("sha256").update(value).digest("hex").slice(0, 16)}`;
}

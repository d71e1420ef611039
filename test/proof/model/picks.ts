// What commands are made of, as plain data that fast-check can shrink; resolved against the world when a command runs.

import fc from "fast-check";
import type { Range, World } from "./world.js";

/** Few, so that they meet; with bytes at both ends. No more than 12: etcd sorts longer lists with ties in no given order. */
const KEYS = ["a", "a/", "a/b", "a/c", "b", "b/x", "c", "\0", "\xff"];

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

export const key: fc.Arbitrary<Buffer> = fc.constantFrom(...KEYS).map(bytes);
export const value: fc.Arbitrary<Buffer> = fc.constantFrom("", "1", "2", "longer", "\0\xff").map(bytes);

const END = ["", "", "a", "a0", "b", "b0", "\0", "\xff"];
export const range: fc.Arbitrary<Range> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ key, rangeEnd: fc.constant(bytes("")) }) },
  { weight: 3, arbitrary: fc.record({ key, rangeEnd: fc.constantFrom(...END).map(bytes) }) },
  { weight: 2, arbitrary: fc.constant({ key: bytes("\0"), rangeEnd: bytes("\0") }) },
  { weight: 1, arbitrary: fc.constant({ key: bytes("a/"), rangeEnd: bytes("a0") }) },
);

export type RevisionPick = { readonly at: "present" | "past" | "lost" | "future"; readonly far: number };
const far = fc.nat({ max: 100 });
export const revisionPick: fc.Arbitrary<RevisionPick> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ at: fc.constant("present" as const), far }) },
  { weight: 6, arbitrary: fc.record({ at: fc.constant("past" as const), far }) },
  { weight: 1, arbitrary: fc.record({ at: fc.constantFrom("lost" as const, "future" as const), far }) },
);

/** 0n: the present. */
export function revisionOf({ at, far: steps }: RevisionPick, { revision, compacted }: World): bigint {
  const oldest = compacted > 1n ? compacted : 1n;
  switch (at) {
    case "present":
      return 0n;
    case "past":
      return oldest + ((revision - oldest) * BigInt(steps)) / 100n;
    case "lost":
      return oldest > 1n ? 1n + ((oldest - 1n) * BigInt(steps)) / 101n : 1n;
    case "future":
      return revision + 1n + BigInt(steps % 4);
  }
}

/** Which of the leases; "none" and one that was never granted besides. */
export type LeasePick = number | "none" | "unknown";
export const anyLease: fc.Arbitrary<LeasePick> = fc.oneof(
  { weight: 6, arbitrary: fc.constant("none" as const) },
  { weight: 4, arbitrary: fc.nat({ max: 9 }) },
  { weight: 1, arbitrary: fc.constant("unknown" as const) },
);
export const someLease: fc.Arbitrary<LeasePick> = fc.oneof(
  { weight: 8, arbitrary: fc.nat({ max: 9 }) },
  { weight: 1, arbitrary: fc.constant("unknown" as const) },
);

const UNKNOWN_LEASE = 987_654_321n;

export function leaseOf(pick: LeasePick, { leases }: World): bigint {
  if (pick === "none") return 0n;
  if (pick === "unknown" || leases.length === 0) return UNKNOWN_LEASE;
  return leases[pick % leases.length] ?? UNKNOWN_LEASE;
}

// The order in which etcd filters, sorts, counts and cuts what a range finds.

import { describe, expect, it } from "@jest/globals";
import {
  RangeRequest_SortOrder as Order,
  RangeRequest,
  RangeRequest_SortTarget as Target,
} from "../../../src/embedded/gen/etcd.js";
import { History } from "../../../src/embedded/history.js";
import { readRange } from "../../../src/embedded/range.js";

/** a is written in 2, 6, b in 3, c in 4, d in 5 and is gone in 7. */
function history(): History {
  const made = new History();
  for (const [key, value] of [
    ["a", "9"],
    ["b", "3"],
    ["c", "5"],
    ["d", "1"],
    ["a", "2"],
  ] as const) {
    made.put(Buffer.from(key), Buffer.from(value), 0n);
    made.finish();
  }
  const d = made.at("d", 6);
  if (d !== undefined) made.delete(d);
  made.finish();
  return made;
}

const ALL = { ...RangeRequest.fromPartial({}), key: Buffer.from("a"), rangeEnd: Buffer.from("z") };

function keys(request: Partial<RangeRequest> = {}) {
  const { kvs, more, count } = readRange(history(), { ...ALL, ...request }, 7);
  return `${kvs.map(({ key }) => key).join("")}${more ? "+" : ""} of ${count}`;
}

describe("a range", () => {
  it("is in the order of keys, cut at the limit, and counts all", () => {
    expect(keys()).toBe("abc of 3");
    expect(keys({ limit: 2n })).toBe("ab+ of 3");
    expect(keys({ limit: 3n })).toBe("abc of 3");
    expect(keys({ limit: -1n })).toBe("abc of 3");
    expect(keys({ countOnly: true })).toBe(" of 3");
    expect(keys({ key: Buffer.from("b"), rangeEnd: Buffer.alloc(0) })).toBe("b of 1");
    expect(keys({ key: Buffer.from("b"), rangeEnd: Buffer.from([0]) })).toBe("bc of 2");
    expect(keys({ key: Buffer.from("z"), rangeEnd: Buffer.from("a") })).toBe(" of 0");
  });

  it("is as it was at an old revision", () => {
    expect(keys({ revision: 3n })).toBe("ab of 2");
    expect(keys({ revision: 6n })).toBe("abcd of 4");
    expect(keys({ revision: -1n })).toBe("abc of 3");
    expect(() => keys({ revision: 8n })).toThrow("required revision is a future revision");
    const compacted = history();
    compacted.loadCompacted(5);
    expect(() => readRange(compacted, { ...ALL, revision: 4n }, 7)).toThrow("required revision has been compacted");
    expect(readRange(compacted, { ...ALL, revision: 5n }, 7).kvs).toHaveLength(4);
  });

  it("is sorted by what is asked before it is cut", () => {
    const sorted = (sortTarget: Target, sortOrder: Order) => keys({ sortTarget, sortOrder, limit: 2n });
    expect(sorted(Target.KEY, Order.DESCEND)).toBe("cb+ of 3");
    expect(sorted(Target.VALUE, Order.ASCEND)).toBe("ab+ of 3");
    expect(sorted(Target.VALUE, Order.DESCEND)).toBe("cb+ of 3");
    expect(sorted(Target.MOD, Order.DESCEND)).toBe("ac+ of 3");
    expect(sorted(Target.CREATE, Order.DESCEND)).toBe("cb+ of 3");
    expect(sorted(Target.VERSION, Order.DESCEND)).toBe("ab+ of 3");
  });

  it("without an order is sorted only among what the limit let through, and one more", () => {
    expect(keys({ sortTarget: Target.MOD, limit: 1n })).toBe("b+ of 3");
    expect(keys({ sortTarget: Target.MOD })).toBe("bca of 3");
  });

  it("is filtered after counting and before cutting", () => {
    expect(keys({ minModRevision: 4n })).toBe("ac of 3");
    expect(keys({ minModRevision: 4n, limit: 1n })).toBe("a+ of 3");
    expect(keys({ maxModRevision: 4n })).toBe("bc of 3");
    expect(keys({ minCreateRevision: 3n, maxCreateRevision: 3n })).toBe("b of 3");
  });

  it("of keys only has no values, and leaves the stored ones alone", () => {
    const made = history();
    expect(readRange(made, { ...ALL, keysOnly: true }, 7).kvs.map(({ value }) => value.length)).toEqual([0, 0, 0]);
    expect(readRange(made, ALL, 7).kvs.map(({ value }) => value.toString())).toEqual(["2", "3", "5"]);
  });
});

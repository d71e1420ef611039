// What the embedded store refuses by looking at a request alone: etcd's own bounds and words.

import { describe, expect, it } from "@jest/globals";
import { checkPut, checkSize, checkTxn, isReadOnly, sizeOfTxn } from "../../../src/embedded/checks.js";
import {
  Compare,
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
  type RequestOp,
  TxnRequest,
} from "../../../src/embedded/gen/etcd.js";

const put = (key: string, value = ""): RequestOp => ({
  request: {
    $case: "requestPut",
    value: { ...PutRequest.fromPartial({}), key: Buffer.from(key), value: Buffer.from(value) },
  },
});
const remove = (key: string, rangeEnd = ""): RequestOp => ({
  request: {
    $case: "requestDeleteRange",
    value: { ...DeleteRangeRequest.fromPartial({}), key: Buffer.from(key), rangeEnd: Buffer.from(rangeEnd) },
  },
});
const range = (key: string): RequestOp => ({
  request: { $case: "requestRange", value: { ...RangeRequest.fromPartial({}), key: Buffer.from(key) } },
});
const txn = (success: RequestOp[], failure: RequestOp[] = []): TxnRequest => ({ compare: [], success, failure });
const nested = (success: RequestOp[], failure: RequestOp[] = []): RequestOp => ({
  request: { $case: "requestTxn", value: txn(success, failure) },
});

const DUPLICATE = "etcdserver: duplicate key given in txn request";
const TOO_MANY = "etcdserver: too many operations in txn request";

describe("a transaction", () => {
  it.each([
    ["two puts of a key", txn([put("a"), put("a")])],
    ["a put and a deletion of it", txn([put("b"), remove("a", "c")])],
    ["in the branch not taken", txn([], [put("a"), remove("a")])],
    ["a nested put under a deletion", txn([nested([put("b")]), remove("b")])],
    ["a put beside a nested deletion", txn([nested([], [remove("a", "c")]), put("b")])],
    ["puts of two nested ones", txn([nested([put("a")]), nested([], [put("a")])])],
  ])("is refused for touching a key twice: %s", (_, request) => {
    expect(() => checkTxn(request)).toThrow(DUPLICATE);
  });

  it.each([
    ["in the two branches of a nested one", txn([nested([put("a")], [put("a")])])],
    ["two deletions", txn([remove("a", "c"), remove("b")])],
    ["a deletion that ends before the put", txn([remove("a", "b"), put("b")])],
    ["a deletion from a key on, which etcd overlooks", txn([remove("a", "\0"), put("b")])],
  ])("may touch a key twice %s", (_, request) => {
    expect(() => checkTxn(request)).not.toThrow();
  });

  it("has at most 128 operations, nested ones only what is left", () => {
    const ranges = (count: number) => Array.from({ length: count }, () => range("a"));
    expect(() => checkTxn(txn(ranges(128)))).not.toThrow();
    expect(() => checkTxn(txn(ranges(129)))).toThrow(TOO_MANY);
    expect(() => checkTxn(txn([], ranges(129)))).toThrow(TOO_MANY);
    expect(() => checkTxn(txn([nested(ranges(127))]))).not.toThrow();
    expect(() => checkTxn(txn([nested(ranges(128))]))).toThrow(TOO_MANY);
    const compare = Array.from({ length: 129 }, () => ({ ...Compare.fromPartial({}), key: Buffer.from("a") }));
    expect(() => checkTxn({ ...txn([]), compare })).toThrow(TOO_MANY);
  });

  it("names a key in every operation and compare", () => {
    const EMPTY = "etcdserver: key is not provided";
    for (const op of [put(""), remove(""), range(""), nested([put("")])])
      expect(() => checkTxn(txn([op]))).toThrow(EMPTY);
    expect(() => checkTxn({ ...txn([]), compare: [Compare.fromPartial({})] })).toThrow(EMPTY);
    expect(() => checkTxn(txn([{ request: undefined }]))).toThrow("etcdserver: key not found");
  });

  it("can only read when it has nothing but ranges", () => {
    expect(isReadOnly(txn([range("a")], [range("b")]))).toBe(true);
    expect(isReadOnly(txn([]))).toBe(true);
    expect(isReadOnly(txn([], [put("a")]))).toBe(false);
  });

  it("is as large as what it carries, at most 1.5 MiB", () => {
    const ofSize = (bytes: number) => txn([put("a", "x".repeat(bytes)), nested([], [put("b", "x".repeat(1000))])]);
    const check = (request: TxnRequest) => checkSize(sizeOfTxn(request), () => TxnRequest.encode(request));
    expect(() => check(ofSize(1024))).not.toThrow();
    expect(() => check(ofSize(1.5 * 1024 * 1024 - 1100))).not.toThrow();
    expect(() => check(ofSize(1.5 * 1024 * 1024 - 1000))).toThrow("etcdserver: request is too large");
  });
});

describe("a put", () => {
  it("has a key, and no value or lease that it says to ignore", () => {
    const base = { ...PutRequest.fromPartial({}), key: Buffer.from("a") };
    expect(() => checkPut({ ...base, key: Buffer.alloc(0) })).toThrow("etcdserver: key is not provided");
    expect(() => checkPut({ ...base, ignoreValue: true, value: Buffer.from("x") })).toThrow(
      "etcdserver: value is provided",
    );
    expect(() => checkPut({ ...base, ignoreLease: true, lease: 1n })).toThrow("etcdserver: lease is provided");
    expect(() => checkPut({ ...base, ignoreLease: true, ignoreValue: true })).not.toThrow();
  });
});

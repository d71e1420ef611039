import { describe, expect, it } from "@jest/globals";
import { encode } from "../../../src/etcd/json-codec.js";
import { LastValues } from "../../../src/etcd/last-values.js";
import { groupCodec } from "../../../src/etcd/record-codec.js";
import type { KeyValue } from "../../../src/model/ports.js";

const kv = (uid: string, modRevision: bigint): KeyValue => ({
  key: "/services/default/web/dev",
  value: encode(groupCodec, { uid, created: 1_767_225_600_000 }),
  createRevision: 1n,
  modRevision,
  version: 1n,
  lease: 0n,
});

describe("what was last read of a group", () => {
  it("is not decoded again while text and revision are the same", () => {
    const values = new LastValues();
    const first = values.reading("web").mustRead(groupCodec, kv("u1", 5n));
    expect(values.reading("web").mustRead(groupCodec, kv("u1", 5n))).toBe(first);
  });

  it("is decoded anew when either is another", () => {
    const values = new LastValues();
    const read = (one: KeyValue) => values.reading("web").mustRead(groupCodec, one);
    const first = read(kv("u1", 5n));
    expect(read(kv("u1", 6n))).toEqual({ ...first, modRevision: 6n });
    // As in a store that was put back.
    expect(read(kv("u2", 6n)).value.uid).toBe("u2");
  });

  it("is forgotten with the group that others were read after, and where a reading did not come across it", () => {
    const values = new LastValues();
    const first = values.reading("web").mustRead(groupCodec, kv("u1", 5n));
    for (let i = 0; i < 16; i++) values.reading(`other-${i}`);
    const again = values.reading("web").mustRead(groupCodec, kv("u1", 5n));
    expect(again).toEqual(first);
    expect(again).not.toBe(first);
    values.reading("web");
    expect(values.reading("web").mustRead(groupCodec, kv("u1", 5n))).not.toBe(again);
  });

  it("is STORE_DAMAGED each time it cannot be understood", () => {
    const values = new LastValues();
    const broken = { ...kv("u1", 5n), value: "{" };
    for (let i = 0; i < 2; i++) {
      expect(() => values.reading("web").mustRead(groupCodec, broken)).toThrow("cannot be understood");
    }
    expect(values.reading("web").mayRead(groupCodec, undefined)).toBeUndefined();
  });
});

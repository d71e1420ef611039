// What stands on the disk of the embedded store: it is read as it was written, or refused.

import { describe, expect, it } from "@jest/globals";
import { History } from "../../../src/embedded/history.js";
import { isDamagedLog } from "../../../src/embedded/level-check.js";
import {
  compactedRecord,
  DamagedRecord,
  type DiskRecord,
  identityRecord,
  leaseRecord,
  readRecord,
  revisionRecord,
} from "../../../src/embedded/records.js";

function aRevision(): DiskRecord {
  const history = new History();
  history.put(Buffer.from([0, 255, 128]), Buffer.from("value"), -5n);
  history.put(Buffer.from("gone"), Buffer.alloc(0), 0n);
  const gone = history.at("gone", 2);
  if (gone !== undefined) history.delete(gone);
  return revisionRecord(2, history.finish() ?? []);
}

describe("a record", () => {
  it("is read as it was written", () => {
    const identity = { clusterId: 2n ** 64n - 1n, memberId: 7n };
    expect(readRecord(identityRecord(identity))).toMatchObject({ kind: "identity", ...identity });
    expect(readRecord(compactedRecord({ revision: 9, kept: 3 }))).toEqual({ kind: "compacted", revision: 9, kept: 3 });
    const lease = { id: -(2n ** 63n), ttlSeconds: 9_000_000_000 };
    expect(readRecord(leaseRecord(lease))).toEqual({ kind: "lease", ...lease });
    expect(readRecord(aRevision())).toMatchObject({
      kind: "revision",
      revision: 2,
      changes: [
        {
          key: "\0\xff\x80",
          deleted: false,
          kv: { value: Buffer.from("value"), lease: -5n, version: 1n, createRevision: 2n },
        },
        { key: "gone", deleted: false, kv: { value: Buffer.alloc(0) } },
        { key: "gone", deleted: true, kv: { modRevision: 2n, version: 0n } },
      ],
    });
  });

  it("is refused for any bit that is not as it was written", () => {
    for (const { key, value } of [aRevision(), leaseRecord({ id: 1n, ttlSeconds: 2 })]) {
      for (let bit = 0; bit < 8 * (key.length + value.length); bit++) {
        const bytes = Buffer.concat([key, value]);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const flipped = { key: bytes.subarray(0, key.length), value: bytes.subarray(key.length) };
        expect(() => readRecord(flipped)).toThrow(DamagedRecord);
      }
      expect(() => readRecord({ key, value: value.subarray(0, -1) })).toThrow(DamagedRecord);
      expect(() => readRecord({ key, value: value.subarray(0, 2) })).toThrow(DamagedRecord);
    }
  });

  it("of another format is refused, and both formats are named", () => {
    const { key, value } = compactedRecord({ revision: 1, kept: 1 });
    expect(() => readRecord({ key: Buffer.from("other"), value })).toThrow(DamagedRecord);
    expect(readRecord({ key, value })).toMatchObject({ kind: "compacted" });
    expect(() => readRecord(identityRecord({ clusterId: 1n, memberId: 1n }, 2))).toThrow(
      "it was written in format 2, this version of Theseus reads format 1",
    );
  });
});

describe("LevelDB's log", () => {
  /** Bit by bit, as the polynomial says. */
  function crc32c(bytes: Buffer): number {
    let sum = 0xffffffff;
    for (const byte of bytes) {
      sum ^= byte;
      for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0x82f63b78 : 0);
    }
    return ~sum >>> 0;
  }
  function record(type: number, content: Buffer): Buffer {
    const header = Buffer.alloc(7);
    const sum = crc32c(Buffer.concat([Buffer.from([type]), content]));
    header.writeUInt32LE((((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0);
    header.writeUInt16LE(content.length, 4);
    header[6] = type;
    return Buffer.concat([header, content]);
  }
  const [FULL, FIRST, LAST] = [1, 2, 4];
  const small = record(FULL, Buffer.alloc(100, 1));
  /** Goes over into the next block. */
  const large = [record(FIRST, Buffer.alloc(32 * 1024 - 7 - 2 * small.length, 2)), record(LAST, Buffer.alloc(500, 3))];
  const log = Buffer.concat([small, small, ...large, small]);
  const flipAt = (at: number): Buffer => {
    const copy = Buffer.from(log);
    copy[at] = (copy[at] ?? 0) ^ 8;
    return copy;
  };

  it("is whole, wherever it ends", () => {
    for (let end = 0; end <= log.length; end += 13) expect(isDamagedLog(log.subarray(0, end))).toBe(false);
    expect(isDamagedLog(Buffer.concat([log, Buffer.alloc(5000)]))).toBe(false);
  });

  it("is damaged when a record is, and another one begins after it", () => {
    for (const at of [0, 5, 6, 50, 150, 300, 20_000, 32 * 1024 + 100]) expect(isDamagedLog(flipAt(at))).toBe(true);
  });

  it("is only torn when the last record is damaged, whatever parts it has", () => {
    expect(isDamagedLog(flipAt(log.length - 3))).toBe(false);
    const torn = log.subarray(0, log.length - small.length);
    torn.fill(0, 1000, 2000);
    expect(isDamagedLog(Buffer.from(torn))).toBe(false);
  });
});

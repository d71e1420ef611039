// What stands on the disk: one record for each revision, one for each lease, one for how far history is compacted, one
// for what this store is. Each value begins with a checksum over key and rest. Pure.

import { crc32 } from "node:zlib";
import { NO_BYTES, tombstone, type Version } from "./history.js";

export type DiskRecord = { readonly key: Buffer; readonly value: Buffer };
export type DiskOperation = ({ readonly type: "put" } & DiskRecord) | { readonly type: "del"; readonly key: Buffer };

/** What the store is, made at its creation. */
export type Identity = { readonly clusterId: bigint; readonly memberId: bigint };
export type Compacted = {
  readonly revision: number;
  /** How many versions stand at or below it: others are lost when there are fewer. */
  readonly kept: number;
};
export type StoredLease = { readonly id: bigint; readonly ttlSeconds: number };

export type Stored =
  | ({ readonly kind: "identity" } & Identity)
  | ({ readonly kind: "compacted" } & Compacted)
  | ({ readonly kind: "lease" } & StoredLease)
  | { readonly kind: "revision"; readonly revision: number; readonly changes: readonly Version[] };

/** A record that is not what was written, in words. */
export class DamagedRecord extends Error {
  override readonly name = "DamagedRecord";
}

const FORMAT = 1;
const IDENTITY_KEY = Buffer.from("identity");
const COMPACTED_KEY = Buffer.from("compacted");
const LEASE = "l".charCodeAt(0);
const REVISION = "r".charCodeAt(0);
const CHECKSUM_BYTES = 4;

/** @param format the present one, as far as this version knows. */
export function identityRecord({ clusterId, memberId }: Identity, format = FORMAT): DiskRecord {
  const body = { format, cluster: String(clusterId), member: String(memberId) };
  return sealed(IDENTITY_KEY, Buffer.from(JSON.stringify(body)));
}

export function compactedRecord({ revision, kept }: Compacted): DiskRecord {
  return sealed(COMPACTED_KEY, Buffer.from(JSON.stringify({ revision, kept })));
}

export function leaseRecord({ id, ttlSeconds }: StoredLease): DiskRecord {
  const body = Buffer.alloc(8);
  body.writeBigInt64BE(BigInt(ttlSeconds));
  return sealed(leaseKey(id), body);
}

export function leaseKey(id: bigint): Buffer {
  const key = Buffer.alloc(9);
  key[0] = LEASE;
  key.writeBigInt64BE(id, 1);
  return key;
}

export function revisionKey(revision: number): Buffer {
  const key = Buffer.alloc(9);
  key[0] = REVISION;
  key.writeBigInt64BE(BigInt(revision), 1);
  return key;
}

const PUT = 0;
const DELETE = 1;
const CHANGE_BYTES = 5;
const PUT_BYTES = 28;

export function revisionRecord(revision: number, changes: readonly Version[]): DiskRecord {
  let size = CHECKSUM_BYTES + 4;
  for (const { kv, deleted } of changes) {
    size += CHANGE_BYTES + kv.key.length + (deleted ? 0 : PUT_BYTES + kv.value.length);
  }
  const value = Buffer.allocUnsafe(size);
  let at = value.writeUInt32BE(changes.length, CHECKSUM_BYTES);
  for (const change of changes) at = writeChange(value, at, change);
  return withChecksum(revisionKey(revision), value);
}

function writeChange(into: Buffer, from: number, { kv, deleted }: Version): number {
  let at = into.writeUInt8(deleted ? DELETE : PUT, from);
  at = into.writeUInt32BE(kv.key.length, at);
  at += kv.key.copy(into, at);
  if (deleted) return at;
  at = into.writeBigInt64BE(kv.createRevision, at);
  at = into.writeBigInt64BE(kv.version, at);
  at = into.writeBigInt64BE(kv.lease, at);
  at = into.writeUInt32BE(kv.value.length, at);
  return at + kv.value.copy(into, at);
}

/** Fails with DamagedRecord: it is not what was written, or another version of Theseus wrote it. */
export function readRecord({ key, value }: DiskRecord): Stored {
  const name = key[0] === LEASE || key[0] === REVISION ? `record ${key.toString("hex")}` : `record "${key}"`;
  if (value.length < CHECKSUM_BYTES || value.readUInt32BE() !== checksum(key, value)) {
    throw new DamagedRecord(`${name} does not match its checksum`);
  }
  const body = value.subarray(CHECKSUM_BYTES);
  if (key.equals(IDENTITY_KEY)) return readIdentity(body);
  if (key.equals(COMPACTED_KEY)) return { kind: "compacted", ...(JSON.parse(body.toString()) as Compacted) };
  if (key.length === 9 && key[0] === LEASE) {
    return { kind: "lease", id: key.readBigInt64BE(1), ttlSeconds: Number(body.readBigInt64BE()) };
  }
  if (key.length === 9 && key[0] === REVISION) return readRevision(Number(key.readBigInt64BE(1)), body);
  throw new DamagedRecord(`${name} is none of Theseus's`);
}

function readIdentity(body: Buffer): Stored {
  const { format, cluster, member } = JSON.parse(body.toString()) as Record<string, string | number>;
  if (format !== FORMAT) {
    throw new DamagedRecord(`it was written in format ${format}, this version of Theseus reads format ${FORMAT}`);
  }
  return { kind: "identity", clusterId: BigInt(cluster ?? 0), memberId: BigInt(member ?? 0) };
}

/** The checksum was right, so lengths are too. */
function readRevision(revision: number, body: Buffer): Stored {
  const changes: Version[] = [];
  for (let at = 4, left = body.readUInt32BE(); left > 0; left--) {
    const deleted = body[at] === DELETE;
    const keyEnd = at + CHANGE_BYTES + body.readUInt32BE(at + 1);
    const key = body.subarray(at + CHANGE_BYTES, keyEnd);
    at = keyEnd;
    if (deleted) {
      changes.push({ key: key.toString("latin1"), revision, deleted, kv: tombstone(key, revision) });
      continue;
    }
    const end = at + PUT_BYTES + body.readUInt32BE(at + PUT_BYTES - 4);
    const value = end === at + PUT_BYTES ? NO_BYTES : body.subarray(at + PUT_BYTES, end);
    const kv = {
      key,
      createRevision: body.readBigInt64BE(at),
      modRevision: BigInt(revision),
      version: body.readBigInt64BE(at + 8),
      value,
      lease: body.readBigInt64BE(at + 16),
    };
    changes.push({ key: key.toString("latin1"), revision, deleted, kv });
    at = end;
  }
  return { kind: "revision", revision, changes };
}

function sealed(key: Buffer, body: Buffer): DiskRecord {
  return withChecksum(key, Buffer.concat([Buffer.alloc(CHECKSUM_BYTES), body]));
}

/** Writes the checksum into the value's first bytes. */
function withChecksum(key: Buffer, value: Buffer): DiskRecord {
  value.writeUInt32BE(checksum(key, value));
  return { key, value };
}

const checksum = (key: Buffer, value: Buffer): number => crc32(value.subarray(CHECKSUM_BYTES), crc32(key));

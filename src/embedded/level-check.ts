// Looks at LevelDB's files before LevelDB does: it would leave out a record in the middle of its log that it cannot read,
// and take a folder without its first file for an empty one, deleting what is there. Only reads.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const BLOCK = 32 * 1024;
const HEADER = 7;
const FULL = 1;
const FIRST = 2;

/** What is damaged, in words; undefined when nothing is, or nothing is there. */
export async function findDamage(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch((): string[] => []);
  const logs = names.filter((name) => name.endsWith(".log")).sort();
  const holdsData = logs.length > 0 || names.some((name) => name.endsWith(".ldb") || name.endsWith(".sst"));
  if (holdsData && !names.includes("CURRENT")) return "the file CURRENT is missing";
  for (const name of logs) {
    // Another process may hold the folder and delete it right now.
    const log = await readFile(join(folder, name)).catch(() => Buffer.alloc(0));
    if (isDamagedLog(log)) return `the file ${name} is damaged in the middle`;
  }
  return undefined;
}

/**
 * A record that cannot be read, with another one begun after it. What comes last may be torn: it was not on the disk yet
 * when the machine stopped, and nobody was told that it was.
 */
export function isDamagedLog(log: Buffer): boolean {
  let isTorn = false;
  for (const { type, isIntact } of recordsOf(log)) {
    if (isIntact && isTorn && (type === FULL || type === FIRST)) return true;
    if (!isIntact) isTorn = true;
  }
  return false;
}

/** A record lies in one block whole; zeros fill what is left of a block. */
function* recordsOf(log: Buffer): Generator<{ readonly type: number; readonly isIntact: boolean }> {
  for (let at = 0; at + HEADER <= log.length; ) {
    const blockEnd = at - (at % BLOCK) + BLOCK;
    const end = at + HEADER + log.readUInt16LE(at + 4);
    const type = log.readUInt8(at + 6);
    const isEmpty = at + HEADER > blockEnd || (type === 0 && end === at + HEADER);
    if (!isEmpty) yield { type, isIntact: end <= Math.min(blockEnd, log.length) && hasItsChecksum(log, at, end) };
    at = isEmpty || end > blockEnd ? blockEnd : end;
  }
}

/** The checksum covers type and content; LevelDB stores it turned around and moved on by a constant. */
function hasItsChecksum(log: Buffer, at: number, end: number): boolean {
  const sum = crc32c(log, at + 6, end);
  const masked = (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
  return masked === log.readUInt32LE(at);
}

const CASTAGNOLI = 0x82f63b78;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ CASTAGNOLI : rest >>> 1;
  return rest;
});

function crc32c(bytes: Buffer, from: number, to: number): number {
  let sum = 0xffffffff;
  for (let at = from; at < to; at++) sum = (TABLE[(sum ^ (bytes[at] as number)) & 0xff] as number) ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}

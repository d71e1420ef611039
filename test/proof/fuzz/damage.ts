// What becomes of a message on the way from somebody who means no good: bytes changed, cut, doubled, nested.

import type { Random } from "./random.js";

type Damage = (bytes: Buffer, random: Random) => Buffer;

/** More than the server takes as one message. */
const TOO_LARGE = 257 * 1024;
/** Begins a group of field 1 and never ends it; and begins field 1 as bytes. */
const [OPENS_GROUP, OPENS_BYTES] = [0x0b, 0x0a];

const cut: Damage = (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1));

const flip: Damage = (bytes, random) => {
  const changed = Buffer.from(bytes);
  for (let left = 1 + random.below(3); left > 0 && changed.length > 0; left--) {
    const at = random.below(changed.length);
    changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
  }
  return changed;
};

const insert: Damage = (bytes, random) => {
  const at = random.below(bytes.length + 1);
  const noise = Buffer.from(Array.from({ length: 1 + random.below(12) }, () => random.below(256)));
  return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
};

const double: Damage = (bytes, random) => {
  const at = random.below(bytes.length + 1);
  return Buffer.concat([bytes, bytes.subarray(at), bytes.subarray(0, at)]);
};

const noise: Damage = (_, random) => Buffer.from(Array.from({ length: random.below(80) }, () => random.below(256)));

const longVarint: Damage = (bytes) => Buffer.concat([bytes, Buffer.from([0x08]), Buffer.alloc(11, 0xff)]);

const deep: Damage = (bytes, random) => {
  const depth = random.pick([10, 100, 101, 10_000, 200_000]);
  if (random.chance(0.5)) return Buffer.concat([bytes, Buffer.alloc(depth, OPENS_GROUP)]);
  let nested = Buffer.alloc(0);
  for (let level = 0; level < Math.min(depth, 60); level++) {
    nested = Buffer.concat([Buffer.from([OPENS_BYTES, nested.length]), nested]);
  }
  return Buffer.concat([bytes, nested]);
};

const COMMON: readonly [Damage, ...Damage[]] = [cut, cut, flip, flip, flip, insert, insert, double, noise, longVarint];

/** The message damaged in one way; seldom very deep, more seldom larger than any server takes. */
export function damaged(bytes: Buffer, random: Random): Buffer {
  if (random.chance(0.02)) return deep(bytes, random);
  if (random.chance(0.003)) return Buffer.alloc(TOO_LARGE, bytes.length === 0 ? 0 : bytes);
  return random.pick(COMMON)(bytes, random);
}

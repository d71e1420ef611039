// One case after another: which method, with which bytes. A case is made of the seed, its number, and what servers have
// handed out before.

import { damaged } from "./damage.js";
import { encodeMessage } from "./message.js";
import { Random } from "./random.js";
import type { Asked } from "./services.js";
import type { Tokens } from "./values.js";

export type Case = {
  readonly number: number;
  readonly method: Asked;
  readonly bytes: Buffer;
  /** Whether its bytes are a request at all. */
  readonly reads: boolean;
  /** It asks for something that may take until its deadline. */
  readonly waits: boolean;
};

type MoodOf = { readonly hostile: number; readonly filled: number; readonly damage: number };

/** From what callers send to what nobody should; each as often as the others. */
const MOODS: readonly [MoodOf, ...MoodOf[]] = [
  { hostile: 0, filled: 0.5, damage: 0 },
  { hostile: 0.02, filled: 0.3, damage: 0 },
  { hostile: 0.1, filled: 0.5, damage: 0 },
  { hostile: 0.5, filled: 0.7, damage: 0 },
  { hostile: 0.05, filled: 0.4, damage: 1 },
];

/** Requests without fields are soon known by heart. */
const OFTEN_ENOUGH = 0.1;

export function makeCase(number: number, seed: number, known: { methods: readonly Asked[]; tokens: Tokens }): Case {
  const random = new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  const method = chooseMethod(known.methods, random);
  const { damage, ...mood } = random.pick(MOODS);
  const whole = Buffer.from(encodeMessage(method.request, { ...mood, random, tokens: known.tokens }));
  const bytes = random.chance(damage) ? damaged(whole, random) : whole;
  return { number, method, bytes, ...readAs(method, bytes) };
}

function chooseMethod(methods: readonly Asked[], random: Random): Asked {
  for (;;) {
    const method = random.pick(methods);
    if (method === undefined) throw new Error("there is no method");
    if (method.request.fields.length > 0 || random.chance(OFTEN_ENOUGH)) return method;
  }
}

type Waiting = { readonly minimum?: number; readonly atLeastRevision?: bigint; readonly cursor?: string };

function readAs({ decode, name }: Asked, bytes: Buffer): { readonly reads: boolean; readonly waits: boolean } {
  try {
    const { minimum = 0, atLeastRevision = 0n, cursor = "" } = decode(bytes) as Waiting;
    // A watch that has seen more than its server is given a moment to be caught up with.
    return { reads: true, waits: minimum > 0 || atLeastRevision > 0n || (name === "Watch" && cursor !== "") };
  } catch {
    return { reads: false, waits: false };
  }
}

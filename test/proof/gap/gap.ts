// No change of the store is missed and none is invented, wherever a connection is cut, whatever etcd does meanwhile, and
// when the store is put back from a backup. Told by etcdctl; the cuts are made and counted by a proxy.

import { randomBytes } from "node:crypto";
import type { Proof, Report, Size } from "../proof.js";
import { Etcd3Follower } from "./etcd3-follower.js";
import { loopFollower } from "./loop-followers.js";
import { CONTROL, cutsOf, PARTS, type Seen, tooFew } from "./plans.js";
import { Rounds } from "./rounds.js";
import { Scene, type SceneFacts } from "./scene.js";

type Outcome = { readonly seen: Seen; readonly violations: readonly string[] };

async function check(size: Size): Promise<Report> {
  const follow: SceneFacts["follow"] = (endpoint, number) =>
    loopFollower(endpoint, `follower ${number}`, number % 4 === 1 ? "feed" : "loop");
  const parts = await Promise.all(
    PARTS[size].map((part) =>
      onScene({ ...part, patienceMs: 30_000, follow }, async (scene) => {
        const rounds = new Rounds(scene, part);
        await rounds.run();
        return { seen: seenIn(scene, rounds), violations: scene.violations };
      }),
    ),
  );
  const seen = parts.map((part) => part.seen).reduce(together);
  console.error(JSON.stringify(seen));
  return { cases: cutsOf(seen), violations: [...tooFew(size, seen), ...parts.flatMap((part) => part.violations)] };
}

/** etcd3's own Watcher as the follower. It need not come far to lose something. */
async function control(): Promise<Report> {
  const follow: SceneFacts["follow"] = async (endpoint, number) => new Etcd3Follower(endpoint, `follower ${number}`);
  const { seen, violations } = await onScene({ ...CONTROL, patienceMs: 1000, follow }, async (scene) => {
    const lost = () => scene.violations.filter((violation) => /lost revision/.test(violation));
    const rounds = new Rounds(scene, CONTROL);
    await rounds.run(() => lost().length > 0);
    return { seen: seenIn(scene, rounds), violations: lost() };
  });
  return { cases: cutsOf(seen), violations };
}

function seenIn({ cuts, writer, comparisons, compactions }: Scene, { faults }: Rounds): Seen {
  return {
    "cuts inside a snapshot": cuts.snapshot,
    "cuts inside an event": cuts.event,
    "cuts during catch-up": cuts["catch-up"],
    "second cuts before the replay ended": cuts.doubled,
    fragments: cuts.fragments,
    changes: writer.changes,
    compactions,
    ...faults,
    comparisons,
  };
}

function together(one: Seen, other: Seen): Seen {
  const sum = { ...one };
  for (const what of Object.keys(one) as (keyof Seen)[]) sum[what] += other[what];
  return sum;
}

async function onScene(facts: SceneFacts, work: (scene: Scene) => Promise<Outcome>): Promise<Outcome> {
  const scene = await Scene.open(facts, chanceFrom(randomBytes(4).readUInt32LE()));
  try {
    return await work(scene);
  } finally {
    await scene.close();
  }
}

/** Mulberry32: quick, and good enough to choose keys and places. */
export function chanceFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const gap: Proof = { name: "gap", check, control };

// No change of the store is missed and none is invented, wherever a connection is cut, whatever etcd does meanwhile, and
// when the store is put back from a backup. Told by etcdctl; the cuts are made and counted by a proxy.

import { randomBytes } from "node:crypto";
import type { Proof, Report, Size } from "../proof.js";
import { Etcd3Follower } from "./etcd3-follower.js";
import { loopFollower } from "./loop-followers.js";
import { type Fault, type Plan, Rounds } from "./rounds.js";
import { Scene, type SceneFacts } from "./scene.js";

type Asked = { readonly cuts: number; readonly each: number; readonly changes: number };

const ASKED: Record<Size, Asked> = {
  small: { cuts: 30, each: 6, changes: 500 },
  full: { cuts: 1000, each: 200, changes: 20_000 },
};

const SMALL: readonly Fault[] = ["back up", "large", "restart", "restore", "compaction to head", "pause", "restore, written on"];

const FULL_FAULTS: Readonly<Record<number, Fault>> = {
  2: "large",
  4: "compaction to head",
  6: "restart",
  8: "pause",
  9: "back up",
  12: "restore",
  14: "compaction to head",
  16: "large",
  18: "long pause",
  20: "restart",
  22: "back up",
  25: "restore, written on",
  27: "compaction to head",
  29: "large",
};
const FULL = Array.from({ length: 33 }, (_, i): Fault => FULL_FAULTS[i] ?? (i % 3 === 0 ? "compaction" : "none"));

const PLANS: Record<Size, Plan & Pick<SceneFacts, "followers" | "keys">> = {
  small: { rounds: SMALL, changesPerRound: 70, followers: 2, keys: 300 },
  full: { rounds: FULL, changesPerRound: 620, followers: 8, keys: 2400 },
};

async function check(size: Size): Promise<Report> {
  const plan = PLANS[size];
  const follow: SceneFacts["follow"] = (endpoint, number) =>
    loopFollower(endpoint, `follower ${number}`, number % 4 === 1 ? "feed" : "loop");
  return await onScene({ ...plan, patienceMs: 30_000, follow }, async (scene) => {
    const rounds = new Rounds(scene, plan);
    await rounds.run();
    const { cuts, writer, comparisons, compactions } = scene;
    const changes = writer.changes;
    console.error(JSON.stringify({ cuts, changes, compactions, ...rounds.faults, comparisons }));
    return { cases: total(cuts), violations: [...tooFew(size, scene, rounds), ...scene.violations] };
  });
}

const total = (cuts: Scene["cuts"]): number => cuts.snapshot + cuts.event + cuts["catch-up"];

/** What there was less of than there had to be: then it proves nothing. */
function tooFew(size: Size, { cuts, writer, compactions }: Scene, { faults }: Rounds): string[] {
  const asked = ASKED[size];
  const counted: readonly (readonly [what: string, seen: number, fewest: number])[] = [
    ["cuts", total(cuts), asked.cuts],
    ["cuts inside a snapshot", cuts.snapshot, asked.each],
    ["cuts inside an event", cuts.event, asked.each],
    ["cuts during catch-up", cuts["catch-up"], asked.each],
    ["second cuts before the replay ended", cuts.doubled, 1],
    ["fragments", cuts.fragments, 1],
    ["changes", writer.changes, asked.changes],
    ["compactions", compactions, 1],
    ["restarts", faults.restarts, 1],
    ["pauses", faults.pauses, 1],
    ["restores", faults.restores, 2],
  ];
  return counted.flatMap(([what, seen, fewest]) => (seen < fewest ? [`only ${seen} ${what}, not ${fewest}`] : []));
}

/** etcd3's own Watcher as the follower. It need not come far to lose something. */
async function control(): Promise<Report> {
  const plan = PLANS.small;
  const follow: SceneFacts["follow"] = async (endpoint, number) => new Etcd3Follower(endpoint, `follower ${number}`);
  return await onScene({ ...plan, patienceMs: 1000, follow }, async (scene) => {
    await new Rounds(scene, plan).run(() => scene.violations.length > 0);
    return { cases: total(scene.cuts), violations: scene.violations };
  });
}

async function onScene(facts: SceneFacts, work: (scene: Scene) => Promise<Report>): Promise<Report> {
  const seed = randomBytes(4).readUInt32LE();
  const scene = await Scene.open(facts, chanceFrom(seed));
  try {
    return await work(scene);
  } finally {
    await scene.close();
  }
}

/** Mulberry32. */
function chanceFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const gap: Proof = { name: "gap", check, control };

// Every watcher holds what the store holds, wherever a connection is cut, on either side of the servers, whoever is away
// when the store is put back, and whichever server is killed. Told by etcdctl; the cuts are made and counted by proxies.

import { randomBytes } from "node:crypto";
import { chanceFrom } from "../gap/gap.js";
import type { Proof, Report, Size } from "../proof.js";
import { CONTROL, PARTS, type Part, type Seen, tooFew } from "./plans.js";
import { Rounds } from "./rounds.js";
import { Scene, type SceneFacts } from "./scene.js";
import type { Manners } from "./wire-watcher.js";

type Outcome = { readonly seen: Seen; readonly violations: readonly string[] };

async function check(size: Size): Promise<Report> {
  const { seen, violations } = await played(PARTS[size], { patienceMs: 30_000 });
  console.error(JSON.stringify(seen));
  return { cases: seen["cuts client-server"] ?? 0, violations: [...tooFew(size, seen), ...violations] };
}

/** Watchers without the rules: both kinds have to come out wrong. */
async function control(): Promise<Report> {
  const careless: readonly Manners[] = ["adds snapshots up", "goes on from now"];
  const outcomes = await Promise.all(careless.map((manners) => played(CONTROL, { patienceMs: 1500, manners })));
  const found = outcomes.map(({ violations }) => violations.filter((text) => text.includes("differs from the store")));
  const isBlind = found.some((violations) => violations.length === 0);
  return { cases: outcomes.length, violations: isBlind ? [] : found.flat() };
}

async function played(part: Part, more: Pick<SceneFacts, "patienceMs" | "manners">): Promise<Outcome> {
  const scene = await Scene.open({ ...part, ...more }, chanceFrom(randomBytes(4).readUInt32LE()));
  try {
    const rounds = new Rounds(scene, part);
    await rounds.run(() => more.manners !== undefined && scene.violations.length > 0);
    return { seen: seenIn(scene, rounds), violations: scene.violations };
  } finally {
    await scene.close();
  }
}

function seenIn({ cuts, storeCuts, writer, comparisons, seats }: Scene, { faults }: Rounds): Seen {
  return {
    "cuts client-server": Object.values(cuts).reduce((sum, count) => sum + count),
    ...Object.fromEntries(Object.entries(cuts).map(([kind, count]) => [`cuts inside a ${kind}`, count])),
    "cuts server-etcd": storeCuts.event + storeCuts["catch-up"] + storeCuts.snapshot,
    ...faults,
    changes: writer.changes,
    deltas: seats.reduce((sum, { judge }) => sum + judge.deltas, 0),
    "states on the way": seats.reduce((sum, { judge }) => sum + judge.snapshots, 0),
    comparisons,
  };
}

export const follow: Proof = { name: "follow", check, control };

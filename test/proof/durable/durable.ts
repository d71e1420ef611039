// An acknowledged write is never lost: not by kill -9, not by a disk that refuses to sync, not by a power cut; and the
// folder is one process's.

import { inFolder } from "../../support/temporary-folder.js";
import type { Proof, Report, Size } from "../proof.js";
import { type Killed, killManyTimes } from "./kills.js";
import { failSyncs } from "./no-sync.js";
import { cutPower, type Defect } from "./power-cut.js";
import { Victim } from "./victim.js";

type Amounts = { readonly kills: number; readonly failures: number; readonly cuts: number; readonly cutWrites: number };
const AMOUNTS: Readonly<Record<Size, Amounts>> = {
  small: { kills: 10, failures: 1, cuts: 5, cutWrites: 200 },
  full: { kills: 200, failures: 5, cuts: 100, cutWrites: 3000 },
};
/** Most of a kill is waiting for the next start. */
const LANES = 2;

async function check(size: Size): Promise<Report> {
  const { kills, failures, cuts, cutWrites } = AMOUNTS[size];
  const [killed, refused, cut, held] = await Promise.allSettled([
    killInLanes(kills),
    failSyncs(failures),
    cutPower({ cuts, writes: cutWrites }),
    inFolder("durable", secondProcess),
  ]).then(allEnded);
  console.error(
    `durable: ${killed.underLoad} kills under load and ${killed.whileOpening} while opening; ` +
      `${killed.acknowledged} acknowledged writes, ${killed.unacknowledged} unacknowledged`,
  );
  console.error(
    `durable: ${refused.refusals} writes refused for want of a sync, ${refused.ledger.acknowledged} acknowledged`,
  );
  console.error(`durable: ${cut.cuts} power cuts after ${cut.ledger.acknowledged} acknowledged writes`);
  const few = cut.cuts < cuts ? [`${cut.cuts} power cuts, not ${cuts}`] : [];
  const found = [...killed.violations, ...refused.violations, ...cut.violations, ...held];
  return { cases: killed.underLoad + killed.whileOpening + failures + cut.cuts, violations: [...found, ...few] };
}

/** One that failed leaves none of the others running. */
function allEnded<T extends readonly unknown[]>(ended: { [K in keyof T]: PromiseSettledResult<T[K]> }): T {
  return ended.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  }) as unknown as T;
}

type AllKilled = {
  readonly underLoad: number;
  readonly whileOpening: number;
  readonly acknowledged: number;
  readonly unacknowledged: number;
  readonly violations: readonly string[];
};

async function killInLanes(kills: number): Promise<AllKilled> {
  const lanes = await Promise.all(Array.from({ length: LANES }, () => killManyTimes(kills / LANES)));
  const sum = (of: (lane: Killed) => number): number => lanes.reduce((all, lane) => all + of(lane), 0);
  return {
    underLoad: sum((lane) => lane.underLoad),
    whileOpening: sum((lane) => lane.whileOpening),
    acknowledged: sum((lane) => lane.ledger.acknowledged),
    unacknowledged: sum((lane) => lane.ledger.unacknowledged),
    violations: lanes.flatMap(({ violations }) => violations),
  };
}

/** Refused, and told by its process id who is in the way. */
async function secondProcess(folder: string): Promise<string[]> {
  const first = new Victim(folder);
  try {
    await first.listening();
    const second = new Victim(folder);
    const code = await second.child.ended;
    const said = second.child.stderr;
    const names = new RegExp(`\\b${first.child.pid}\\b`).test(said);
    return code === 1 && names ? [] : [`a second process on the folder ended with ${code} and said ${said}`];
  } finally {
    await first.child.kill9();
  }
}

/** Stores that acknowledge too early; both have to be seen to lose something. */
async function control(): Promise<Report> {
  const defects: readonly Defect[] = ["unsynced", "hasty"];
  const found = await Promise.all(defects.map((defect) => cutPower({ cuts: 3, writes: 60, defect })));
  const unseen = defects.filter((_, at) => found[at]?.violations.length === 0);
  if (unseen.length > 0) throw new Error(`not seen to lose anything: ${unseen}`);
  return { cases: 2, violations: found.flatMap(({ violations }) => violations) };
}

export const durable: Proof = { name: "durable", check, control };

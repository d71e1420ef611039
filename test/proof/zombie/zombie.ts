// A leader that stands still for twice its time in office and wakes up late writes nothing more and leads nobody, whatever
// it was doing; nor does one that stood still while it waited for its turn.

import { setTimeout as pause } from "node:timers/promises";
import type { Proof, Report, Size } from "../proof.js";
import { TAKEN } from "./judge.js";
import { onScene, type Point, pointsOf, type Scene, stopAt } from "./scene.js";
import { freeze, thaw } from "./wired-house.js";

/** Twice that of the stage's servers. */
const STANDS_STILL_MS = 4_000;

/** @param undefended what is late is passed on without what it compares. */
async function standStill({ house, group, takeovers }: Scene, point: Point, undefended: boolean): Promise<void> {
  const { member: zombie, term } = await house.leader();
  const { reached, release } = stopAt(zombie, point, { undefended: undefended ? BigInt(term) : undefined });
  try {
    const others = house.members.filter(({ id }) => id !== zombie.id);
    await group.ask(others.map(({ server }) => server.listeners.grpc));
    const since = await reached;
    const { term: next, at } = await house.leader(term);
    takeovers.push({ zombie: zombie.id, term, next, at });
    await pause(Math.max(0, since + STANDS_STILL_MS - performance.now()));
  } finally {
    release();
    // What was held arrives before anything that the zombie still has to say.
    await pause(50);
    thaw(zombie);
  }
  await group.settled();
}

/** A server that waits for its turn stands still while the leader dies and another one follows. */
async function standStillInLine({ house, group }: Scene): Promise<void> {
  const { member: leader, term } = await house.leader();
  const zombie = house.members.find(({ id }) => id !== leader.id);
  if (zombie === undefined) throw new Error("nobody stands by");
  freeze(zombie);
  try {
    await pause(STANDS_STILL_MS);
    await leader.server.child.kill9();
    await house.leader(term);
  } finally {
    thaw(zombie);
  }
  const alive = house.members.filter(({ id }) => id !== leader.id);
  await group.ask(alive.map(({ server }) => server.listeners.grpc));
  await group.settled();
}

const SMALL: readonly Point[] = [{ of: "txn", count: 5, where: "before" }];
const OF_EACH = 10;

async function check(size: Size): Promise<Report> {
  const { refused, ...report } = await onScene("zombie", async (scene) => {
    for (const point of size === "full" ? await pointsOf(scene, OF_EACH) : SMALL) await standStill(scene, point, false);
    if (size === "full") await standStillInLine(scene);
    return [];
  });
  // Else nobody has tried anything.
  const blind = refused === 0 ? ["no late write was refused"] : [];
  return { cases: report.cases, violations: [...report.violations, ...blind] };
}

/** Only what the store took too late counts, known by its keys alone: what it compares was taken away. */
async function control(): Promise<Report> {
  const point: Point = { of: "txn", count: 5, where: "before" };
  const { cases, violations } = await onScene("zombie", async (scene) => {
    await standStill(scene, point, true);
    return [];
  });
  return { cases, violations: violations.filter((text) => text.startsWith(TAKEN)) };
}

export const zombie: Proof = { name: "zombie", check, control };

// A leader whose event loop is held up for three times its time in office: by a loop in it that ends only then, or by being
// stopped again and again with moments in between. Whatever it was doing, nothing of it is accepted once it was followed,
// and there is never more than one who leads.

import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Proof, Report, Size } from "../proof.js";
import { TAKEN } from "../zombie/judge.js";
import { onScene, type Point, pointsOf, type Scene, stopAt } from "../zombie/scene.js";
import { freeze, LEADER, thaw, type Wired } from "../zombie/wired-house.js";

/** Three times that of the stage's servers. */
const STALLS_MS = 6_000;
const BUSY = fileURLToPath(new URL("busy.mjs", import.meta.url));
const LOADED = { env: { NODE_OPTIONS: `--import ${BUSY}`, BUSY_MS: String(STALLS_MS) } };

/** It stands still for so long, and then goes on for so long, again and again. */
type Slices = { readonly stopMs: number; readonly goMs: number };
type Stall = Point & { readonly how: "busy" | Slices };

/** What is done to the leader at the point; the answer resolves when it goes on undisturbed. */
function stallOf(how: Stall["how"]): { readonly halt: (zombie: Wired) => void; readonly over: () => Promise<void> } {
  let over = Promise.resolve();
  const halt = (zombie: Wired): void => {
    if (how === "busy" && zombie.server.child.pid !== undefined) process.kill(zombie.server.child.pid, "SIGUSR2");
    over = how === "busy" ? pause(STALLS_MS) : sliced(zombie, how);
  };
  return { halt, over: () => over };
}

async function sliced(zombie: Wired, { stopMs, goMs }: Slices): Promise<void> {
  const end = performance.now() + STALLS_MS;
  while (performance.now() < end) {
    freeze(zombie);
    await pause(stopMs);
    thaw(zombie);
    await pause(goMs);
  }
}

/** @param undefended what is late is passed on without what it compares. @returns whether another one followed. */
async function stall(
  { house, group, takeovers }: Scene,
  { how, ...point }: Stall,
  undefended: boolean,
): Promise<boolean> {
  const { member: zombie, term } = await house.leader();
  const { halt, over } = stallOf(how);
  const { reached, release } = stopAt(zombie, point, { halt, undefended: undefended ? BigInt(term) : undefined });
  try {
    const others = house.members.filter(({ id }) => id !== zombie.id);
    await group.ask(others.map(({ server }) => server.listeners.grpc));
    await reached;
    // What was held arrives before anything that it still has to say.
    await Promise.race([over(), pause(STALLS_MS - 50)]);
  } finally {
    release();
    await over();
  }
  // In slices it may well have kept its office.
  const next = house.log.first(term, ({ key, value }) => key === LEADER && value !== undefined);
  if (next !== undefined) takeovers.push({ zombie: zombie.id, term, next: next.revision, at: next.at });
  await group.settled();
  return next !== undefined && next.value !== zombie.id;
}

const SLICES: readonly Slices[] = [
  { stopMs: 190, goMs: 10 },
  { stopMs: 1_600, goMs: 20 },
  { stopMs: 2_600, goMs: 20 },
];
const SMALL: readonly Stall[] = [{ of: "txn", count: 5, where: "before", how: "busy" }];
const BUSY_OF_EACH = 5;

/** Busy ones, and three for each kind of slices. */
async function stallsOf(scene: Scene): Promise<readonly Stall[]> {
  const points = await pointsOf(scene, BUSY_OF_EACH);
  const some = points.filter((_, i) => i % 3 === 2);
  return [
    ...points.map((point): Stall => ({ ...point, how: "busy" })),
    ...SLICES.flatMap((how) => some.map((point): Stall => ({ ...point, how }))),
  ];
}

async function check(size: Size): Promise<Report> {
  const seen = { stalls: 0, busy: 0, followed: 0 };
  const { refused, violations } = await onScene(
    "stall",
    async (scene) => {
      for (const one of size === "full" ? await stallsOf(scene) : SMALL) {
        const isFollowed = await stall(scene, one, false);
        seen.stalls += 1;
        if (one.how !== "busy") continue;
        seen.busy += 1;
        if (isFollowed) seen.followed += 1;
      }
      return [];
    },
    LOADED,
  );
  // A loop that is busy for so long loses the office; and else nobody has tried anything.
  const few = seen.followed < seen.busy ? [`only ${seen.followed} of ${seen.busy} busy leaders were followed`] : [];
  const blind = refused === 0 ? ["no late write was refused"] : [];
  return { cases: seen.stalls, violations: [...violations, ...few, ...blind] };
}

/** Only what the store took too late counts, known by its keys alone. */
async function control(): Promise<Report> {
  const { cases, violations } = await onScene(
    "stall",
    async (scene) => {
      for (const one of SMALL) await stall(scene, one, true);
      return [];
    },
    LOADED,
  );
  return { cases, violations: violations.filter((text) => text.startsWith(TAKEN)) };
}

export const stallProof: Proof = { name: "stall", check, control };

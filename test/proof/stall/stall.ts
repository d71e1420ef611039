// A leader whose event loop is held up for three times its time in office: by a loop in it that ends only then, or by being
// stopped again and again with moments in between. Whatever it was doing, nothing of it is accepted once it was followed,
// and there is never more than one who leads.

import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Proof, Report, Size } from "../proof.js";
import { onScene, type Point, type Scene, stopAt } from "../zombie/scene.js";
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

/** @param undefended what is late is passed on without what it compares. */
async function stall({ house, group, takeovers }: Scene, { how, ...point }: Stall, undefended: boolean): Promise<void> {
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
}

const SLICES: readonly Slices[] = [
  { stopMs: 190, goMs: 10 },
  { stopMs: 1_600, goMs: 20 },
  { stopMs: 2_600, goMs: 20 },
];
const SMALL: readonly Stall[] = [{ of: "txn", count: 5, where: "before", how: "busy" }];
const BUSY_AT = Array.from({ length: 10 }, (_, i): Stall => {
  const where = i % 4 < 2 ? "before" : "after";
  return i % 2 === 0
    ? { of: "txn", count: 1 + 3 * i, where, how: "busy" }
    : { of: "call", count: i, where, how: "busy" };
});
const SLICED_AT = Array.from({ length: 3 }, (_, i) => i).flatMap((i) =>
  SLICES.flatMap((how): Stall[] => [{ of: i === 1 ? "call" : "txn", count: 2 + 5 * i, where: "before", how }]),
);

async function check(size: Size): Promise<Report> {
  const stalls = size === "full" ? [...BUSY_AT, ...SLICED_AT] : SMALL;
  const seen = await onScene(
    "stall",
    async (scene) => {
      for (const one of stalls) await stall(scene, one, false);
      return [];
    },
    LOADED,
  );
  // A loop that is busy for so long loses the office; and else nobody has tried anything.
  const busy = stalls.filter(({ how }) => how === "busy").length;
  const few = seen.cases < busy ? [`only ${seen.cases} of ${busy} busy leaders were followed`] : [];
  const blind = seen.refused === 0 ? ["no late write was refused"] : [];
  return { cases: stalls.length, violations: [...seen.violations, ...few, ...blind] };
}

/** Only what the store took too late counts. */
async function control(): Promise<Report> {
  const { cases, violations } = await onScene(
    "stall",
    async (scene) => {
      for (const one of SMALL) await stall(scene, one, true);
      return [];
    },
    LOADED,
  );
  return { cases, violations: violations.filter((text) => text.startsWith("of term ")) };
}

export const stallProof: Proof = { name: "stall", check, control };

// The leader alone loses etcd, and still reaches Docker: it gives no more orders than its time in office allows, by when it
// last asked for more of it, and once it was followed nothing of it is accepted.

import { setTimeout as pause } from "node:timers/promises";
import { plantedBuild } from "../../support/planted-build.js";
import { inFolder } from "../../support/temporary-folder.js";
import type { Proof, Report, Size } from "../proof.js";
import { onScene, type Point, pointsOf, type Scene, stopAt } from "../zombie/scene.js";
import type { Wired } from "../zombie/wired-house.js";

/** That of the stage's servers. */
const TTL_MS = 2_000;
const GIVES_ORDERS_MS = 0.7 * TTL_MS;
/** From the order to our seeing it, on a busy machine. */
const SLACK_MS = 150;
/** Counted from when it last asked for more of its time in office, and was given it. */
const LAST_MS = GIVES_ORDERS_MS + SLACK_MS;
/** Then the engine answers what was asked before: there is something to go on with. */
const ANSWERS_AFTER_MS = LAST_MS + 20;
const PARTED_MS = 3 * TTL_MS;

type Parting = Point & { readonly of: "call"; readonly how: "swallowed" | "refused" };

/** What the leader still asked of the engine too late. */
async function part({ house, group, takeovers }: Scene, { how, ...point }: Parting): Promise<string[]> {
  const { member: leader, term } = await house.leader();
  let begun = 0;
  let renewed = 0;
  const halt = ({ link, etcd }: Wired): void => {
    begun = Date.now();
    renewed = etcd.renewedAt(begun) ?? 0;
    if (how === "swallowed") link.swallow();
    else link.refuse();
  };
  const { reached, release } = stopAt(leader, point, { halt });
  try {
    const others = house.members.filter(({ id }) => id !== leader.id);
    await group.ask(others.map(({ server }) => server.listeners.grpc));
    await reached;
    if (renewed === 0) throw new Error("nobody saw it ask for more of its time in office");
    await pause(Math.max(0, renewed + ANSWERS_AFTER_MS - Date.now()));
    release();
    const { term: next, at } = await house.leader(term);
    takeovers.push({ zombie: leader.id, term, next, at });
    await pause(Math.max(0, begun + PARTED_MS - Date.now()));
  } finally {
    release();
    leader.link.accept();
    leader.link.release();
  }
  const end = Date.now();
  // Waiting for what was told to stop changes nothing.
  const calls = leader.engine.calls.filter(({ at, path }) => at > begun && at < end && !WAIT.test(path));
  const late = calls.filter(({ at }) => at > renewed + LAST_MS);
  const name = `${how} ${point.where} ${point.like === undefined ? "call" : "stop"} ${point.count}`;
  const told = `parted ${begun - renewed} ms after it last asked for time`;
  console.error(`parted: ${name}: ${told}, ${calls.length} more calls, ${late.length} too late`);
  await group.settled();
  return late.map(({ method, path, at }) => `${name}: ${at - renewed} ms after that: ${method} ${path}`);
}

type Choice = (scene: Scene) => Promise<readonly Parting[]> | readonly Parting[];

async function parted(choose: Choice, bin?: string): Promise<Report> {
  let cases = 0;
  const work = async (scene: Scene): Promise<string[]> => {
    const found: string[] = [];
    for (const one of await choose(scene)) {
      found.push(...(await part(scene, one)));
      cases += 1;
    }
    return found;
  };
  const { violations } = await onScene("parted", work, bin === undefined ? {} : { bin });
  return { cases, violations };
}

const WAIT = /\/wait(\?|$)/;
/** What has ended is removed without asking the store again: the one thing that could be done late. */
const STOP = /^POST .*\/(stop|kill)(\?|$)/;
const atStop = (count: number, how: Parting["how"]): Parting => ({
  of: "call",
  count,
  where: "after",
  how,
  like: STOP,
});

const SMALL: readonly Parting[] = [atStop(2, "swallowed")];
const OF_EACH = 10;

/** At stops, and at any other call. */
async function partingsOf(scene: Scene): Promise<readonly Parting[]> {
  const calls = (await pointsOf(scene, OF_EACH)).filter(({ of }) => of === "call");
  return calls.flatMap(({ count }, i): Parting[] => {
    const how = i % 3 === 2 ? "refused" : "swallowed";
    return [atStop(1 + (i % 5), how), { of: "call", count, where: i % 4 === 3 ? "before" : "after", how }];
  });
}

const check = (size: Size): Promise<Report> => parted(size === "full" ? partingsOf : () => SMALL);

/** It counts on its time in office for ever. */
const WITHOUT_DEADLINE = { file: "src/etcd/lease.js", find: "const SAFE_PART = 0.7;", put: "const SAFE_PART = 1000;" };

/** Only what it asked for too late counts. */
async function control(): Promise<Report> {
  const { cases, violations } = await inFolder("parted", async (folder) => {
    return await parted(() => SMALL, await plantedBuild(folder, WITHOUT_DEADLINE));
  });
  return { cases, violations: violations.filter((text) => text.includes(" ms after that: ")) };
}

export const partedProof: Proof = { name: "parted", check, control };

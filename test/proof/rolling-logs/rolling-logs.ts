// The logs of a group that is followed through updates, by both orders: every line of every container once, those of each
// container as its engine has them, all together by time; and what a failed one has said is there after it.

import { readFile } from "node:fs/promises";
import type { Child } from "../../support/child.js";
import type { SeenEvent } from "../../support/observed-engine.js";
import { until } from "../../support/until.js";
import type { Proof, Report, Size } from "../proof.js";
import { EngineLogs } from "./engine-logs.js";
import { badVersion } from "./previous.js";
import { GROUP, Scene, type Wish } from "./scene.js";
import { byName, latenessOf, readTold, type Told, wrongLines, wrongOrder } from "./told-lines.js";

const SLOW = { withinMs: 60_000, everyMs: 200 };
/** Who follows holds lines for a moment to put them in order; those of a container that has just come may be later. */
const LATE_MS = 2_000;
/** Of one container: the engine takes stdout and stderr in side by side. */
const DISORDER_MS = 100;

type Wanted = Wish & { readonly updates: number; readonly lines: number };

const SIZES: Readonly<Record<Size, Wanted>> = {
  small: { instances: 6, burst: 10, updates: 2, lines: 2_000 },
  full: { instances: 6, burst: 15, updates: 20, lines: 100_000 },
};

type Seen = {
  readonly told: readonly Told[];
  readonly updates: number;
  /** Containers whose log the engine gave to its end. */
  readonly compared: number;
  readonly violations: readonly string[];
};

const NO_BAD_VERSION = { bad: new Set<string>(), violations: [] };

/** @param follows false: only when all is over. */
async function throughUpdates(scene: Scene, wanted: Wanted, follows: boolean): Promise<Seen> {
  const cluster = await scene.stage.store.clusterId();
  const isOurs = ({ attributes }: SeenEvent) => attributes["theseus.cluster"] === cluster;
  const engine = await EngineLogs.follow(scene.stage.engine, isOurs);
  const followers: Child[] = [];
  const begin = async () => {
    const follower = scene.follow(scene.told);
    followers.push(follower);
    const isHeard = async () => byName(await told(scene)).size >= wanted.instances;
    await until("all to be followed", isHeard, SLOW);
    return follower;
  };
  try {
    await scene.version("stop-first", "0");
    const early = follows ? await begin() : undefined;
    const updates = await update(scene, wanted);
    const follower = early ?? (await begin());
    const onceRead = follows ? await wrongOnceRead(scene) : [];
    const { bad, violations } = follows ? await badVersion(scene) : NO_BAD_VERSION;
    const seen = await judged(scene, { bad, engine, follower });
    return { ...seen, updates, violations: [...seen.violations, ...onceRead, ...violations] };
  } finally {
    for (const follower of followers) await follower.kill9();
    engine.close();
  }
}

type Judging = { readonly bad: ReadonlySet<string>; readonly engine: EngineLogs; readonly follower: Child };

/** Ends them all, and compares. Who failed lives for a moment only: what is kept of it is its evidence. */
async function judged(scene: Scene, { bad, engine, follower }: Judging): Promise<Omit<Seen, "updates">> {
  const lasting = <T>(all: ReadonlyMap<string, T>) => new Map([...all].filter(([name]) => !bad.has(name)));
  const heard = async () => (await told(scene)).filter(({ container }) => !bad.has(container));
  await scene.end();
  const written = lasting(await scene.written());
  const count = [...written.values()].reduce((sum, own) => sum + own.length, 0);
  await until("the last lines", async () => (await heard()).length >= count, SLOW).catch(() => undefined);
  await engine.ended();
  await follower.stop();
  const seen = await heard();
  const whole = lasting(engine.whole);
  const violations = [...wrongLines(byName(seen), written), ...wrongOrder(byName(seen), whole)];
  return { told: seen, compared: whole.size, violations };
}

/** As many as are wanted, and more while too little was written. */
async function update(scene: Scene, { updates, lines }: Wanted): Promise<number> {
  for (let done = 0; ; done += 1) {
    if (done >= updates && (await scene.lines()) >= lines) return done;
    await scene.version(done % 2 === 0 ? "start-first" : "stop-first", String(done + 1));
  }
}

const told = async (scene: Scene) => readTold(await readFile(scene.told, "utf8").catch(() => ""));

/** What is read without following is in order exactly. */
async function wrongOnceRead({ server }: Scene): Promise<string[]> {
  const { stdout } = await server.theseus(["logs", GROUP, "--tail", "300", "-o", "jsonl"]);
  const seen = readTold(stdout);
  const { farthest } = latenessOf(seen);
  const few = seen.length === 300 ? [] : [`once read, there are ${seen.length} lines of 300`];
  return farthest <= DISORDER_MS ? few : [`once read, a line comes ${farthest} ms after a later one`];
}

async function check(size: Size): Promise<Report> {
  const wanted = SIZES[size];
  return await Scene.on(wanted, async (scene) => {
    const { told, updates, compared, violations } = await throughUpdates(scene, wanted, true);
    const { farthest, back, late, young } = latenessOf(told);
    const containers = byName(told).size;
    console.error(
      `rolling-logs: ${told.length} lines of ${containers} containers in ${updates} updates, ` +
        `${compared} logs compared with the engine's own; ${back} lines told after a later one of another stream or ` +
        `container, ${late} of them by more than 250 ms (${young} in the first second of their container), the farthest ` +
        `by ${Math.ceil(farthest)} ms`,
    );
    const faults: readonly (readonly [string, boolean])[] = [
      [`a line came ${Math.round(farthest)} ms after a later one`, farthest > LATE_MS],
      [`${containers} containers were seen, too few`, containers < wanted.instances * (wanted.updates + 1)],
      [`${compared} logs of ${containers} were compared`, compared < containers],
      [`${told.length} lines were told, too few`, told.length < wanted.lines],
    ];
    const found = faults.filter(([, isSo]) => isSo).map(([fault]) => fault);
    return { cases: told.length, violations: [...violations, ...found] };
  });
}

/** Followed only when all is over: the containers that are gone have taken their lines with them. */
function control(): Promise<Report> {
  const wanted: Wanted = { instances: 2, burst: 5, updates: 1, lines: 20 };
  return Scene.on(wanted, async (scene) => {
    const { told, violations } = await throughUpdates(scene, wanted, false);
    return { cases: told.length, violations };
  });
}

export const rollingLogs: Proof = { name: "rolling-logs", check, control };

// `make sim SEED=n`: one simulated run, twice; where it breaks a promise, the least that still does, with its trace.
// Others run many: --from=A --to=B of them, or --seeds=A,B,C, or --points=N of the run --from=A with each kind of fault at
// each; one JSON line for each that breaks a promise, and one at the end. --sought=A,B: enough when one of these is broken.

import { parseArgs } from "node:util";
import { useLightAborts } from "./light-abort.js";
import type { Fault } from "./world/faults.js";
import { type Outcome, runSeed } from "./world/run-seed.js";
import { shrink } from "./world/shrink.js";
import { AT_A_POINT, countPoints, runWith } from "./world/systematic.js";
import { Tally } from "./world/tally.js";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    from: { type: "string", default: "0" },
    to: { type: "string", default: "100" },
    seeds: { type: "string" },
    points: { type: "string" },
    seconds: { type: "string", default: "86400" },
    sought: { type: "string" },
    trace: { type: "boolean", default: false },
  },
});
/** Each of so many seeds is run again, to see whether it is the same. */
const AGAIN = 50;
const sought = new Set(values.sought?.split(","));

useLightAborts();

// Where errors come from is only looked at in a run of its own; finding it out for each takes long.
if (values.seed === undefined) Error.stackTraceLimit = 0;

process.on("unhandledRejection", (error) => {
  console.error("a rejection that nobody handled:", error);
  process.exit(3);
});

const violationsOf = ({ violations }: Outcome): string =>
  violations.map(({ invariant, at, text }) => `${(at / 1000).toFixed(3)} s: ${invariant}: ${text}`).join("\n");

async function one(seed: number): Promise<number> {
  const [outcome, again] = [await runSeed(seed), await runSeed(seed)];
  console.log(`seed ${seed}: hash ${outcome.hash}, again ${again.hash}; ${outcome.events} events`);
  console.log(`${sizeInWords(outcome)}`);
  console.log(`faults: ${[...outcome.faults].map(([fault, count]) => `${fault} ${count}`).join(", ")}`);
  if (outcome.hash !== again.hash) return 2;
  if (outcome.violations.length === 0) {
    console.log(`no promise is broken; at rest ${(outcome.restedAfter ?? 0) / 1000} s after the last fault`);
    if (values.trace) await told(seed, new Set());
    return 0;
  }
  const { off, outcome: least } = await shrink(outcome);
  await told(seed, off);
  console.log(`\nfaults that it takes: ${[...least.faults.keys()].join(", ") || "none"}`);
  console.log(violationsOf(least));
  return 1;
}

const sizeInWords = ({ size, programs }: Outcome): string => {
  const wishes = programs.map(
    ({ ref, wishes: all }) => `${ref.service}: ${all.map(({ wish }) => wish.kind).join(", ")}`,
  );
  return `a ${size.name} world of ${size.servers} servers, calm after ${size.calmAt / 1000} s; ${wishes.join("; ")}`;
};

async function told(seed: number, off: ReadonlySet<Fault>): Promise<void> {
  const isHeartbeat = (line: string): boolean => /by s[0-9.]+: \/theseus\/(servers|hosts)\/\S*$/.test(line);
  await runSeed(seed, { off, trace: (line) => isHeartbeat(line) || console.log(line) });
}

/** True: it is enough. */
function note(tally: Tally, run: object, outcome: Outcome): boolean {
  tally.add(outcome);
  if (outcome.violations.length === 0) return false;
  console.log(JSON.stringify({ ...run, violations: violationsOf(outcome) }));
  return outcome.violations.some(({ invariant }) => sought.has(invariant));
}

/** Somebody wants to know how far it has come; then it ends. */
let isAsked = false;
process.once("SIGTERM", () => {
  isAsked = true;
});

const isOver = (tally: Tally): boolean => isAsked || tally.seconds >= Number(values.seconds);

/** A run never waits for anything; signals and output come in between. */
const aTurn = (): Promise<void> => new Promise((go) => setImmediate(go));

async function many(seeds: Iterable<number>, tally: Tally): Promise<void> {
  for (const seed of seeds) {
    if (isOver(tally)) return;
    const outcome = await runSeed(seed);
    await aTurn();
    if (note(tally, { seed }, outcome)) return;
    if (seed % AGAIN !== 0) continue;
    const { hash } = await runSeed(seed);
    tally.again++;
    if (hash === outcome.hash) continue;
    tally.broken++;
    console.log(
      JSON.stringify({ seed, violations: `it is another run each time: hash ${outcome.hash}, then ${hash}` }),
    );
  }
}

/** @param most of the points of the run; they are taken evenly. */
async function systematic(seed: number, most: number, tally: Tally): Promise<void> {
  const { points, outcome } = await countPoints(seed);
  if (note(tally, { seed }, outcome)) return;
  const step = Math.max(1, points / most);
  for (let point = 1; point <= points && !isOver(tally); point += step) {
    const at = Math.floor(point);
    for (const kind of AT_A_POINT) {
      if (note(tally, { seed, point: at, kind }, await runWith(seed, at, kind))) return;
      await aTurn();
    }
    tally.points++;
  }
  tally.pointsOf = points;
}

function* seedsFrom(from: number, to: number): Generator<number> {
  for (let seed = from; seed < to; seed++) yield seed;
}

async function all(): Promise<number> {
  const tally = new Tally();
  const { from, to, points, seeds } = values;
  if (seeds !== undefined) await many(seeds.split(",").map(Number), tally);
  else if (points === undefined) await many(seedsFrom(Number(from), Number(to)), tally);
  else await systematic(Number(from), Number(points), tally);
  console.log(JSON.stringify(tally.told()));
  return tally.broken > 0 ? 1 : 0;
}

process.exitCode = await (values.seed === undefined ? all() : one(Number(values.seed)));

// A watcher that stands still costs the server next to nothing, however much goes on meanwhile; the others lose nothing,
// and when it goes on it soon holds what the store holds. The control is the same server, whose streams never say wait.

import { startEtcd, type TestEtcd } from "../../support/start-etcd.js";
import { startServer } from "../../support/theseus.js";
import { until } from "../../support/until.js";
import { differences, Judge, projected } from "../follow/judge.js";
import type { State } from "../follow/questions.js";
import { WireWatcher } from "../follow/wire-watcher.js";
import { freshRead } from "../gap/truth.js";
import type { Proof, Report, Size } from "../proof.js";
import { FLOW, Flow } from "./flow.js";
import { mostWhile, residentBytes } from "./memory.js";
import { StillWatcher } from "./still-watcher.js";

const MB = 1024 * 1024;
const MOST_GROWTH = 20 * MB;
/** Without the bound it has to grow by more than this. */
const BLIND_BELOW = 60 * MB;
const READERS = 3;
/** Of all changes: so many have to come to each reader one by one, and not in a snapshot. Else less has flowed. */
const FEWEST_DELTAS = 0.9;

type Measure = {
  /** The same traffic with everybody reading, so that the heap's own growth is over. */
  readonly warmUp: number;
  readonly events: number;
  /** Bytes on the wire besides 1 kB. In the small size events are so much larger as they are fewer: as much is held without
   * the bound. */
  readonly padding: number;
  /** A reader that were further behind might be told by a snapshot: then less would flow. */
  readonly ahead: number;
};

const MEASURES: Record<Size, Measure> = {
  small: { warmUp: 900, events: 3000, padding: 25_000, ahead: 30 },
  full: { warmUp: 8000, events: 60_000, padding: 0, ahead: 180 },
};

type Scene = {
  readonly etcd: TestEtcd;
  readonly pid: number;
  readonly flow: Flow;
  readonly still: StillWatcher;
  readonly readers: readonly Reader[];
};
type Reader = { readonly watcher: WireWatcher; readonly judge: Judge };

type Outcome = { readonly growth: number; readonly seen: object; readonly violations: readonly string[] };

const UNBOUNDED = `--import=${new URL("./unbounded.mjs", import.meta.url).href}`;

async function onScene<T>(measure: Measure, isBound: boolean, work: (scene: Scene) => Promise<T>): Promise<T> {
  const etcd = await startEtcd({ detached: true });
  const flow = new Flow(etcd.endpoint, measure);
  const ends: (() => Promise<void>)[] = [];
  try {
    const env: Readonly<Record<string, string>> = isBound ? {} : { NODE_OPTIONS: UNBOUNDED };
    const server = await startServer({ etcd: etcd.endpoint, flags: ["--listen-http", "off"], env });
    ends.push(() => server.child.kill9());
    const address = server.listeners.grpc;
    const still = new StillWatcher(address);
    ends.push(() => still.end());
    const readers = Array.from({ length: READERS }, (_, number): Reader => {
      const name = `reader ${number}`;
      const watcher = new WireWatcher({ name, addresses: [address], question: FLOW });
      ends.push(() => watcher.close());
      return { watcher, judge: new Judge(name, FLOW) };
    });
    return await work({ etcd, pid: server.child.pid ?? 0, flow, still, readers });
  } finally {
    await Promise.all(ends.map((end) => end()));
    flow.close();
    await etcd.stop();
  }
}

async function measured(measure: Measure, isBound: boolean): Promise<Outcome> {
  return await onScene(measure, isBound, async (scene) => {
    const { pid, still, readers } = scene;
    const warm = await mostWhile(pid, () => flowed(scene, measure.warmUp));
    const violations = await stillBehind(scene);
    await beginJudges(scene);
    const before = residentBytes(pid);
    const bytes = bytesTo(readers);
    await still.pause();
    const begun = performance.now();
    const most = await mostWhile(pid, () => flowed(scene, measure.events));
    const seconds = (performance.now() - begun) / 1000;
    const after = residentBytes(pid);
    still.resume();
    violations.push(...(await judged(scene, measure)), ...(await stillBehind(scene)));
    const sizes = { "while warming up": warm, before, "at most": most, after, growth: most - warm };
    const seen = {
      ...{ bound: isBound, events: measure.events, seconds: Math.round(seconds), readers: READERS },
      "bytes per event": Math.round((bytesTo(readers) - bytes) / measure.events / READERS),
      ...Object.fromEntries(Object.entries(sizes).map(([what, size]) => [`MB ${what}`, Math.round(size / MB)])),
      deltas: readers.map(({ judge }) => judge.deltas),
      snapshots: readers.map(({ judge }) => judge.snapshots),
    };
    return { growth: most - warm, seen, violations };
  });
}

const bytesTo = (readers: readonly Reader[]): number => readers.reduce((sum, { watcher }) => sum + watcher.bytes, 0);

/** So many changes, until all readers have heard of them. */
async function flowed({ flow, readers }: Scene, changes: number): Promise<void> {
  const told = () => Math.min(...readers.map(({ watcher }) => watcher.revision));
  await flow.run(changes, told);
  await until("the readers to keep up", () => told() >= flow.head, { withinMs: 120_000 });
}

/** From here on everything that the readers are told counts. */
async function beginJudges({ etcd, flow, readers }: Scene): Promise<void> {
  flow.takeHistory();
  const { state, revision } = await freshRead(etcd);
  for (const { judge, watcher } of readers) judge.begin(watcher, state, revision);
}

/** Nothing was lost, and in the end they hold what a fresh read shows. */
async function judged({ etcd, flow, readers }: Scene, { events }: Measure): Promise<string[]> {
  const { state } = await freshRead(etcd);
  const history = flow.takeHistory();
  return readers.flatMap(({ judge, watcher }, number) => {
    judge.check(watcher, history, flow.head);
    const few = judge.deltas < FEWEST_DELTAS * events ? [`reader ${number} was told only ${judge.deltas} changes`] : [];
    return [...judge.violations, ...few, ...wrongIn(`reader ${number}`, watcher.state, projected(FLOW, state))];
  });
}

/** What is wrong with the one that stands still now and then, once it has had its time. */
async function stillBehind({ etcd, still }: Scene): Promise<string[]> {
  const truth = projected(FLOW, (await freshRead(etcd)).state);
  const wrong = async (): Promise<string[]> => wrongIn("who stood still", await still.held(), truth);
  const isThere = async () => (await wrong()).length === 0;
  const waited = until("who stood still to catch up", isThere, { withinMs: 30_000 });
  return await waited.then(() => [], wrong);
}

function wrongIn(name: string, held: State, truth: State): string[] {
  const wrong = differences(held, truth);
  return wrong.length === 0 ? [] : [`${name} is wrong in ${wrong.length} of ${truth.size} records in the end`];
}

const inWords = (growth: number): string => `the server grew by ${Math.round(growth / MB)} MB`;

async function check(size: Size): Promise<Report> {
  const measure = MEASURES[size];
  const { growth, seen, violations } = await measured(measure, true);
  console.error(JSON.stringify(seen));
  return { cases: measure.events, violations: [...violations, ...(growth > MOST_GROWTH ? [inWords(growth)] : [])] };
}

/** Only its growth counts, and it has to be as much as is held without the bound. */
async function control(size: Size): Promise<Report> {
  const { growth, seen } = await measured(MEASURES[size], false);
  console.error(JSON.stringify(seen));
  return { cases: 1, violations: growth > BLIND_BELOW ? [inWords(growth)] : [] };
}

export const slowWatcher: Proof = { name: "slow-watcher", check, control };

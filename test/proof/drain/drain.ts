// A container is stopped only when every server has heard that everybody who was sent it knows that it left, whichever
// server they told; who does not answer is named, and waited for until the deadline. Seen in the store by etcdctl, in
// the engine's events, and on the watchers' own wire.

import { etcdctl } from "../../support/etcdctl.js";
import type { Proof, Report, Size } from "../proof.js";
import { onStage, type Stage } from "../stage.js";
import type { SeenDrain } from "./drain-log.js";
import { type Seen, STOPPED_EARLY, wrongWith } from "./judge.js";
import { Scene } from "./scene.js";
import type { Watcher } from "./watchers.js";

type Kind = "answered" | "came back" | "cut from etcd" | "black-holed" | "killed";
const KINDS: readonly Kind[] = ["answered", "came back", "cut from etcd", "black-holed", "killed"];

type Measure = { readonly kinds: readonly Kind[]; readonly count: number; readonly deadlineMs: number };
type Round = { readonly kind: Kind; readonly faults: readonly string[]; readonly seen: readonly Seen[] };
type Missing = Seen["missing"];

async function roundOf(scene: Scene, kind: Kind, { count, deadlineMs }: Measure): Promise<Round> {
  await scene.settled();
  const round = scene.watchers.map((watcher) => ({ watcher, server: watcher.server }));
  const { missing, guest, undo } = await trouble(scene, kind);
  const places = guest === undefined ? round : [...round, { watcher: guest, server: guest.server }];
  const drains = await scene.scaleDown(count);
  const seen = drains.map((drain): Seen => {
    const watchers = places
      .filter(({ server }) => server !== missing?.server)
      .map(({ watcher, server }) => ({ name: watcher.name, server, said: watcher.said }));
    const killedAt = scene.killedAt(drain.container);
    return { drain, killedAt, deadlineMs, watchers, missing };
  });
  const strays = guest?.server === scene.second.id ? ["the guest was never cut off"] : [];
  const faults = [...seen.flatMap(wrongWith), ...strays].map((fault) => `${kind}: ${fault}`);
  await undo();
  return { kind, faults, seen };
}

/** Who cannot answer, who watches in this round alone, and how the trouble ends. */
type Trouble = { readonly missing: Missing; readonly guest?: Watcher; readonly undo: () => Promise<void> };

async function trouble(scene: Scene, kind: Kind): Promise<Trouble> {
  const { first, second, third, link } = scene;
  switch (kind) {
    case "answered":
      return { missing: undefined, undo: async () => undefined };
    case "came back": {
      const { watcher, close } = await scene.openGuest(second, first);
      return { missing: undefined, guest: watcher, undo: close };
    }
    case "cut from etcd":
      link.refuse();
      return { missing: { server: third.id, watcher: undefined }, undo: async () => link.accept() };
    case "black-holed": {
      const watcher = "in-the-dark";
      const undo = await scene.darken(second, watcher);
      return { missing: { server: second.id, watcher }, undo };
    }
    case "killed":
      await second.server.child.kill9();
      return { missing: { server: second.id, watcher: undefined }, undo: async () => undefined };
  }
}

/** How long the containers of each kind ran on after they had left, the longest, in milliseconds. */
function waitsOf(rounds: readonly Round[]): Readonly<Record<string, number>> {
  const longest = ({ seen }: Round) =>
    Math.max(...seen.map(({ drain, killedAt = Number.NaN }) => killedAt - drain.asked));
  return Object.fromEntries(rounds.map((round) => [round.kind, Math.round(longest(round))]));
}

type Figures = {
  readonly drains: number;
  readonly answers: number;
  readonly acknowledged: number;
  /** Through a server that the watch was not of. */
  readonly elsewhere: number;
  readonly waits: Readonly<Record<string, number>>;
};

async function onScene(
  stage: Stage,
  measure: Measure,
  opened?: (drain: SeenDrain) => void,
): Promise<{ readonly faults: readonly string[]; readonly figures: Figures }> {
  const { kinds, count, deadlineMs } = measure;
  const scene = await Scene.setUp(stage, { instances: kinds.length * count + 1, deadlineMs }, opened);
  try {
    const rounds: Round[] = [];
    for (const kind of kinds) rounds.push(await roundOf(scene, kind, measure));
    const drains = rounds.flatMap(({ seen }) => seen.map((one) => one.drain));
    const places = new Map(scene.members.map(({ id, server }) => [id, server.listeners.grpc]));
    const said = scene.watchers.flatMap((watcher) => watcher.said);
    const figures = {
      drains: drains.length,
      answers: drains.flatMap(({ answers }) => answers).length,
      acknowledged: said.length,
      elsewhere: said.filter(({ peer, server }) => peer !== places.get(server)).length,
      waits: waitsOf(rounds),
    };
    return { faults: rounds.flatMap((round) => round.faults), figures };
  } finally {
    await scene.strike();
  }
}

async function check(size: Size): Promise<Report> {
  const [stages, count, deadlineMs] = size === "full" ? [4, 4, 5_000] : [1, 1, 3_000];
  const violations: string[] = [];
  let cases = 0;
  for (let i = 0; i < stages; i++) {
    const { faults, figures } = await onStage((stage) => onScene(stage, { kinds: KINDS, count, deadlineMs }));
    violations.push(...faults);
    cases += figures.drains;
    console.error(`drain: ${JSON.stringify(figures)}`);
    if (figures.elsewhere === 0) violations.push("no acknowledgement went through another server");
  }
  const wanted = stages * count * KINDS.length;
  if (cases < wanted) violations.push(`${cases} drains were seen, not ${wanted}`);
  return { cases, violations };
}

/**
 * The defence is off: another hand says at once, for every server, that nobody is waited for. Its answers are wrong by
 * themselves: only what they lead to counts.
 */
async function control(): Promise<Report> {
  const { faults, figures } = await onStage(async (stage) => {
    const answerAll = ({ container, servers }: SeenDrain): void => {
      for (const server of servers) {
        const key = `/theseus/drains/default/web/dev/${container}/${server}`;
        void etcdctl(stage.etcd.endpoint, ["put", key, '{"awaits":[]}']);
      }
    };
    return await onScene(stage, { kinds: ["black-holed"], count: 1, deadlineMs: 3_000 }, answerAll);
  });
  return { cases: figures.drains, violations: faults.filter((fault) => fault.includes(STOPPED_EARLY)) };
}

export const drain: Proof = { name: "drain", check, control };

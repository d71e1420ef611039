// What containers did while somebody may want to see it: the steps of each one's life, and how many were ready at what
// time. Kept of groups with a rollout and some minutes after, bounded, in memory. Pure.

import type { ContainerRow } from "../wire.js";
import { type Point, thinned } from "./thinned.js";

/** What is remembered of a group without a rollout: one may be about to be seen. */
const TENTATIVE = 60_000;
const MOST_GROUPS = 100;
const MOST_POINTS = 1_000;
const MOST_STEPS = 40;
const MOST_CONTAINERS = 2_000;

export interface Step {
  readonly what: string;
  readonly from: number;
  /** 0: still so. */
  readonly to: number;
}

export interface Life {
  /** As it was seen last. */
  readonly row: ContainerRow;
  readonly steps: readonly Step[];
}

export interface Recorded {
  /** Nothing is known of before. */
  readonly from: number;
  readonly points: readonly Point[];
  readonly lives: readonly Life[];
}

interface Living {
  row: ContainerRow;
  steps: Step[];
}

interface Recording {
  readonly from: number;
  points: Point[];
  readonly lives: Map<string, Living>;
  keptUntil: number;
}

export class Recorder {
  readonly #present: (group: string) => Iterable<ContainerRow>;
  readonly #groups = new Map<string, Recording>();

  /** @param present the containers of a group as they are now. */
  constructor(present: (group: string) => Iterable<ContainerRow>) {
    this.#present = present;
  }

  /** A container is there now, or is other than it was. @param before as it was; undefined: it was not there. */
  saw(row: ContainerRow, before: ContainerRow | undefined, now: number): void {
    // A picture of the group would not show it: that is no beginning of one.
    if (before !== undefined && isAlike(row, before) && !this.#groups.has(row.group)) return;
    const recording = this.#of(row.group, now, { row, before });
    step(recording, row, now);
    count(recording, now);
  }

  gone(row: ContainerRow, now: number): void {
    const recording = this.#of(row.group, now, { row, before: row });
    const life = recording.lives.get(row.name);
    if (life !== undefined) life.steps = ended(life.steps, now);
    count(recording, now);
  }

  /** @param until Infinity: as long as the rollout goes on. */
  keep(group: string, until: number, now: number): void {
    const recording = this.#of(group, now, undefined);
    recording.keptUntil = Math.max(until, now + TENTATIVE);
  }

  of(group: string): Recorded | undefined {
    const recording = this.#groups.get(group);
    if (recording === undefined) return undefined;
    const { from, points, lives } = recording;
    return { from, points, lives: [...lives.values()] };
  }

  /** Forgets what nobody will ask for. */
  sweep(now: number): void {
    for (const [id, { keptUntil }] of this.#groups) if (keptUntil < now) this.#groups.delete(id);
  }

  #of(
    group: string,
    now: number,
    change: { readonly row: ContainerRow; readonly before: ContainerRow | undefined } | undefined,
  ): Recording {
    const known = this.#groups.get(group);
    if (known !== undefined) {
      if (known.keptUntil !== Number.POSITIVE_INFINITY) known.keptUntil = Math.max(known.keptUntil, now + TENTATIVE);
      return known;
    }
    const recording: Recording = { from: now, points: [], lives: new Map(), keptUntil: now + TENTATIVE };
    const others = [...this.#present(group)].filter(({ name }) => name !== change?.row.name);
    for (const row of [...others, ...(change?.before === undefined ? [] : [change.before])])
      recording.lives.set(row.name, { row, steps: [{ what: whatOf(row), from: row.since || now, to: 0 }] });
    count(recording, now);
    this.#makeRoom();
    this.#groups.set(group, recording);
    return recording;
  }

  /** The one that would be forgotten first goes first. */
  #makeRoom(): void {
    if (this.#groups.size < MOST_GROUPS) return;
    const [first] = [...this.#groups].sort(([, a], [, b]) => a.keptUntil - b.keptUntil || a.from - b.from);
    if (first !== undefined) this.#groups.delete(first[0]);
  }
}

/** The words of lanes: what is meant with it where that says more than what is seen. */
function whatOf({ phase, state }: ContainerRow): string {
  return phase === "creating" || phase === "stopping" ? phase : state;
}

/** Takes new work. */
export function isReady({ state, phase, problem }: ContainerRow): boolean {
  return (state === "ready" || state === "stale") && phase !== "stopping" && problem === "";
}

function isAlike(row: ContainerRow, before: ContainerRow): boolean {
  return whatOf(row) === whatOf(before) && isReady(row) === isReady(before) && row.rev === before.rev;
}

function step({ lives }: Recording, row: ContainerRow, now: number): void {
  const life = lives.get(row.name);
  if (life === undefined) {
    if (lives.size >= MOST_CONTAINERS) forgetOne(lives);
    lives.set(row.name, { row, steps: [{ what: whatOf(row), from: now, to: 0 }] });
    return;
  }
  const what = whatOf(row);
  life.row = row;
  if (life.steps.at(-1)?.what === what && life.steps.at(-1)?.to === 0) return;
  life.steps = [...ended(life.steps, now), { what, from: now, to: 0 }].slice(-MOST_STEPS);
}

function ended(steps: readonly Step[], now: number): Step[] {
  return steps.map((one) => (one.to === 0 ? { ...one, to: now } : one));
}

function isOver({ steps }: Living): boolean {
  return steps.every(({ to }) => to !== 0);
}

function forgetOne(lives: Map<string, Living>): void {
  for (const [name, life] of lives) {
    if (!isOver(life)) continue;
    lives.delete(name);
    return;
  }
}

/** What changes at one time is one point. */
function count(recording: Recording, now: number): void {
  const ready = new Map<number, number>();
  for (const life of recording.lives.values())
    if (!isOver(life) && isReady(life.row)) ready.set(life.row.rev, (ready.get(life.row.rev) ?? 0) + 1);
  const point: Point = { time: now, ready: [...ready] };
  const { points } = recording;
  const last = points.at(-1);
  if (last !== undefined && isSame(last, point)) return;
  if (last?.time === now) points.pop();
  points.push(point);
  if (points.length > MOST_POINTS) recording.points = thinned(points);
}

function isSame(a: Point, b: Point): boolean {
  const known = new Map(a.ready);
  return a.ready.length === b.ready.length && b.ready.every(([rev, ready]) => known.get(rev) === ready);
}

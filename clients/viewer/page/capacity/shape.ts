// The capacity of a rollout as shapes in a box of pixels: two areas with steps, one upon the other, and marks where there
// was less than promised. Every edge stands where a figure changed; nothing is sloped. Pure.

import { placeOn, type Span } from "../plot/axis.js";
import { belowPromise, type Stretch, totalOf, unseenOf } from "./stretches.js";

export interface Box {
  readonly width: number;
  readonly height: number;
}

export interface Asked {
  readonly span: Span;
  readonly stretches: readonly Stretch[];
  readonly promised: number;
  readonly wanted: number;
  /** What is later has not come yet; the end of the span when it is not given. */
  readonly until?: number;
}

/** Pixels from the left. */
interface Strip {
  readonly x: number;
  readonly width: number;
}

export interface Shape {
  /** The figure at the upper edge. */
  readonly top: number;
  /** Pixels from above for a figure. */
  readonly y: (figure: number) => number;
  readonly x: (time: number) => number;
  /** Closed paths, from the ground. */
  readonly old: string;
  /** Closed paths, from the top of the old ones. */
  readonly new: string;
  /** The upper edge of both together, open. */
  readonly edge: string;
  readonly unseen: readonly Strip[];
  readonly below: readonly Strip[];
}

/** A dip that is shorter than a pixel is drawn that wide, or nobody would see it. */
const THINNEST_DIP = 2;

export function shapeOf({ span, stretches, promised, wanted, until = span.to }: Asked, { width, height }: Box): Shape {
  const x = placeOn(span, width);
  const inside = stretches.filter((one) => one.to > span.from && one.from < span.to);
  const top = Math.max(1, wanted, promised, ...inside.map(totalOf));
  const y = (figure: number) => Math.round((height - (figure / top) * height) * 100) / 100;
  const runs = runsOf(inside);
  const area = (under: (one: Stretch) => number, over: (one: Stretch) => number) =>
    runs.map((run) => `${steps(run, x, (one) => y(over(one)), "M")}${back(run, x, (one) => y(under(one)))}Z`).join("");
  return {
    top,
    x,
    y,
    old: area(
      () => 0,
      (one) => one.old,
    ),
    new: area((one) => one.old, totalOf),
    edge: runs.map((run) => steps(run, x, (one) => y(totalOf(one)), "M")).join(""),
    unseen: unseenOf({ from: span.from, to: until }, inside).map((gap) => ({
      x: x(gap.from),
      width: x(gap.to) - x(gap.from),
    })),
    below: belowPromise(inside, promised).map((dip) => dipOf(dip, x, width)),
  };
}

function dipOf(dip: Span, x: (time: number) => number, width: number): Strip {
  const wide = Math.max(THINNEST_DIP, x(dip.to) - x(dip.from));
  return { x: Math.min(x(dip.from), width - wide), width: wide };
}

/** Stretches that follow each other without a gap. */
function runsOf(stretches: readonly Stretch[]): Stretch[][] {
  const runs: Stretch[][] = [];
  for (const one of stretches) {
    const last = runs.at(-1);
    if (last !== undefined && last.at(-1)?.to === one.from) last.push(one);
    else runs.push([one]);
  }
  return runs;
}

type Place = (time: number) => number;

function steps(run: readonly Stretch[], x: Place, level: (one: Stretch) => number, begin: "M" | "L"): string {
  return run.map((one, at) => `${at === 0 ? begin : "L"}${x(one.from)} ${level(one)}H${x(one.to)}`).join("");
}

function back(run: readonly Stretch[], x: Place, level: (one: Stretch) => number): string {
  return [...run]
    .reverse()
    .map((one) => `L${x(one.to)} ${level(one)}H${x(one.from)}`)
    .join("");
}

// A slot's lane over time as strips of pixels: the stretches in the life of each of its containers, those that overlap in
// tracks of their own. Pure.

import type { Lane } from "../../wire.js";
import { placeOn, type Span } from "../plot/axis.js";
import { hasServedBefore, type StepLook, stepLook } from "./step-look.js";

type Step = Lane["containers"][number]["steps"][number];

export interface Strip {
  readonly x: number;
  readonly width: number;
  readonly what: string;
  readonly from: number;
  /** 0: still so. */
  readonly to: number;
  readonly look: StepLook;
}

export interface Track {
  readonly name: string;
  readonly generation: number;
  readonly rev: number;
  readonly host: string;
  /** Counted from the top. */
  readonly row: number;
  readonly strips: readonly Strip[];
}

export interface Tracks {
  readonly rows: number;
  readonly tracks: readonly Track[];
}

/** What takes less than a pixel is drawn that wide. */
const THINNEST = 1;

/** @param now where a stretch ends that is still going on. */
export function tracksOf(lane: Lane, span: Span, width: number, now: number): Tracks {
  const place = placeOn(span, width);
  const ends: number[] = [];
  const order = [...lane.containers].sort((a, b) => a.generation - b.generation);
  const tracks = order.flatMap((container) => {
    const steps = container.steps.filter((step) => endOf(step, now) >= span.from && step.from <= span.to);
    const [first] = steps;
    if (first === undefined) return [];
    const begin = Math.min(...steps.map(({ from }) => from));
    const row = freeRow(ends, Math.max(begin, span.from));
    ends[row] = Math.max(...steps.map((step) => endOf(step, now)));
    const { name, generation, rev, host } = container;
    return [
      {
        name,
        generation,
        rev,
        host,
        row,
        strips: steps.map((step) => stripOf(step, { place, now, all: container.steps })),
      },
    ];
  });
  return { rows: Math.max(1, ends.length), tracks };
}

/** Only what goes on or begins after that time: what was before is shown elsewhere. */
export function laneSince(lane: Lane, since: number): Lane {
  const containers = lane.containers.flatMap((container) => {
    const steps = container.steps.flatMap((step) =>
      step.to !== 0 && step.to <= since ? [] : [{ ...step, from: Math.max(step.from, since) }],
    );
    return steps.length === 0 ? [] : [{ ...container, steps }];
  });
  return { ...lane, containers };
}

function endOf({ from, to }: Step, now: number): number {
  return Math.max(from, to === 0 ? now : to);
}

function freeRow(ends: readonly number[], begin: number): number {
  const free = ends.findIndex((end) => end <= begin);
  return free < 0 ? ends.length : free;
}

interface Laid {
  readonly place: (time: number) => number;
  readonly now: number;
  readonly all: readonly Step[];
}

function stripOf(step: Step, { place, now, all }: Laid): Strip {
  const x = place(step.from);
  const width = Math.max(THINNEST, Math.round((place(endOf(step, now)) - x) * 100) / 100);
  const look = stepLook(step.what, hasServedBefore(all, step));
  return { x, width, what: step.what, from: step.from, to: step.to, look };
}

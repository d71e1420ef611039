// How many containers were ready, as stretches of time: each figure stands until the next one was seen, and where nothing
// was seen there is no stretch. Nothing is made up in between. Pure.

import type { Span } from "../plot/axis.js";

export interface CapacityPoint {
  readonly time: number;
  readonly old: number;
  readonly new: number;
}

export interface Stretch extends Span {
  readonly old: number;
  readonly new: number;
}

/** What is known of a rollout's capacity. */
export interface Seen {
  readonly points: readonly CapacityPoint[];
  /** Before that nobody looked. */
  readonly from: number;
  /** Up to then the newest figure is known to hold. */
  readonly until: number;
  /** In between, where nobody could look. */
  readonly blind?: readonly Span[];
}

/** In the order of time, without overlap. Of two figures of the same moment the later one in the list counts. */
export function stretchesOf({ points, from, until, blind = [] }: Seen): Stretch[] {
  const sane = points.filter((one) => [one.time, one.old, one.new].every((n) => Number.isFinite(n) && n >= 0));
  const sorted = [...sane].sort((a, b) => a.time - b.time);
  const stretches = sorted.flatMap((point, at) => {
    const begin = Math.max(point.time, from);
    const end = Math.min(sorted[at + 1]?.time ?? until, until);
    return end > begin ? [{ from: begin, to: end, old: point.old, new: point.new }] : [];
  });
  return joined(blind.reduce(without, stretches));
}

/** The parts of the span of which nothing is known. */
export function unseenOf({ from, to }: Span, stretches: readonly Span[]): Span[] {
  const gaps: Span[] = [];
  let at = from;
  for (const stretch of stretches) {
    if (stretch.from > at) gaps.push({ from: at, to: Math.min(stretch.from, to) });
    at = Math.max(at, stretch.to);
    if (at >= to) break;
  }
  if (at < to) gaps.push({ from: at, to });
  return gaps.filter((gap) => gap.to > gap.from);
}

export function totalOf(stretch: Pick<Stretch, "old" | "new">): number {
  return stretch.old + stretch.new;
}

/** The first of those with the fewest ready containers; undefined where nothing was seen. */
export function lowestOf(stretches: readonly Stretch[]): Stretch | undefined {
  return stretches.reduce<Stretch | undefined>(
    (low, one) => (low === undefined || totalOf(one) < totalOf(low) ? one : low),
    undefined,
  );
}

/** Those with fewer than were promised, or where there had never been that many, with fewer than there had been. */
export function belowPromise(stretches: readonly Stretch[], promised: number): Stretch[] {
  let reached = 0;
  return stretches.filter((one) => {
    reached = Math.max(reached, totalOf(one));
    return totalOf(one) < Math.min(promised, reached);
  });
}

function without(stretches: readonly Stretch[], hole: Span): Stretch[] {
  return stretches.flatMap((one) => {
    if (hole.to <= one.from || hole.from >= one.to) return [one];
    const parts = [
      { ...one, to: hole.from },
      { ...one, from: hole.to },
    ];
    return parts.filter((part) => part.to > part.from);
  });
}

function joined(stretches: readonly Stretch[]): Stretch[] {
  const result: Stretch[] = [];
  for (const one of stretches) {
    const last = result.at(-1);
    const isSame = last !== undefined && last.to === one.from && last.old === one.old && last.new === one.new;
    if (isSame) result[result.length - 1] = { ...last, to: one.to };
    else result.push(one);
  }
  return result;
}

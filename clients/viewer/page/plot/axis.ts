// A stretch of time laid along a line of pixels, and the round moments that are marked on it. Pure.

/** Milliseconds since 1970; `to` is not before `from`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365].map((n) => n * DAY),
];

/** Where a time stands between 0 and `width`; what is outside of the span stands at its edge. */
export function placeOn({ from, to }: Span, width: number): (time: number) => number {
  const length = to - from;
  return (time) => {
    if (length <= 0) return time < to ? 0 : width;
    const share = (time - from) / length;
    return Math.round(Math.min(1, Math.max(0, share)) * width * 100) / 100;
  };
}

/** Round moments within the span, at most `most` of them; fewer than two for a span shorter than a second. */
export function ticksOf({ from, to }: Span, most: number): number[] {
  const wanted = (to - from) / Math.max(1, most);
  const step = STEPS.find((one) => one >= wanted) ?? Math.ceil(wanted / (365 * DAY)) * 365 * DAY;
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to && ticks.length < most; at += step) ticks.push(at);
  return ticks;
}

/** Round numbers from 0 to at least `top`, for an axis that goes upwards: at most `most` and never a fraction. */
export function levelsOf(top: number, most: number): number[] {
  const wanted = Math.max(1, top / Math.max(1, most - 1));
  const size = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10].map((n) => n * size).find((one) => one >= wanted) ?? wanted;
  const levels: number[] = [];
  for (let at = 0; at <= top; at += step) levels.push(at);
  return levels;
}

const GROWTH = [10, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1_200, 1_800, 2_700, 3_600, 5_400, 7_200];

/** A span for what still goes on: it reaches beyond now and grows in leaps, so that the picture rests in between. */
export function growingSpan(from: number, now: number): Span {
  const length = Math.max(0, now - from) * 1.05;
  const seconds = GROWTH.find((one) => one * SECOND >= length);
  return { from, to: from + (seconds === undefined ? Math.ceil(length / HOUR) * HOUR : seconds * SECOND) };
}

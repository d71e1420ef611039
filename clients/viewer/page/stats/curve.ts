// A curve through samples: a line from one to the next, broken off where none were taken. Pure.

import { placeOn, type Span } from "../plot/axis.js";

export interface Point {
  readonly time: number;
  /** Null: it could not be had. */
  readonly value: number | null;
}

export interface Curve {
  readonly path: string;
  /** At the upper edge. */
  readonly top: number;
  readonly last: number | null;
  readonly highest: number | null;
}

/** Samples that are farther apart are not joined. */
const JOINED_WITHIN = 10_000;

/** @param limit stands within the picture where it is not far above what is used. */
export function curveOf(
  points: readonly Point[],
  span: Span,
  box: { width: number; height: number },
  limit: number | null,
): Curve {
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
  const highest = values.length === 0 ? null : Math.max(...values);
  const top = topOf(highest ?? 0, limit);
  const x = placeOn(span, box.width);
  let path = "";
  let before: number | undefined;
  for (const { time, value } of points) {
    if (value === null) {
      before = undefined;
      continue;
    }
    const isJoined = before !== undefined && time - before <= JOINED_WITHIN;
    const y = Math.round((box.height - (value / top) * box.height) * 10) / 10;
    path += `${isJoined ? "L" : "M"}${x(time)} ${y}${isJoined ? "" : "h0.01"}`;
    before = time;
  }
  return { path, top, last: points.at(-1)?.value ?? null, highest };
}

function topOf(highest: number, limit: number | null): number {
  const room = highest * 1.15;
  if (limit !== null && limit > 0 && limit <= Math.max(room * 4, 1e-9)) return Math.max(limit * 1.05, room);
  return room > 0 ? room : 1;
}

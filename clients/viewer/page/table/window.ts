// Which rows of a long list are in sight. Pure.

export interface Stretch {
  /** First row that is drawn, and the one behind the last. */
  readonly from: number;
  readonly to: number;
}

/** So few are all drawn. */
const FEW = 120;
/** Drawn beyond what is seen, at each side. */
const SPARE = 12;
/** The first row moves in steps of these, so that not every pixel draws anew. */
const STEP = 4;

export function rowsInSight(count: number, top: number, height: number, rowHeight: number): Stretch {
  if (count <= FEW || rowHeight <= 0) return { from: 0, to: count };
  const first = Math.floor(top / rowHeight / STEP) * STEP - SPARE;
  const from = Math.max(0, Math.min(first, count - 1));
  const seen = Math.ceil(height / rowHeight) + STEP + 2 * SPARE;
  return { from, to: Math.min(count, from + seen) };
}

/** The row that Tab goes to: the one that has the focus or had it last; one in sight when that is not drawn. */
export function tabStopOf(at: number, { from, to }: Stretch): number {
  return at >= from && at < to ? at : Math.max(from, Math.min(to - 1, from + SPARE + STEP));
}

/** Where to scroll so that row `at` is in sight, under a header of one row; undefined when it is already. */
export function scrollFor(at: number, top: number, height: number, rowHeight: number): number | undefined {
  const place = at * rowHeight;
  if (place < top) return place;
  const bottom = place + 2 * rowHeight;
  return bottom > top + height ? bottom - height : undefined;
}

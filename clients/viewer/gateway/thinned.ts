// Fewer points of a line of how many were ready, so that it never shows more than there were. Pure.

/** Valid until the next one. */
export interface Point {
  readonly time: number;
  /** By config revision. */
  readonly ready: readonly (readonly [rev: number, count: number])[];
}

export function totalOf({ ready }: Point): number {
  return ready.reduce((sum, [, count]) => sum + count, 0);
}

/** The older half with every two made one, of which the lower one stays for the time of both. */
export function thinned(points: readonly Point[]): Point[] {
  const half = Math.floor(points.length / 4) * 2;
  const older: Point[] = [];
  for (let i = 0; i < half; i += 2) {
    const [first, second] = [points[i], points[i + 1]];
    if (first === undefined || second === undefined) continue;
    const lower = totalOf(second) < totalOf(first) ? second : first;
    older.push({ time: first.time, ready: lower.ready });
  }
  return [...older, ...points.slice(half)];
}

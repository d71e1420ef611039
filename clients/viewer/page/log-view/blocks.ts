// Which part of a long list of lines is drawn: lines stand in blocks, blocks out of sight are only as high as they were,
// or as high as they are thought to be. Pure.

export const BLOCK = 40;

export interface Heights {
  /** Of a block that was never seen, for each of its lines. */
  readonly line: number;
  readonly measured: ReadonlyMap<number, number>;
}

export interface Window {
  /** Blocks that are drawn, from the first to before the last. */
  readonly first: number;
  readonly end: number;
  /** Pixels of those before and after. */
  readonly above: number;
  readonly below: number;
}

export function blockCount(lines: number): number {
  return Math.ceil(lines / BLOCK);
}

export function heightOf(block: number, lines: number, { line, measured }: Heights): number {
  return measured.get(block) ?? Math.min(BLOCK, lines - block * BLOCK) * line;
}

/** @param sight pixels from the top that are seen, with what is drawn beyond them */
export function windowOf(
  lines: number,
  heights: Heights,
  sight: { readonly from: number; readonly to: number },
): Window {
  const count = blockCount(lines);
  let [first, end, top] = [-1, count, 0];
  let [above, below] = [0, 0];
  for (let block = 0; block < count; block += 1) {
    const height = heightOf(block, lines, heights);
    const isAbove = top + height <= sight.from && block < count - 1;
    const isBelow = top >= sight.to && first >= 0;
    if (isAbove) above += height;
    else if (isBelow) below += height;
    if (!isAbove && first < 0) first = block;
    if (isBelow) end = Math.min(end, block);
    top += height;
  }
  return { first: Math.max(0, first), end, above, below };
}

/** Pixels above the block of a line. */
export function topOf(index: number, lines: number, heights: Heights): number {
  let top = 0;
  for (let block = 0; block < Math.floor(index / BLOCK); block += 1) top += heightOf(block, lines, heights);
  return top;
}

// The last lines of a log, from an engine that counts pieces of lines.

import type { LogLine } from "../model/logs.js";
import type { LogFrame } from "./log-frames.js";
import { endsLine, WholeLines } from "./whole-lines.js";

/** So many pieces more than lines are asked for: as many as the longest line has. */
const MARGIN = 64;
/** Where that was not enough. */
const MORE = 4;

/**
 * @param read the last so many pieces of the log, or all there are. @param finished without a line that has no end yet.
 * @returns so many lines, fewer where there are not more.
 */
export async function lastLines(
  read: (pieces: number) => Promise<readonly LogFrame[]>,
  count: number,
  finished = false,
): Promise<readonly LogLine[]> {
  for (let pieces = count + MARGIN; ; pieces *= MORE) {
    const frames = await read(pieces);
    const isAll = frames.length < pieces;
    const lines = linesOf(isAll ? frames : withoutCut(frames), finished);
    if (isAll || lines.length >= count) return lines.slice(-count);
  }
}

function linesOf(frames: readonly LogFrame[], finished: boolean): readonly LogLine[] {
  const lines = new WholeLines(undefined);
  return [...lines.take(frames), ...(finished ? [] : lines.rest())];
}

/** Where these begin a line may have begun before, on each stream: nothing in a piece tells. */
function withoutCut(frames: readonly LogFrame[]): readonly LogFrame[] {
  const cut = new Map<LogFrame["stream"], boolean>();
  return frames.filter((frame, at) => {
    const isCut = cut.get(frame.stream) ?? at < MARGIN;
    cut.set(frame.stream, isCut && !endsLine(frame));
    return !isCut;
  });
}

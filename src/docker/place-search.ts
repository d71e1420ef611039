// What stands behind a known place of a log, found while its pieces come.

import type { LogLine, LogPosition } from "../model/logs.js";
import type { LogFrame } from "./log-frames.js";
import { WholeLines } from "./whole-lines.js";

export class PlaceSearch {
  isFound: boolean;
  /** What came while the place was not found. */
  readonly held: LogLine[] = [];
  readonly #lines = new WholeLines(undefined);
  #pieces = 0;
  #left: number;

  /**
   * @param place undefined: all lines are behind it.
   * @param most pieces in which it has to be, so that lines before it are held no longer; 0: they are not held.
   */
  constructor(
    private readonly place: LogPosition | undefined,
    private readonly most: number,
  ) {
    this.isFound = place === undefined;
    this.#left = place?.lines ?? 0;
  }

  /** So many were read, and the place was not among them. */
  get isMissed(): boolean {
    return !this.isFound && this.#pieces >= this.most;
  }

  /** Something was read, and the place was not found in it yet. */
  get isHolding(): boolean {
    return !this.isFound && this.#pieces > 0;
  }

  /** The place will not come: all lines are behind it. */
  giveUp(): readonly LogLine[] {
    this.isFound = true;
    return this.held.splice(0);
  }

  /** The lines behind the place that end in these. */
  take(frames: readonly LogFrame[]): readonly LogLine[] {
    this.#pieces += frames.length;
    return this.#behind(this.#lines.take(frames));
  }

  /** What has no end yet, where it is behind the place. */
  rest(): readonly LogLine[] {
    return this.#behind(this.#lines.rest());
  }

  #behind(lines: readonly LogLine[]): readonly LogLine[] {
    if (this.isFound) return lines;
    const at = lines.findIndex((line) => line.at === this.place?.at && --this.#left === 0);
    this.isFound = at >= 0;
    if (this.isFound) return lines.slice(at + 1);
    if (this.most > 0) this.held.push(...lines);
    return [];
  }
}

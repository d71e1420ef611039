// The lines of a log behind a known place, from an engine that only finds its way by time or counts pieces from the end:
// so much of the end is read that the place is in it.

import { type Milliseconds, SECOND } from "../model/instant.js";
import { positionAfter } from "../model/log-line.js";
import type { LogLine, LogPosition } from "../model/logs.js";
import type { Clock } from "../model/ports.js";
import type { LogFrame } from "./log-frames.js";
import { PlaceSearch } from "./place-search.js";

/** Pieces from the end that are read first: more than the longest line has. */
const FEW = 256;
/** Where that was not enough. */
const MORE = 8;
/** More are not held for one container, and many may be looked through at once: then the whole log is read through. */
const MANY = 2048;
/** What the engine has it sends at once; after so long it is looked whether the place is still to come. */
const MOMENT: Milliseconds = SECOND;

type Lines = readonly LogLine[];

export type PieceReading = {
  /** Only the last so many pieces of what is there; undefined: all. */
  readonly pieces: number | undefined;
  readonly follow: boolean;
};

type Read = (what: PieceReading) => AsyncIterable<readonly LogFrame[]>;

type Wanted = { readonly follow: boolean; readonly finished?: boolean | undefined; readonly clock: Clock };

/**
 * Everything behind that place, and when followed, what comes; all there is where the place is not in the log any more.
 * @param finished without a line that has no end now, of a log that is not followed.
 */
export async function* linesAfter(
  read: Read,
  place: LogPosition,
  { follow, finished = false, clock }: Wanted,
): AsyncGenerator<Lines> {
  const log = new LogBehind(read, clock, place);
  if (follow) yield* log.followed();
  else yield* log.untilNow(finished);
}

class LogBehind {
  constructor(
    private readonly read: Read,
    private readonly clock: Clock,
    /** Undefined: before the first line that there is. */
    private place: LogPosition | undefined,
  ) {}

  /** To the end of the container. */
  async *followed(): AsyncGenerator<Lines> {
    for (let pieces = FEW; ; pieces = Math.min(pieces * MORE, MANY)) {
      yield* this.#moving(this.untilNow(true));
      const search = new PlaceSearch(this.place, pieces);
      yield* this.#moving(this.#coming(search, pieces));
      if (search.isFound) return yield search.rest();
      // So much was written in between that the place is not in what was read, or it is gone: it is looked for once more.
      if (!search.isMissed) return yield* this.untilNow(false);
    }
  }

  async *#coming(search: PlaceSearch, pieces: number): AsyncGenerator<Lines> {
    const what = { pieces: this.place === undefined ? undefined : pieces, follow: true };
    const read = this.read(what)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = read.next();
        if (search.isHolding && !(await this.#isToCome(next, pieces))) yield search.giveUp();
        const { value, done } = await next;
        if (done) return;
        const lines = search.take(value);
        if (search.isMissed) return;
        yield lines;
      }
    } finally {
      await read.return?.();
    }
  }

  /** False: the log was emptied after it was read until now, and what has come of it is all there is behind the place. */
  async #isToCome(next: Promise<unknown>, pieces: number): Promise<boolean> {
    do {
      const over = new AbortController();
      const quiet = this.clock.sleep(MOMENT, over.signal).then(
        () => true,
        () => false,
      );
      const isQuiet = await Promise.race([next.then(() => false), quiet]).finally(() => over.abort());
      if (!isQuiet) return true;
      // Who cannot be asked now is asked again: the reading that goes on fails by itself.
    } while (!(await this.#isGone(pieces).catch(() => false)));
    return false;
  }

  async #isGone(pieces: number): Promise<boolean> {
    const search = new PlaceSearch(this.place, 0);
    let count = 0;
    for await (const frames of this.read({ pieces, follow: false })) {
      search.take(frames);
      count += frames.length;
    }
    return !search.isFound && count < pieces;
  }

  /** The place is behind what was given out. */
  async *#moving(all: AsyncIterable<Lines>): AsyncGenerator<Lines> {
    for await (const lines of all) {
      this.place = positionAfter(this.place, lines);
      if (lines.length > 0) yield lines;
    }
  }

  /** As far as the log goes now. @param finished without a line that goes on. */
  async *untilNow(finished: boolean): AsyncGenerator<Lines> {
    for (let pieces = FEW; this.place !== undefined && pieces <= MANY; pieces *= MORE) {
      const frames: LogFrame[] = [];
      for await (const some of this.read({ pieces, follow: false })) frames.push(...some);
      const search = new PlaceSearch(this.place, Number.POSITIVE_INFINITY);
      const lines = [...search.take(frames), ...(finished ? [] : search.rest())];
      if (search.isFound) return yield lines;
      if (frames.length < pieces) {
        this.place = undefined;
        return yield search.held;
      }
    }
    if (yield* this.#through(this.place, finished)) return;
    this.place = undefined;
    yield* this.#through(undefined, finished);
  }

  /** @returns whether the place was found. */
  async *#through(place: LogPosition | undefined, finished: boolean): AsyncGenerator<Lines, boolean> {
    const search = new PlaceSearch(place, 0);
    for await (const frames of this.read({ pieces: undefined, follow: false })) {
      const lines = search.take(frames);
      if (lines.length > 0) yield lines;
    }
    if (!finished) yield search.rest();
    return search.isFound;
  }
}

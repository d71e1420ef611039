// Lines that come from several running containers, held for a moment so that they can be given out in the order of their
// times. Those of one container stay in the order in which they came.

import type { Milliseconds } from "../model/instant.js";
import type { LogLine, LogSource, Nanoseconds, SourceLine } from "../model/logs.js";
import { WaitingLog } from "./waiting-log.js";

/** How long a line waits for an earlier one to come, and all of them for a log that has just been heard. */
const WINDOW: Milliseconds = 250;
/** How long they wait at most for logs that are heard all the time, with earlier lines only: their clocks are behind. */
const LONGEST: Milliseconds = 1000;

/** Shared by all logs; what is more is left with the engines. */
const MOST_LINES = 20_000;
const MOST_TEXT = 8 * 1024 * 1024;
/** Each log may have this much all the same. */
const LEAST_LINES = 500;
const LEAST_TEXT = 64 * 1024;

export class Reorder {
  readonly #logs = new Map<string, WaitingLog>();
  /** Until when lines that are due wait for a log that may have earlier ones, and since when. */
  #held: { readonly since: Milliseconds; readonly until: Milliseconds } | undefined;

  /** This log is read: more may come at once. @param now monotonic, as everywhere here. */
  expect(source: LogSource, now: Milliseconds): void {
    this.#of(source, now).heard = now;
  }

  add(source: LogSource, lines: readonly LogLine[], now: Milliseconds): void {
    if (lines.length > 0) this.#of(source, now).add(lines, now);
  }

  /** Whether who reads this log has to wait for room. */
  isFull({ id }: LogSource): boolean {
    const log = this.#logs.get(id);
    if (log !== undefined) log.isFull = this.#isTooMuch(log);
    return log?.isFull === true;
  }

  /** The logs that had to wait and have room again. */
  roomy(now: Milliseconds): readonly LogSource[] {
    const roomy = [...this.#logs.values()].filter((log) => log.isFull && !this.#isTooMuch(log));
    for (const log of roomy) log.makeRoom(now);
    return roomy.map(({ source }) => source);
  }

  /** Whether a line of this container waits. */
  holds({ id }: LogSource): boolean {
    return this.#logs.get(id)?.next !== undefined;
  }

  forget({ id }: LogSource): void {
    this.#logs.delete(id);
  }

  /** Whatever comes next may let lines go. */
  get isHeldUp(): boolean {
    return this.#held !== undefined;
  }

  /** When there is something to give out, should nothing more come; undefined: nothing is held. */
  dueAt(): Milliseconds | undefined {
    if (this.#held !== undefined) return this.#held.until;
    let first: Milliseconds | undefined;
    for (const { arrived, isFull } of this.#logs.values()) {
      const at = isFull ? -WINDOW : arrived;
      if (at !== undefined && (first === undefined || at < first)) first = at;
    }
    return first === undefined ? undefined : first + WINDOW;
  }

  /** What has waited long enough, with everything earlier. */
  due(now: Milliseconds): readonly SourceLine[] {
    const due: SourceLine[] = [];
    const logs = [...this.#logs.values()];
    const latest = latestOf(logs, now - WINDOW);
    for (let first = earliest(logs); latest !== undefined; first = earliest(logs)) {
      const at = first?.next?.at;
      if (first === undefined || at === undefined || at > latest) break;
      if (this.#mustWait(logs, now)) return due;
      first.takeInto(due, boundOf(logs, first, latest));
    }
    this.#held = undefined;
    return due;
  }

  /** For a log of which nothing is held, and that may have more any moment. */
  #mustWait(logs: readonly WaitingLog[], now: Milliseconds): boolean {
    const heard = logs.filter((log) => log.next === undefined && (log.isFull || log.heard > now - WINDOW));
    const stalled = heard.find(({ isFull, hasRoomAgain }) => isFull || hasRoomAgain);
    // Who has to wait for room is behind by our doing, so that does not count.
    const since = stalled === undefined ? (this.#held?.since ?? now) : now;
    const awaited = stalled ?? (now < since + LONGEST ? heard[0] : undefined);
    if (awaited === undefined) return false;
    const until = (awaited.isFull ? now : awaited.heard) + WINDOW;
    this.#held = { since, until: stalled === undefined ? Math.min(until, since + LONGEST) : until };
    return true;
  }

  #isTooMuch({ size, text }: WaitingLog): boolean {
    const share = (all: number, least: number) => Math.max(least, all / this.#logs.size);
    return size >= share(MOST_LINES, LEAST_LINES) || text >= share(MOST_TEXT, LEAST_TEXT);
  }

  #of(source: LogSource, now: Milliseconds): WaitingLog {
    const log = this.#logs.get(source.id) ?? new WaitingLog(source, now);
    this.#logs.set(source.id, log);
    return log;
  }
}

/** The newest time of what has come until then. */
function latestOf(logs: readonly WaitingLog[], until: Milliseconds): Nanoseconds | undefined {
  let latest: Nanoseconds | undefined;
  for (const log of logs) {
    const newest = log.newestOf(until);
    if (newest !== undefined && (latest === undefined || newest > latest)) latest = newest;
  }
  return latest;
}

function earliest(logs: readonly WaitingLog[]): WaitingLog | undefined {
  let first: WaitingLog | undefined;
  for (const log of logs) if (isBefore(log.next, first?.next)) first = log;
  return first;
}

/** Up to which time the lines of the first one come before those of all others. */
function boundOf(logs: readonly WaitingLog[], first: WaitingLog, latest: Nanoseconds): Nanoseconds {
  let bound = latest;
  for (const log of logs) if (log !== first && log.next !== undefined && log.next.at < bound) bound = log.next.at;
  return bound;
}

function isBefore(one: LogLine | undefined, other: LogLine | undefined): boolean {
  return one !== undefined && (other === undefined || one.at < other.at);
}

// The logs of containers that run, as they are written: one reading for each container, those that are made later too.

import { TheseusError } from "../model/errors.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { GroupLogsQuery, LogPart, LogSource } from "../model/logs.js";
import type { Clock } from "../model/ports.js";
import { Reorder } from "./reorder.js";
import { ResumePoint } from "./resume.js";
import type { LogSources } from "./sources.js";

/** So many lines wait at most for who reads them slowly; then the engines wait. */
const MOST_HELD = 10_000;
/** Between two readings of one container, and two lists of all. */
const PAUSE: Milliseconds = 250;
const AFTER_FAILURE: Milliseconds = SECOND;

type Followed = {
  source: LogSource;
  readonly point: ResumePoint;
  /** Its reading goes on. */
  reading: boolean;
  /** No more on its engine. */
  gone: boolean;
  /** Told as missing, and not heard since. */
  missing: boolean;
};

export type Following = {
  readonly sources: LogSources;
  readonly query: GroupLogsQuery;
  readonly clock: Clock;
  readonly signal: AbortSignal;
};

/** Never ends by itself. `points`: where the logs of the containers stood that are known already. */
export class LiveLogs {
  readonly #reorder = new Reorder();
  readonly #followed = new Map<string, Followed>();
  readonly #notes: LogPart[] = [];
  #wake: () => void = () => undefined;
  #relist: () => void = () => undefined;

  constructor(private readonly following: Following) {}

  async *parts(points: ReadonlyMap<string, ResumePoint>): AsyncGenerator<LogPart> {
    const { clock, signal } = this.following;
    const over = new AbortController();
    const both = AbortSignal.any([signal, over.signal]);
    const work = this.#keepListing(points, both);
    work.catch(() => this.#wake());
    const end = aborted(both);
    try {
      while (!signal.aborted) {
        const woken = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        yield* this.#notes.splice(0);
        const lines = this.#reorder.due(clock.monotonic());
        if (lines.length > 0) yield { kind: "lines", lines };
        await this.#rest(Promise.race([woken, end]), both);
      }
    } finally {
      over.abort();
      await work.catch(() => undefined);
    }
  }

  /** Until something is new or the next line is due. */
  async #rest(woken: Promise<void>, signal: AbortSignal): Promise<void> {
    const due = this.#reorder.dueAt();
    const { clock } = this.following;
    if (due === undefined) return await woken;
    await clock.sleep(Math.max(0, due - clock.monotonic()), signal).catch(() => undefined);
  }

  async #keepListing(points: ReadonlyMap<string, ResumePoint>, signal: AbortSignal): Promise<void> {
    const { sources, query, clock } = this.following;
    for (let known = points; !signal.aborted; known = new Map()) {
      const again = new Promise<void>((resolve) => {
        this.#relist = resolve;
      });
      try {
        this.#take(await sources.list(query), known, signal);
      } catch (error) {
        if (!(error instanceof TheseusError)) throw error;
      }
      await Promise.race([sources.changed(query, signal), again]).catch(() => undefined);
      await clock.sleep(PAUSE, signal).catch(() => undefined);
    }
  }

  #take(listed: readonly LogSource[], known: ReadonlyMap<string, ResumePoint>, signal: AbortSignal): void {
    const there = new Set(listed.map(({ id }) => id));
    for (const [id, followed] of this.#followed) {
      followed.gone = !there.has(id);
      if (!followed.reading) this.#forgetGone(followed);
    }
    for (const source of listed) {
      const before = this.#followed.get(source.id);
      const point = before?.point ?? known.get(source.id) ?? new ResumePoint(this.following.query.since);
      const followed = before ?? { source, point, reading: false, gone: false, missing: false };
      if (before === undefined) this.#followed.set(source.id, followed);
      if (before === undefined && !known.has(source.id)) this.#note({ kind: "joined", source });
      followed.source = source;
      const hasMore = before === undefined || source.status === "running" || followed.missing;
      if (!followed.reading && hasMore) void this.#read(followed, signal);
    }
  }

  /** Never rejects. */
  async #read(followed: Followed, signal: AbortSignal): Promise<void> {
    const { sources, clock, query } = this.following;
    const { source, point } = followed;
    followed.reading = true;
    try {
      const { since } = point;
      const fresh = point.fresh();
      const asked = { follow: true, ...(since === undefined ? {} : { since }) };
      for await (const lines of sources.lines(source, asked, signal)) {
        followed.missing = false;
        const wanted = fresh(lines).filter(({ at }) => query.until === undefined || at < query.until);
        this.#reorder.add(
          wanted.map((line) => ({ source, line })),
          clock.monotonic(),
        );
        this.#wake();
        while (this.#reorder.size > MOST_HELD) await clock.sleep(PAUSE, signal);
      }
      followed.missing = false;
    } catch (error) {
      if (!signal.aborted) this.#failed(followed, error);
      await clock.sleep(AFTER_FAILURE, signal).catch(() => undefined);
    } finally {
      followed.reading = false;
      if (followed.gone) this.#forgetGone(followed);
      this.#relist();
    }
  }

  #failed(followed: Followed, error: unknown): void {
    if (followed.missing) return;
    followed.missing = true;
    const why = error instanceof TheseusError ? (error.facts.why?.[0] ?? error.facts.what) : String(error);
    this.#note({ kind: "missing", source: followed.source, why });
  }

  #forgetGone({ gone, source }: Followed): void {
    if (!gone || !this.#followed.delete(source.id)) return;
    this.#note({ kind: "ended", source });
  }

  #note(part: LogPart): void {
    this.#notes.push(part);
    this.#wake();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

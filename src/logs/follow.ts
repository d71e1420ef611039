// The logs of containers that run, as they are written: one reading for each container, those that are made later too.

import { setMaxListeners } from "node:events";
import { TheseusError } from "../model/errors.js";
import type { Milliseconds } from "../model/instant.js";
import type { LogPart, LogSource } from "../model/logs.js";
import { FollowedLog, type Following } from "./followed-log.js";
import { Pending } from "./pending.js";
import { beginningOf, type ResumePoint } from "./resume.js";

/** From one list of all to the next, at least. */
const PAUSE: Milliseconds = 250;
const LISTED_ANEW = new Error("it is looked at again");

/** Where the logs of the containers stood that are known already, by their ids. */
type Points = ReadonlyMap<string, ResumePoint>;

export class LiveLogs {
  readonly #pending: Pending;
  readonly #followed = new Map<string, FollowedLog>();
  #relist: () => void = () => undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(private readonly following: Following) {
    this.#pending = new Pending(following.clock);
  }

  /** Never ends by itself. Fails when the containers cannot be listed for a reason that is nobody's outage. */
  async *parts(points: Points): AsyncGenerator<LogPart> {
    const { signal } = this.following;
    const over = new AbortController();
    const both = AbortSignal.any([signal, over.signal]);
    // Each container may wait for it.
    setMaxListeners(Number.POSITIVE_INFINITY, both);
    both.addEventListener("abort", () => this.#pending.wake(), { once: true });
    const work = this.#keepListing(points, both).catch((error: unknown) => {
      this.#failure = { error };
      this.#pending.wake();
    });
    try {
      while (!signal.aborted) {
        yield* this.#pending.due();
        if (this.#failure !== undefined) throw this.#failure.error;
        await this.#pending.rest();
      }
    } finally {
      over.abort();
      await work;
    }
  }

  async #keepListing(points: Points, signal: AbortSignal): Promise<void> {
    const { sources, query, clock } = this.following;
    while (!signal.aborted) {
      const again = new Promise<void>((resolve) => {
        this.#relist = resolve;
      });
      const over = new AbortController();
      // Not AbortSignal.any: the signal would remember each list for as long as anybody reads.
      const callOff = (): void => over.abort(signal.reason);
      signal.addEventListener("abort", callOff, { once: true });
      const listedAt = clock.monotonic();
      // From before the list on: what comes while that is made is not in it.
      const changed = sources.changed(query, over.signal).catch(() => undefined);
      try {
        this.#take(await sources.list(query), points, signal);
      } catch (error) {
        if (!(error instanceof TheseusError)) throw error;
      }
      await Promise.race([changed, again]);
      signal.removeEventListener("abort", callOff);
      over.abort(LISTED_ANEW);
      await clock.sleep(Math.max(0, listedAt + PAUSE - clock.monotonic()), signal).catch(() => undefined);
    }
  }

  #take(listed: readonly LogSource[], points: Points, signal: AbortSignal): void {
    const there = new Set(listed.map(({ id }) => id));
    for (const log of this.#followed.values()) {
      log.isGone = !there.has(log.source.id);
      this.#forgetGone(log);
    }
    for (const source of listed) {
      const log = this.#followed.get(source.id) ?? this.#join(source, points.get(source.id));
      log.source = source;
      if (log.hasMore()) void this.#read(log, signal);
    }
  }

  #join(source: LogSource, known: ResumePoint | undefined): FollowedLog {
    const point = known ?? beginningOf(this.following.query, source);
    const log = new FollowedLog(source, point, this.following, this.#pending);
    this.#followed.set(source.id, log);
    this.#pending.expect(source);
    if (known === undefined) this.#pending.note({ kind: "joined", source });
    return log;
  }

  /** Never rejects. */
  async #read(log: FollowedLog, signal: AbortSignal): Promise<void> {
    await log.read(signal);
    this.#forgetGone(log);
    this.#relist();
  }

  #forgetGone(log: FollowedLog): void {
    if (log.isGone && !log.isReading && this.#followed.delete(log.source.id)) this.#pending.ended(log.source);
  }
}

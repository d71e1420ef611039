// One container whose log is followed: read again whenever there may be more of it than was read.

import { TheseusError } from "../model/errors.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { GroupLogsQuery, LogSource, Nanoseconds } from "../model/logs.js";
import type { Clock } from "../model/ports.js";
import type { Pending } from "./pending.js";
import { placeOf, type ResumePoint } from "./resume.js";
import type { LogSources } from "./sources.js";

const AFTER_FAILURE: Milliseconds = SECOND;

export type Following = {
  readonly sources: LogSources;
  readonly query: GroupLogsQuery;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Lines of before that are not wanted, whenever they are written: it was ahead when all this was asked for. */
  readonly notBefore: Nanoseconds | undefined;
};

export class FollowedLog {
  /** No more on its engine. */
  isGone = false;
  #isReading = false;
  /** Told as missing, and not heard since. */
  #isMissing = false;
  /** As it was when its last reading began; undefined: never read. */
  #read: LogSource | undefined;

  constructor(
    public source: LogSource,
    private readonly point: ResumePoint,
    private readonly following: Following,
    private readonly pending: Pending,
  ) {}

  get isReading(): boolean {
    return this.#isReading;
  }

  /** Of one that has started since, too: it may have written and ended before anybody looked. */
  hasMore(): boolean {
    if (this.#isReading) return false;
    const { status, startedAt } = this.source;
    return this.#read === undefined || status === "running" || this.#isMissing || startedAt !== this.#read.startedAt;
  }

  /** To the end of the container, or of what it has written. Never rejects. */
  async read(signal: AbortSignal): Promise<void> {
    this.#isReading = true;
    this.#read = this.source;
    try {
      await this.#pass(this.source, signal);
      this.#isMissing = false;
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
      await this.following.clock.sleep(AFTER_FAILURE, signal).catch(() => undefined);
    } finally {
      this.#isReading = false;
    }
  }

  async #pass(source: LogSource, signal: AbortSignal): Promise<void> {
    const { sources, query } = this.following;
    // Who goes on behind a place wants everything there.
    const notBefore = placeOf(query, source) === undefined ? this.following.notBefore : undefined;
    for await (const lines of sources.lines(source, { follow: true, ...this.point.asked }, signal)) {
      this.#isMissing = false;
      this.point.note(lines);
      const wanted = notBefore === undefined ? lines : lines.filter(({ at }) => at >= notBefore);
      if (wanted.length > 0) await this.pending.add(source, wanted, signal);
    }
  }

  #failed(error: unknown): void {
    if (this.#isMissing) return;
    this.#isMissing = true;
    const why = error instanceof TheseusError ? (error.facts.why?.[0] ?? error.facts.what) : String(error);
    this.pending.note({ kind: "missing", source: this.source, why });
  }
}

// Watchers that came back to this server from another one: what they acknowledge here is told there too, until that
// server itself has answered. The watchers do not wait for it.

import type { WatchBook } from "../model/discovery.js";
import type { Cursor } from "../model/history.js";
import { MINUTE, type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock } from "../model/ports.js";
import { writeCursor } from "./cursor.js";
import type { OtherServers } from "./other-servers.js";
import { FailedCall } from "./status.js";

/** Between two attempts: at first, and at most. */
const FIRST_REST: Milliseconds = SECOND / 4;
const LONGEST_REST: Milliseconds = MINUTE;
/** Nobody waits there for a watcher that was lost so long ago. */
const LONGEST: Milliseconds = 10 * MINUTE;

/** What a watch has acknowledged here, and the watch before it, which is of another server. */
type Word = { readonly watchId: string; readonly before: string; readonly cursor: Cursor };
/** The newest word about a watch; `isNewer` aborts when another one has taken its place. */
type Saying = { word: Word; isNewer: AbortController };

export class Returned {
  /** By the watch before. */
  readonly #sayings = new Map<string, Saying>();

  constructor(
    private readonly deps: {
      readonly book: Pick<WatchBook, "settled">;
      readonly others: Pick<OtherServers, "acknowledge">;
      readonly clock: Pick<Clock, "monotonic" | "sleep">;
    },
    /** Ends all attempts. */
    private readonly stopping: AbortSignal,
  ) {}

  /** Returns at once, and never fails. */
  tell(word: Word): void {
    const saying = this.#sayings.get(word.before);
    if (saying === undefined) {
      const begun = { word, isNewer: new AbortController() };
      this.#sayings.set(word.before, begun);
      void this.#say(begun);
    } else if (!isOlder(word.cursor, saying.word.cursor)) {
      saying.word = word;
      saying.isNewer.abort();
    }
  }

  async #say(saying: Saying): Promise<void> {
    const { clock } = this.deps;
    const began = clock.monotonic();
    let rest = FIRST_REST;
    while (!this.stopping.aborted) {
      saying.isNewer = new AbortController();
      const { signal } = saying.isNewer;
      const isHeard = await this.#isHeard(saying.word);
      if (signal.aborted) continue;
      if (isHeard || clock.monotonic() - began >= LONGEST) break;
      await clock.sleep(rest, AbortSignal.any([signal, this.stopping])).catch(() => undefined);
      rest = Math.min(2 * rest, LONGEST_REST);
    }
    this.#sayings.delete(saying.word.before);
  }

  /** That server has counted it, or knows that nobody waits for it. */
  async #isHeard({ watchId, before, cursor }: Word): Promise<boolean> {
    try {
      await this.deps.others.acknowledge({ watchId: before, cursor: writeCursor(cursor) }, "came back");
      return true;
    } catch (error) {
      if (!(error instanceof FailedCall) || error.failure.reason !== "NO_SUCH_WATCH") return false;
      this.deps.book.settled(watchId);
      return true;
    }
  }
}

/** It has come late. */
const isOlder = (a: Cursor, b: Cursor): boolean => a.epoch === b.epoch && a.revision <= b.revision;

// Who watches at this server, what each was sent, and what it has acknowledged: what has to be known before a container
// that leaves may be stopped. In memory: what was known of a server that is gone is not known. Must not know etcd or gRPC.

import type { Leaving, Sent, Unanswered, WatchBook, Watcher } from "../model/discovery.js";
import type { Cursor } from "../model/history.js";
import { MINUTE, type Milliseconds } from "../model/instant.js";
import type { Clock } from "../model/ports.js";
import { EndedWatches } from "./ended-watches.js";
import { beforeGap, sentBefore } from "./sent-before.js";

/** A watcher that has not come back by then is not waited for by anybody. */
const KEPT: Milliseconds = 10 * MINUTE;
/** Records of broken watches; the oldest go first. */
const MOST_BROKEN = 10_000;
/** A watcher that has ended its watch itself is not waited for, unless it goes on from there so soon. */
const LEFT: Milliseconds = MINUTE;
const MOST_LEFT = 1_000;

type Page = {
  readonly watcher: Watcher;
  /** By this watch, and by those that it goes on from. */
  sent: readonly Sent[];
  acknowledged: bigint | undefined;
  /** When the connection was lost; undefined: it is there. */
  brokenAt: Milliseconds | undefined;
  /** It has ended the watch itself. */
  hasLeft: boolean;
  /** The watch before this one, when another server has it. */
  before: string;
};

/** INVARIANT: acknowledged revisions are of the stretch of history that the mirror is in. */
export class TimelineBook implements WatchBook {
  readonly #pages = new Map<string, Page>();
  /** By the watch that they go on from. */
  readonly #next = new Map<string, string>();
  readonly #broken = new EndedWatches(KEPT, MOST_BROKEN);
  readonly #left = new EndedWatches(LEFT, MOST_LEFT);
  readonly #listeners = new Set<() => void>();
  /** Epochs in which revisions count on without a break. */
  #epochs = new Set<string>();

  constructor(private readonly clock: Pick<Clock, "monotonic">) {}

  opened(watcher: Watcher, sent: Sent): void {
    this.#prune();
    const { watchId, lastWatchId } = watcher;
    // Whoever goes on from the same watch again has never heard of the one in between.
    const lastId = this.#pages.has(lastWatchId) ? lastWatchId : this.#next.get(lastWatchId);
    const last = lastId === undefined ? undefined : this.#pages.get(lastId);
    if (lastId !== undefined) this.#forget(lastId);
    this.#pages.set(watchId, {
      watcher,
      sent: sentBefore([sent, ...(last?.sent ?? [])]),
      acknowledged: last?.acknowledged,
      brokenAt: undefined,
      hasLeft: false,
      before: last === undefined ? lastWatchId : last.before,
    });
    if (lastWatchId !== "") this.#next.set(lastWatchId, watchId);
    this.#tell();
  }

  closed(watchId: string, how: "cleanly" | "broken"): void {
    const page = this.#pages.get(watchId);
    if (page === undefined) return;
    const now = this.clock.monotonic();
    if (!page.watcher.acknowledges) this.#forget(watchId);
    else if (how === "cleanly") {
      page.hasLeft = true;
      this.#left.add(watchId, now);
    } else {
      page.brokenAt = now;
      this.#broken.add(watchId, now);
    }
    this.#prune();
    this.#tell();
  }

  acknowledged(
    watchId: string,
    { epoch, revision: said }: Cursor,
    elsewhere = false,
  ): { readonly before: string; readonly counted: Cursor } | undefined {
    this.#prune();
    const page = this.#pages.get(watchId) ?? (elsewhere ? this.#pages.get(this.#next.get(watchId) ?? "") : undefined);
    if (page === undefined || page.hasLeft) return undefined;
    const [own] = page.sent;
    // Nobody has taken what it was not sent.
    const sent = elsewhere ? said : (own?.sent() ?? said);
    const revision = said < sent ? said : sent;
    if (this.#epochs.has(epoch) && revision > (page.acknowledged ?? -1n)) {
      page.acknowledged = revision;
      // What was left open by the watches before is answered with what this one began with.
      if (own !== undefined && revision >= own.start()) page.sent = [own];
      this.#tell();
    }
    return { before: page.before, counted: { epoch, revision } };
  }

  settled(watchId: string): void {
    const page = this.#pages.get(watchId);
    if (page !== undefined) page.before = "";
  }

  unanswered(leaving: Leaving): readonly Unanswered[] {
    const open = [...this.#pages.values()].filter((page) => this.#isWaitedFor(page, leaving));
    return open.map(({ watcher, brokenAt, acknowledged }) => ({
      ...watcher,
      connected: brokenAt === undefined,
      acknowledged,
    }));
  }

  /** The mirror is in this epoch now. Continued: it followed every change on its way there. */
  reached(epoch: string, continued: boolean): void {
    if (this.#epochs.has(epoch)) return;
    if (!continued) {
      this.#epochs = new Set();
      for (const page of this.#pages.values()) {
        page.acknowledged = undefined;
        page.sent = page.sent.map(beforeGap);
      }
    }
    this.#epochs.add(epoch);
    this.#tell();
  }

  onChange(listener: () => void): () => void {
    const own = (): void => listener();
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #isWaitedFor({ watcher, sent, acknowledged = -1n, brokenAt, hasLeft }: Page, leaving: Leaving): boolean {
    if (hasLeft) return false;
    if (brokenAt !== undefined && this.clock.monotonic() - brokenAt >= leaving.ackDeadline) return false;
    return sent.some((one) => {
      const told = one.told(leaving.container);
      if (told === undefined) return false;
      const answers = (revision: bigint): boolean => revision >= told || revision >= leaving.revision;
      return !answers(one.start()) && !answers(watcher.acknowledges ? acknowledged : one.delivered());
    });
  }

  #prune(): void {
    const now = this.clock.monotonic();
    for (const ended of [this.#broken, this.#left]) for (const watchId of ended.over(now)) this.#forget(watchId);
  }

  #forget(watchId: string): void {
    const { lastWatchId } = this.#pages.get(watchId)?.watcher ?? { lastWatchId: "" };
    if (this.#next.get(lastWatchId) === watchId) this.#next.delete(lastWatchId);
    this.#pages.delete(watchId);
    this.#broken.delete(watchId);
    this.#left.delete(watchId);
  }
}

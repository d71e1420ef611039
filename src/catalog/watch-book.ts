// Who watches at this server, what each was sent, and what it has acknowledged: what has to be known before a container
// that leaves may be stopped. In memory: what was known of a server that is gone is not known. Must not know etcd or gRPC.

import type { Leaving, Sent, Unanswered, WatchBook, Watcher } from "../model/discovery.js";
import type { Cursor } from "../model/history.js";
import { MINUTE, type Milliseconds } from "../model/instant.js";
import type { Clock } from "../model/ports.js";

/** A watcher that has not come back by then is not waited for by anybody. */
const KEPT: Milliseconds = 10 * MINUTE;
/** Records of broken watches; the oldest go first. */
const MOST_BROKEN = 10_000;
/** What one watcher was sent by watches that broke one after another without an answer in between. */
const MOST_INHERITED = 8;

type Page = {
  readonly watcher: Watcher;
  /** By this watch, and by those that it goes on from. */
  sent: readonly Sent[];
  acknowledged: bigint | undefined;
  /** When the connection was lost; undefined: it is there. */
  brokenAt: Milliseconds | undefined;
  /** The watch before this one, when another server has it. */
  before: string;
};

/** INVARIANT: acknowledged revisions are of the stretch of history that the mirror is in. */
export class TimelineBook implements WatchBook {
  readonly #pages = new Map<string, Page>();
  /** Broken ones, the oldest first. */
  readonly #broken = new Map<string, Page>();
  readonly #listeners = new Set<() => void>();
  /** Epochs in which revisions count on without a break. */
  #epochs = new Set<string>();

  constructor(private readonly clock: Pick<Clock, "monotonic">) {}

  opened(watcher: Watcher, sent: Sent): void {
    const { watchId, lastWatchId } = watcher;
    const last = this.#pages.get(lastWatchId);
    const inherited = last?.sent.slice(0, MOST_INHERITED - 1) ?? [];
    const before = last === undefined ? lastWatchId : last.before;
    this.#forget(lastWatchId);
    this.#pages.set(watchId, {
      watcher,
      sent: [sent, ...inherited],
      acknowledged: last?.acknowledged,
      brokenAt: undefined,
      before,
    });
    this.#tell();
  }

  closed(watchId: string, how: "cleanly" | "broken"): void {
    const page = this.#pages.get(watchId);
    if (page === undefined) return;
    if (how === "cleanly" || !page.watcher.acknowledges) this.#forget(watchId);
    else {
      page.brokenAt = this.clock.monotonic();
      this.#broken.set(watchId, page);
      this.#prune();
    }
    this.#tell();
  }

  acknowledged(
    watchId: string,
    { epoch, revision: said }: Cursor,
    elsewhere = false,
  ): { readonly before: string; readonly counted: Cursor } | undefined {
    this.#prune();
    const page = this.#pages.get(watchId);
    if (page === undefined) return undefined;
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

  #isWaitedFor({ watcher, sent, acknowledged = -1n, brokenAt }: Page, leaving: Leaving): boolean {
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
    for (const [id, { brokenAt = now }] of this.#broken) {
      if (now - brokenAt < KEPT && this.#broken.size <= MOST_BROKEN) return;
      this.#forget(id);
    }
  }

  #forget(watchId: string): void {
    this.#pages.delete(watchId);
    this.#broken.delete(watchId);
  }
}

/** What was sent in a stretch of history that is over: its revisions say nothing of the one that has begun. */
function beforeGap(sent: Sent): Sent {
  const delivered = sent.delivered();
  return {
    start: () => -1n,
    sent: () => sent.sent(),
    delivered: () => (sent.delivered() === delivered ? -1n : sent.delivered()),
    told: (container) => sent.told(container),
  };
}

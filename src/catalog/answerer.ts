// What this server says of containers that leave: for each drain that names it, that nobody here is waited for any more,
// or after a moment who is. One key a drain, written when what it says changes. Must not know keys or etcd.

import { containerId, type Unanswered } from "../model/discovery.js";
import type { AwaitedWatcher, DrainAnswer } from "../model/drain.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock, Logger } from "../model/ports.js";
import type { DrainStore } from "../model/store.js";
import type { RunningCatalog } from "./catalog.js";
import type { Shelved } from "./drain-shelf.js";
import { Slice } from "./slice.js";
import { byText } from "./sorted.js";

/** Who answers sooner is not named. */
const NAMED_AFTER: Milliseconds = SECOND;
const AT_MOST_EVERY: Milliseconds = SECOND;
/** Queues empty and deadlines pass without a word: they are looked at this often, and less once a drain is old. */
const LOOK_EVERY: Milliseconds = 100;
const LOOK_AT_OLD_EVERY: Milliseconds = SECOND;
const OLD: Milliseconds = 30 * SECOND;
/** After a look, for as many times the time that it took; at the least this long. */
const REST = 4;
const SHORTEST_REST: Milliseconds = 2;
const FIRST_PAUSE: Milliseconds = 100;
const LONGEST_PAUSE: Milliseconds = 2 * SECOND;
/** Names in one answer. */
const MOST_NAMED = 200;
const WRITES_AT_ONCE = 32;

export type AnswererDeps = {
  readonly catalog: Pick<RunningCatalog, "drains" | "cursor" | "onChange" | "book">;
  readonly store: DrainStore;
  readonly serverId: string;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Until the signal; never rejects. A store that is away is tried again. */
export function answerDrains(deps: AnswererDeps, signal: AbortSignal): Promise<void> {
  return new Answerer(deps, signal).run();
}

/** One drain that waits for this server. */
type Open = {
  readonly revision: bigint;
  readonly since: Milliseconds;
  /** What was written last by us, and when; the mirror may not show it yet. */
  told: { readonly text: string; readonly revision: bigint } | undefined;
  toldAt: Milliseconds;
  isWriting: boolean;
  failures: number;
  notBefore: Milliseconds;
};

class Answerer {
  readonly #deps: AnswererDeps;
  readonly #signal: AbortSignal;
  readonly #open = new Map<string, Open>();
  #known: readonly Shelved[] = [];
  #writes = 0;
  #rung = false;
  #ring: () => void = () => undefined;

  constructor(deps: AnswererDeps, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    const { catalog } = this.#deps;
    const endings = [
      catalog.onChange((touched) => this.#changed(touched === "all")),
      catalog.book.onChange(() => this.#open.size > 0 && this.#call()),
    ];
    this.#changed(true);
    try {
      while (!this.#signal.aborted) {
        this.#rung = false;
        await this.#look();
        await this.#wait();
      }
    } finally {
      for (const end of endings) end();
    }
  }

  #changed(everything: boolean): void {
    // Another stretch of history may not have what was written, and its revisions come again.
    if (everything) for (const open of this.#open.values()) open.told = undefined;
    if (this.#deps.catalog.drains() !== this.#known || everything) this.#call();
  }

  #call(): void {
    this.#rung = true;
    this.#ring();
  }

  async #look(): Promise<void> {
    const { catalog, clock } = this.#deps;
    const began = clock.monotonic();
    const slice = new Slice(clock);
    this.#known = catalog.drains();
    this.#forget(this.#known);
    for (const shelved of this.#known) {
      this.#answer(shelved);
      if (slice.isOver) await slice.next();
    }
    if (this.#open.size === 0) return;
    const took = clock.monotonic() - began;
    await clock.sleep(Math.max(SHORTEST_REST, REST * took), this.#signal).catch(() => undefined);
  }

  #forget(present: readonly Shelved[]): void {
    if (this.#open.size === 0) return;
    const there = new Set(present.map(({ container, drain }) => `${containerId(container)} ${drain.revision}`));
    for (const [id, { revision }] of this.#open) if (!there.has(`${id} ${revision}`)) this.#open.delete(id);
  }

  #answer(shelved: Shelved): void {
    const { container, drain } = shelved;
    const { book } = this.#deps.catalog;
    const cursor = this.#deps.catalog.cursor();
    if (cursor === undefined || !drain.record.servers.includes(this.#deps.serverId)) return;
    const id = containerId(container);
    const before = this.#before(shelved);
    if (before.text === FINAL) {
      this.#open.delete(id);
      return;
    }
    const now = this.#deps.clock.monotonic();
    const open = this.#open.get(id) ?? newOpen(drain.revision, now);
    this.#open.set(id, open);
    if (open.isWriting || now < open.notBefore || this.#writes >= WRITES_AT_ONCE) return;
    const { revision } = drain;
    const answer = answerOf(book.unanswered({ container, revision, ackDeadline: drain.record.ackDeadline }));
    const text = textOf(answer);
    if (text === before.text || (text !== FINAL && isTooSoon(open, now))) return;
    void this.#write({ container, revision, seen: cursor }, open, { answer, text, former: before.revision });
  }

  /** The answer that stands in the store, as far as is known. */
  #before({ container, drain, written }: Shelved): { readonly text: string; readonly revision: bigint } {
    const { serverId } = this.#deps;
    const told = this.#open.get(containerId(container))?.told;
    const revision = written.get(serverId) ?? 0n;
    if (told !== undefined && told.revision > revision) return told;
    const answer = drain.answers.get(serverId);
    return { text: answer === undefined ? "" : textOf(answer), revision };
  }

  async #write(
    drain: Parameters<DrainStore["answerDrain"]>[0],
    open: Open,
    { answer, text, former }: { readonly answer: DrainAnswer; readonly text: string; readonly former: bigint },
  ): Promise<void> {
    const { store, clock, log } = this.#deps;
    open.isWriting = true;
    open.toldAt = clock.monotonic();
    this.#writes += 1;
    try {
      const written = await store.answerDrain(drain, answer, former);
      // Not written: the mirror is about to tell why.
      if (written === undefined) delay(open, clock.monotonic());
      else Object.assign(open, { told: { text, revision: written.revision }, failures: 0 });
    } catch (error) {
      if (open.failures === 0)
        log.warn({ error, container: drain.container }, "a drain could not be answered; trying again");
      delay(open, clock.monotonic());
    }
    this.#writes -= 1;
    open.isWriting = false;
    this.#call();
  }

  /** Until something happens, or time may have changed something. */
  async #wait(): Promise<void> {
    if (this.#rung || this.#signal.aborted) return;
    const { clock } = this.#deps;
    const over = new AbortController();
    const end = (): void => over.abort();
    this.#ring = end;
    this.#signal.addEventListener("abort", end, { once: true });
    if (this.#open.size > 0) await clock.sleep(this.#pause(), over.signal).catch(() => undefined);
    else await new Promise<void>((resolve) => over.signal.addEventListener("abort", () => resolve(), { once: true }));
    this.#signal.removeEventListener("abort", end);
    this.#ring = () => undefined;
  }

  #pause(): Milliseconds {
    const now = this.#deps.clock.monotonic();
    const isYoung = [...this.#open.values()].some(({ since }) => now - since < OLD);
    return isYoung ? LOOK_EVERY : LOOK_AT_OLD_EVERY;
  }
}

const newOpen = (revision: bigint, now: Milliseconds): Open => ({
  revision,
  since: now,
  told: undefined,
  toldAt: Number.NEGATIVE_INFINITY,
  isWriting: false,
  failures: 0,
  notBefore: now,
});

function delay(open: Open, now: Milliseconds): void {
  open.notBefore = now + Math.min(FIRST_PAUSE * 2 ** open.failures, LONGEST_PAUSE);
  open.failures += 1;
}

const isTooSoon = ({ since, toldAt }: Open, now: Milliseconds): boolean =>
  now - since < NAMED_AFTER || now - toldAt < AT_MOST_EVERY;

function answerOf(unanswered: readonly Unanswered[]): DrainAnswer {
  const awaits = unanswered.map(({ watcherId, peer, connected }): AwaitedWatcher => ({ watcherId, peer, connected }));
  return { awaits: awaits.sort((a, b) => byText(nameOf(a), nameOf(b))).slice(0, MOST_NAMED) };
}

const nameOf = ({ watcherId, peer }: AwaitedWatcher): string => `${watcherId} ${peer}`;
const textOf = ({ awaits }: DrainAnswer): string =>
  JSON.stringify(awaits.map(({ watcherId, peer, connected }) => [watcherId, peer, connected]));
const FINAL = textOf({ awaits: [] });

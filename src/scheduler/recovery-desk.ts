// Everything that waits for a person's word after the store was restored: gathered from the passes, stored so that every
// server can tell it, and the words given on it. Must not know what a word does.

import type { Milliseconds } from "../model/instant.js";
import { SECOND } from "../model/instant.js";
import {
  alarmLines,
  type EngineItem,
  type GivenWord,
  NOTHING_TO_RECOVER,
  type RecoveryItem,
  type RecoveryRecord,
  type StrayItem,
  wordsOn,
} from "../model/recovery.js";
import { type GroupRef, groupId } from "../model/reference.js";
import type { Versioned } from "../model/store.js";
import { isSame } from "../planner/compare.js";
import { Alarm } from "./alarm.js";
import type { HostKeeper } from "./hosts.js";
import type { Office } from "./office.js";
import { persistently } from "./persist.js";

export type DeskDeps = {
  readonly office: Office;
  readonly keepers: readonly Pick<HostKeeper, "host" | "problem" | "stranger" | "accept">[];
  readonly wake: (group: GroupRef) => void;
};

/** While something waits a word may come at any time, from any server. */
const PACE: Milliseconds = SECOND;
/** What waits is looked at again although nothing says that it changed. */
const LOOK_AGAIN: Milliseconds = 30 * SECOND;
/** One value of etcd holds 1.5 MiB; an item takes well below 1 KiB. */
const MOST_ITEMS = 1200;

export class RecoveryDesk {
  readonly #deps: DeskDeps;
  readonly #alarm: Alarm;
  /** By group id; of an earlier leader until a pass of this term has looked. */
  readonly #items = new Map<string, readonly StrayItem[]>();
  readonly #told = new Set<string>();
  #stored: Versioned<RecoveryRecord> | undefined;
  #words: ReadonlyMap<string, GivenWord> = new Map();
  #named: ReadonlySet<string> = new Set();
  #looked: Milliseconds;

  constructor(deps: DeskDeps) {
    this.#deps = deps;
    this.#alarm = new Alarm(deps.office.clock, deps.office.end);
    this.#looked = deps.office.clock.monotonic();
  }

  /** By container id, as last read. */
  get words(): ReadonlyMap<string, GivenWord> {
    return this.#words;
  }

  /** Ids that the store names, as last read or written: what it names waits for a word also after this term. */
  get named(): ReadonlySet<string> {
    return this.#named;
  }

  /** What an earlier leader found holds until it is looked at again. */
  async begin(): Promise<void> {
    const { office } = this.#deps;
    await persistently(office, "reading what is to be recovered", async () => this.#read());
    for (const item of this.#stored?.value.items ?? []) {
      if (item.kind === "container") this.#items.set(groupId(item.group), [...this.#of(item.group), item]);
    }
  }

  /** What a pass found in the group; what it could not see, on hosts that were silent, stays. */
  note(group: GroupRef, items: readonly StrayItem[], silent: ReadonlySet<string>): void {
    const before = this.#of(group);
    const next = [...items, ...before.filter(({ host }) => silent.has(host))];
    if (isSame(before, next)) return;
    if (next.length === 0) this.#items.delete(groupId(group));
    else this.#items.set(groupId(group), next);
    this.#alarm.ring();
  }

  /** An engine answers, or is another one; a word may have been given. */
  soon(): void {
    this.#alarm.ring();
  }

  /** Until the end of the term; never throws. */
  async run(): Promise<void> {
    const { office } = this.#deps;
    this.#wakeAll();
    let isFailing = false;
    while (!office.end.aborted) {
      try {
        await this.#settle();
        isFailing = false;
      } catch (error) {
        if (!office.end.aborted && !isFailing)
          office.log.warn({ err: error }, "what is to be recovered was not written");
        isFailing = true;
      }
      await this.#alarm.wait(this.#isIdle() ? undefined : PACE);
    }
  }

  #of(group: GroupRef): readonly StrayItem[] {
    return this.#items.get(groupId(group)) ?? [];
  }

  #isIdle(): boolean {
    return this.#items.size === 0 && this.#stored === undefined && this.#engines().length === 0;
  }

  async #read(): Promise<void> {
    this.#store(await this.#deps.office.store.readRecovery());
    const words = new Map<string, GivenWord>();
    for (const word of this.#stored?.value.words ?? []) for (const id of word.ids) words.set(id, word);
    const isNews = !isSame([...words], [...this.#words]);
    this.#words = words;
    if (isNews) this.#wakeAll();
    this.#acceptEngines();
  }

  /** A group that waited until its containers are named in the store looks again. */
  #store(stored: Versioned<RecoveryRecord> | undefined): void {
    this.#stored = stored;
    const before = this.#named;
    this.#named = new Set((stored?.value.items ?? []).map(({ id }) => id));
    if ([...this.#named].some((id) => !before.has(id))) this.#wakeAll();
  }

  /** At every look: a word may be older than the engine's first answer in this term. */
  #acceptEngines(): void {
    for (const keeper of this.#deps.keepers) {
      const id = keeper.stranger;
      if (id !== undefined && this.#words.get(id)?.word === "adopt") keeper.accept(id);
    }
  }

  #wakeAll(): void {
    this.#looked = this.#deps.office.clock.monotonic();
    for (const [first] of this.#items.values()) if (first !== undefined) this.#deps.wake(first.group);
  }

  async #settle(): Promise<void> {
    if (this.#isIdle()) return;
    const { office } = this.#deps;
    await this.#read();
    if (office.clock.monotonic() - this.#looked >= LOOK_AGAIN) this.#wakeAll();
    const all = this.#all();
    this.#tell(all);
    const before = this.#stored?.value ?? NOTHING_TO_RECOVER;
    const items = all.slice(0, MOST_ITEMS);
    const next = { items, more: all.length - items.length, words: wordsOn(items, before.words) };
    const isBroken = items.length === 0 && this.#stored !== undefined;
    if (isSame(before, next) && !isBroken) return;
    const modRevision = this.#stored?.modRevision ?? 0n;
    const revision = await office.write((fence) => office.store.writeRecovery(fence, next, modRevision));
    this.#store(items.length === 0 ? undefined : { value: next, modRevision: revision });
  }

  /** Engines first; the same things in the same order. */
  #all(): readonly RecoveryItem[] {
    const ids = [...this.#items.keys()].sort();
    return [...this.#engines(), ...ids.flatMap((id) => this.#items.get(id) ?? [])];
  }

  #engines(): readonly EngineItem[] {
    return this.#deps.keepers.flatMap(({ host, problem, stranger }): EngineItem[] => {
      if (stranger === undefined || problem?.reason !== "ENGINE_CHANGED") return [];
      return [
        {
          kind: "engine",
          id: stranger,
          host,
          reason: problem.text,
          ifAdopted: `is the engine of ${host} from then on; what the store has there and it has not is made anew`,
          ifRemoved: "does not apply to an engine: it stays silent",
          takes: ["adopt"],
        },
      ];
    });
  }

  /** Said once in a term for each of them. */
  #tell(items: readonly RecoveryItem[]): void {
    const fresh = items.filter(({ id }) => !this.#told.has(id));
    for (const { id } of fresh) this.#told.add(id);
    for (const text of alarmLines({ items: fresh, more: 0, words: [] }))
      this.#deps.office.log.error({ next: "theseus recover" }, text);
  }
}

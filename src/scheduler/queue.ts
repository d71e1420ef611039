// Which group is looked at next: one pass per group at a time, several groups at once, wake-ups joined. Must not know
// what a pass does.

import type { Milliseconds } from "../model/instant.js";
import type { Clock, Rng } from "../model/ports.js";
import { type GroupRef, groupId } from "../model/reference.js";
import { Agenda } from "./agenda.js";
import { Alarm } from "./alarm.js";
import { type Bounds, jittered } from "./back-off.js";

export type Queue = {
  /** One more pass, soon. During a pass of this group: exactly one more after it. */
  wake(group: GroupRef): void;
  /** As wake, but the pass may begin so much later. */
  wakeWithin(group: GroupRef, length: Milliseconds): void;
  /** As wake, but no back-off holds it up: what kept the passes from working is over. */
  wakeAfresh(group: GroupRef): void;
  /** Runs passes until the end signal, then returns when no pass is running; never throws. */
  run(): Promise<void>;
};

export type QueueOptions = {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly end: AbortSignal;
  /** Groups at the same time. */
  readonly width: number;
  /** Gives when to look again although nothing wakes the group; undefined: never. */
  readonly pass: (group: GroupRef) => Promise<Milliseconds | undefined>;
  readonly failed: (group: GroupRef, error: unknown, failures: number) => void;
};

type Entry = {
  readonly group: GroupRef;
  running: boolean;
  /** Monotonic; undefined: nothing to do. */
  dueAt: Milliseconds | undefined;
  /** No pass before this. */
  holdUntil: Milliseconds;
  /** Monotonic: woken during a pass, for another one by then. */
  againAt: Milliseconds | undefined;
  failures: number;
};

const BACK_OFF: Bounds = { first: 200, most: 15_000 };
const SHORTEST_LOOK_AGAIN = 10;

export function createQueue(options: QueueOptions): Queue {
  return new GroupQueue(options);
}

class GroupQueue implements Queue {
  readonly #options: QueueOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #agenda = new Agenda<Entry>((entry, at) => !entry.running && entry.dueAt === at);
  readonly #running = new Set<Promise<void>>();
  readonly #alarm: Alarm;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock, options.end);
  }

  wake(group: GroupRef): void {
    this.wakeWithin(group, 0);
  }

  wakeWithin(group: GroupRef, length: Milliseconds): void {
    const entry = this.#entry(group);
    const at = this.#options.clock.monotonic() + length;
    if (!entry.running) this.#schedule(entry, length);
    else if (entry.againAt === undefined || at < entry.againAt) entry.againAt = at;
    this.#alarm.ring();
  }

  wakeAfresh(group: GroupRef): void {
    const entry = this.#entry(group);
    entry.failures = 0;
    entry.holdUntil = 0;
    this.wake(group);
  }

  async run(): Promise<void> {
    const { clock, end } = this.#options;
    while (!end.aborted) {
      const next = this.#startDue(clock.monotonic());
      await this.#alarm.wait(next === undefined ? undefined : next - clock.monotonic());
    }
    await Promise.all(this.#running);
  }

  #entry(group: GroupRef): Entry {
    const id = groupId(group);
    let entry = this.#entries.get(id);
    if (entry === undefined) {
      entry = { group, running: false, dueAt: undefined, holdUntil: 0, againAt: undefined, failures: 0 };
      this.#entries.set(id, entry);
    }
    return entry;
  }

  #schedule(entry: Entry, delay: Milliseconds): void {
    const at = Math.max(this.#options.clock.monotonic() + delay, entry.holdUntil);
    if (entry.dueAt !== undefined && entry.dueAt <= at) return;
    entry.dueAt = at;
    this.#agenda.add(entry, at);
  }

  /** Starts what is due, the longest overdue first, and gives the time of the next one; undefined: only a wake-up or an ending pass matters. */
  #startDue(now: Milliseconds): Milliseconds | undefined {
    for (let first = this.#agenda.first(); first !== undefined; first = this.#agenda.first()) {
      if (this.#running.size >= this.#options.width) return undefined;
      if (first.at > now) return first.at;
      this.#agenda.drop();
      this.#start(first.what);
    }
    return undefined;
  }

  #start(entry: Entry): void {
    entry.running = true;
    entry.againAt = undefined;
    entry.dueAt = undefined;
    const pass = this.#pass(entry).finally(() => {
      this.#running.delete(pass);
      this.#alarm.ring();
    });
    this.#running.add(pass);
  }

  async #pass(entry: Entry): Promise<void> {
    const { clock, rng, pass, failed } = this.#options;
    try {
      const lookAgainIn = await pass(entry.group);
      entry.failures = 0;
      entry.holdUntil = 0;
      this.#afterwards(entry, lookAgainIn);
    } catch (error) {
      entry.failures++;
      const delay = jittered(rng, entry.failures, BACK_OFF);
      entry.holdUntil = clock.monotonic() + delay;
      failed(entry.group, error, entry.failures);
      this.#afterwards(entry, delay);
    }
  }

  #afterwards(entry: Entry, lookAgainIn: Milliseconds | undefined): void {
    entry.running = false;
    if (entry.againAt !== undefined) this.#schedule(entry, entry.againAt - this.#options.clock.monotonic());
    if (lookAgainIn !== undefined) this.#schedule(entry, Math.max(lookAgainIn, SHORTEST_LOOK_AGAIN));
    // Nothing is remembered of a group that has nothing to do: it may be gone for good.
    if (entry.dueAt === undefined && entry.holdUntil === 0) this.#entries.delete(groupId(entry.group));
  }
}

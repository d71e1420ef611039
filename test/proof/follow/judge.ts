// Compares what one watcher was told with what really happened: each delta is all of one revision, nothing lies between
// two messages that was not told, and every state it ever held is that of the store at its revision.

import type { Revision, State as Stored } from "../gap/truth.js";
import { endpointAt, type Question, type State, shown } from "./questions.js";
import type { Changes, Told, Watcher } from "./told.js";

/** A watcher that is wrong once is wrong often: the first few say enough. */
const MOST = 10;

type Step = { readonly revision: number; readonly changes: Changes };

/** What a watch of this question shows of a state of the store. */
export function projected(question: Question, stored: Stored): Map<string, string> {
  const state = new Map<string, string>();
  for (const [key, { value }] of stored) {
    const id = endpointAt(question, key);
    const text = id === undefined ? undefined : shown(question, value);
    if (id !== undefined && text !== undefined) state.set(id, text);
  }
  return state;
}

/** How a state differs from the true one, in words. */
export function differences(had: State, truth: State): string[] {
  const wrong = [...truth].filter(([id, text]) => had.get(id) !== text);
  const surplus = [...had.keys()].filter((id) => !truth.has(id));
  return [
    ...wrong.map(([id, text]) => `${id} is "${text}", held was "${had.get(id) ?? "nothing"}"`),
    ...surplus.map((id) => `${id} is not there, held was "${had.get(id)}"`),
  ];
}

export class Judge {
  readonly violations: string[] = [];
  /** Messages that were compared. */
  deltas = 0;
  snapshots = 0;
  readonly #name: string;
  readonly #question: Question;
  /** The true state at #baseAt, where the steps begin. */
  #base: State = new Map();
  #baseAt = 0;
  #steps: Step[] = [];
  /** How far the watcher is; undefined: what it holds is of before the base, and the next snapshot says more. */
  #at: number | undefined;

  constructor(name: string, question: Question) {
    this.#name = name;
    this.#question = question;
  }

  /** From here on, where the watcher was found to be as the store is. What it was told on the way is not compared. */
  begin(watcher: Pick<Watcher, "told">, stored: Stored, revision: number): void {
    watcher.told.splice(0);
    this.#base = projected(this.#question, stored);
    this.#baseAt = revision;
    // The store's revision also counts what no watch shows: the watcher may stand at an earlier one, and need not be told.
    this.#at = 0;
  }

  /** @param history everything after the last time, up to that revision. */
  check(watcher: Pick<Watcher, "told" | "complaints">, history: readonly Revision[], upTo: number): void {
    this.#steps = this.#stepsIn(history);
    const later = watcher.told.findIndex(({ revision }) => revision > upTo);
    for (const told of watcher.told.splice(0, later < 0 ? watcher.told.length : later)) this.#judge(told);
    for (const complaint of watcher.complaints.splice(0)) this.#violated(complaint);
    this.#base = this.#stateAt(upTo);
    this.#baseAt = upTo;
  }

  #judge(told: Told): void {
    switch (told.kind) {
      case "snapshot":
        this.#at = told.revision < this.#baseAt ? undefined : told.revision;
        if (this.#at !== undefined) this.#sameState(told.entries, told.revision);
        return;
      case "delta":
        if (this.#at === undefined) return;
        this.deltas++;
        this.#nothingBetween(this.#at, told.revision - 1);
        this.#sameChanges(told);
        break;
      case "bookmark":
        if (this.#at === undefined) return;
        this.#nothingBetween(this.#at, told.revision);
    }
    if (told.revision < this.#at) this.#violated(`went back from ${this.#at} to ${told.revision} without a snapshot`);
    this.#at = told.revision;
  }

  #nothingBetween(after: number, upTo: number): void {
    for (let index = this.#indexAfter(after); ; index++) {
      const { revision = Number.POSITIVE_INFINITY } = this.#steps[index] ?? {};
      if (revision > upTo) return;
      this.#violated(`lost revision ${revision}`);
    }
  }

  /** Of the first step after a revision. */
  #indexAfter(revision: number): number {
    let [low, high] = [0, this.#steps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#steps[middle]?.revision ?? 0) > revision) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #sameChanges({ revision, changes }: Extract<Told, { kind: "delta" }>): void {
    const step = this.#steps[this.#indexAfter(revision - 1)];
    const truth = step?.revision === revision ? step.changes : new Map<string, string>();
    const isSame = truth.size === changes.size && [...truth].every(([id, text]) => changes.get(id) === text);
    if (!isSame) this.#violated(`was told other changes of revision ${revision} than it has`);
  }

  #sameState(entries: State, revision: number): void {
    this.snapshots++;
    const wrong = differences(entries, this.#stateAt(revision));
    if (wrong.length > 0) this.#violated(`held another state of revision ${revision}: ${wrong.slice(0, 2).join("; ")}`);
  }

  #stateAt(upTo: number): State {
    const state = new Map(this.#base);
    for (const { changes } of this.#steps.slice(0, this.#indexAfter(upTo))) apply(state, changes);
    return state;
  }

  /** What each revision changed in what is shown; revisions that changed nothing are left out. */
  #stepsIn(history: readonly Revision[]): Step[] {
    const state = new Map(this.#base);
    return history.flatMap(({ revision, changes }) => {
      const seen = new Map<string, string | undefined>();
      for (const [key, value] of changes) {
        const id = endpointAt(this.#question, key);
        if (id === undefined) continue;
        const text = value === undefined ? undefined : shown(this.#question, value.value);
        if (state.get(id) !== text) seen.set(id, text);
      }
      apply(state, seen);
      return seen.size === 0 ? [] : [{ revision, changes: seen }];
    });
  }

  #violated(what: string): void {
    if (this.violations.length < MOST) this.violations.push(`${this.#name} ${what}`);
  }
}

function apply(state: Map<string, string>, changes: Changes): void {
  for (const [id, text] of changes) {
    if (text === undefined) state.delete(id);
    else state.set(id, text);
  }
}

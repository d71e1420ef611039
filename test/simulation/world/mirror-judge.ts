// Whether what a server mirrors is the state that was: no revision left out, none half, none twice, none back, and each
// entry what was written at the revision that it names.

import type { EntryAt, Feed } from "../../../src/model/store.js";
import { unlikeWritten } from "./entry-facts.js";
import type { Judge } from "./judge.js";
import { isMirrored, type Stood } from "./raw-store.js";

export class MirrorJudge {
  readonly #judge: Judge;
  readonly #who: string;
  #last: number | undefined;
  /** Of the revisions that changed something, how many are behind it. */
  #next = 0;

  constructor(judge: Judge, who: string) {
    this.#judge = judge;
    this.#who = who;
  }

  /** As long as there is one history. */
  fed(message: Feed): void {
    const revision = Number(message.cursor.revision);
    if (this.#last !== undefined && revision < this.#last) {
      this.#wrong(`went back from revision ${this.#last} to ${revision}`);
    }
    if (message.kind === "snapshot") this.#snapshot(message, revision);
    else if (message.kind === "delta") this.#delta(message, revision);
    else this.#upTo(revision);
    this.#last = revision;
  }

  #snapshot({ entries }: Extract<Feed, { kind: "snapshot" }>, revision: number): void {
    const there = this.#judge.store.at(revision);
    const wrong = unlike(entries, there);
    if (wrong !== undefined) this.#wrong(`a snapshot of revision ${revision} is wrong about ${wrong}`);
    const { mirrored } = this.#judge.store;
    const after = mirrored.findIndex((one) => one.revision > revision);
    this.#next = after < 0 ? mirrored.length : after;
  }

  #delta({ put, removed }: Extract<Feed, { kind: "delta" }>, revision: number): void {
    const gone = removed.filter(isMirrored);
    const isOther = gone.length === 0 && !put.some(({ key }) => isMirrored(key));
    this.#upTo(isOther ? revision : revision - 1);
    if (isOther) return;
    const expected = this.#judge.store.mirrored[this.#next];
    this.#next++;
    const values = expected?.revision === revision ? expected.values : new Map<string, string | undefined>();
    const written = [...values].flatMap(([key, value]) =>
      value === undefined ? [] : [[key, { revision, value }] as const],
    );
    const wrong = unlike(put, new Map(written)) ?? differing(gone, values);
    if (wrong !== undefined) this.#wrong(`revision ${revision} is told wrong about ${wrong}`);
  }

  /** Nothing may have changed up to there that was not told. */
  #upTo(revision: number): void {
    const missed = this.#judge.store.mirrored[this.#next];
    if (missed === undefined || missed.revision > revision) return;
    this.#wrong(`revision ${missed.revision} was not told before ${revision}`);
    while ((this.#judge.store.mirrored[this.#next]?.revision ?? Number.POSITIVE_INFINITY) <= revision) this.#next++;
  }

  #wrong(text: string): void {
    this.#judge.violated("mirror", `${this.#who}: ${text}`);
  }
}

/** The first thing that entries say otherwise than it was written. */
function unlike(entries: readonly EntryAt[], written: ReadonlyMap<string, Stood>): string | undefined {
  const shown = new Map(entries.filter(({ key }) => isMirrored(key)).map((one) => [one.key, one]));
  for (const [key, stood] of written) {
    const problem = unlikeWritten(key, stood, shown.get(key));
    if (problem !== undefined) return `${key}: ${problem}`;
  }
  const more = [...shown.keys()].find((key) => !written.has(key));
  return more === undefined ? undefined : `${more}: nothing was written there`;
}

/** The first key that was deleted and is not told to be gone, or the other way round. */
function differing(gone: readonly string[], values: ReadonlyMap<string, string | undefined>): string | undefined {
  const deleted = [...values.keys()].filter((key) => values.get(key) === undefined);
  return deleted.find((key) => !gone.includes(key)) ?? gone.find((key) => !deleted.includes(key));
}

// Whether what a server mirrors, and what a client is told of it, is the state that was: no revision left out, none half,
// none twice, none back.

import type { Feed } from "../../../src/model/store.js";
import type { Judge } from "./judge.js";
import { isMirrored } from "./raw-store.js";

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
    const shown = new Map(
      entries.filter(({ key }) => isMirrored(key)).map(({ key, modRevision }) => [key, Number(modRevision)]),
    );
    const there = this.#judge.store.at(revision);
    const wrong =
      [...there].find(([key, mod]) => shown.get(key) !== mod) ?? [...shown].find(([key]) => !there.has(key));
    if (wrong !== undefined) this.#wrong(`a snapshot of revision ${revision} is wrong about ${wrong[0]}`);
    const { mirrored } = this.#judge.store;
    const after = mirrored.findIndex((one) => one.revision > revision);
    this.#next = after < 0 ? mirrored.length : after;
  }

  #delta({ put, removed }: Extract<Feed, { kind: "delta" }>, revision: number): void {
    const shown = new Set([...put.map(({ key }) => key), ...removed].filter(isMirrored));
    this.#upTo(shown.size === 0 ? revision : revision - 1);
    if (shown.size === 0) return;
    const expected = this.#judge.store.mirrored[this.#next];
    this.#next++;
    const isSame = expected?.revision === revision && sameKeys(expected.keys, shown);
    if (!isSame) this.#wrong(`revision ${revision} was told as [${[...shown].join(" ")}]`);
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

const sameKeys = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((key) => b.has(key));

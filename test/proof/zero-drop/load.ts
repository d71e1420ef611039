// So many requests in each second, whatever becomes of those before. Each is sent once, and each counts.

import { anyWork, type Work, wrongWith } from "./work.js";

/** Sends one request, once. @returns the answer's body. Rejects when there is none. */
export type Way = (work: Work) => Promise<Buffer>;

const EVERY_MS = 5;
const MOST_KEPT = 5;

export class Load {
  answered = 0;
  failed = 0;
  /** Of those that were answered, the most that one took beyond its work, in milliseconds. */
  slowest = 0;
  /** Of the failed ones, the first, and the last. */
  readonly #failures: string[] = [];
  readonly #name: string;
  readonly #way: Way;
  readonly #perSecond: number;
  readonly #pace: NodeJS.Timeout;
  readonly #open = new Set<Promise<void>>();
  readonly #begun = performance.now();
  #sent = 0;
  #ended: number | undefined;

  /** From now on, until it is ended. */
  constructor(name: string, way: Way, perSecond: number) {
    this.#name = name;
    this.#way = way;
    this.#perSecond = perSecond;
    this.#pace = setInterval(() => this.#sendDue(), EVERY_MS);
  }

  get requests(): number {
    return this.answered + this.failed;
  }

  /** Requests a second. */
  get rate(): number {
    return (this.#sent / ((this.#ended ?? performance.now()) - this.#begun)) * 1000;
  }

  /** What has gone wrong, in words. */
  get violations(): readonly string[] {
    const more = this.failed - this.#failures.length;
    return more > 0 ? [...this.#failures, `${this.#name}: and ${more} more failed`] : this.#failures;
  }

  get figures(): string {
    return `${this.requests} over ${this.#name}, ${this.failed} failed, the slowest ${this.slowest} ms late`;
  }

  /** Returns with the last answer. */
  async end(): Promise<void> {
    clearInterval(this.#pace);
    this.#ended ??= performance.now();
    await Promise.all(this.#open);
  }

  #sendDue(): void {
    const due = ((performance.now() - this.#begun) / 1000) * this.#perSecond;
    for (; this.#sent < due; this.#sent += 1) {
      const open = this.#send().finally(() => this.#open.delete(open));
      this.#open.add(open);
    }
  }

  async #send(): Promise<void> {
    const work = anyWork();
    const begun = performance.now();
    const fault = await this.#way(work).then(
      (answer) => wrongWith(work, answer),
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const after = Math.round(performance.now() - begun);
    if (fault === undefined) {
      this.answered += 1;
      this.slowest = Math.max(this.slowest, after - work.milliseconds);
      return;
    }
    this.failed += 1;
    const when = new Date().toISOString().slice(11, 23);
    const text = `${this.#name}, ${when}: ${fault}, after ${after} ms of ${work.milliseconds} ms`;
    this.#failures[Math.min(this.#failures.length, MOST_KEPT)] = text;
  }
}

// State and every later change of a key range, with no gap: list, watch from there, and when the watch breaks take it
// up at the last revision that was applied. A watch is a hint: the range is listed again every minute and compared.

import type { Milliseconds } from "../model/instant.js";
import type { KeyRange } from "../model/ports.js";
import { BackOff } from "./back-off.js";
import type { Parts } from "./parts.js";
import { type Opening, RangeHistory } from "./range-history.js";
import { type ReadAll, rangeAll } from "./ranges.js";
import { broken, type Next, type RangeFeed, WatchSession } from "./watch-session.js";

/** With a call's deadline before it and an election of the store's own it still is heard within 5 s of its return. */
const LONGEST_PAUSE: Milliseconds = 1000;

export type WatchParts = Pick<Parts, "wire" | "clock" | "rng" | "log"> & {
  /** Called when the store's history is not the one that was seen. Has to be called again when it fails. */
  readonly historyChanged: () => Promise<void>;
};

/** Never ends but by the signal. A snapshot may come at any time. */
export async function* snapshotAndWatch(
  parts: WatchParts,
  range: KeyRange,
  signal: AbortSignal,
): AsyncGenerator<RangeFeed, void, undefined> {
  const watcher = new RangeWatcher(parts, range, signal);
  const backOff = new BackOff(parts, 100, LONGEST_PAUSE);
  while (!signal.aborted) {
    try {
      for await (const item of watcher.session()) {
        // A snapshot alone proves no watch: a stream that ends right after it has to wait longer each time.
        if (item.kind !== "snapshot") backOff.reset();
        yield item;
      }
    } catch (error) {
      if (signal.aborted) return;
      const level = backOff.failures === 0 ? "warn" : "debug";
      parts.log[level]({ err: error, range: range.key }, "the watch of the store broke; taking it up again");
    }
    await backOff.wait(signal).catch(() => undefined);
  }
}

class RangeWatcher {
  readonly #parts: WatchParts;
  readonly #range: KeyRange;
  readonly #signal: AbortSignal;
  readonly #history = new RangeHistory();
  #next: Next = "list";
  /** The store has answered below what was seen, once. */
  #doubted = false;

  constructor(parts: WatchParts, range: KeyRange, signal: AbortSignal) {
    this.#parts = parts;
    this.#range = range;
    this.#signal = signal;
  }

  /** From one opening of a stream to its end. Throws when the store does not answer. */
  async *session(): AsyncGenerator<RangeFeed, void, undefined> {
    let opening: Opening | undefined;
    if (this.#next === "resume") opening = await this.#resume();
    if (opening === undefined) {
      const { kvs, revision } = await this.#list();
      // Who waits for the state does not wait until it is remembered too.
      yield { kind: "snapshot", kvs, revision };
      opening = this.#history.restart(kvs, revision);
      this.#next = "resume";
    }
    const { startRevision, proof } = opening;
    const stream = this.#parts.wire.watch({ ...this.#range, startRevision });
    const session = new WatchSession(this.#parts, this.#range, this.#history, { stream, proof });
    try {
      this.#next = yield* session.run(this.#signal);
    } finally {
      stream.close();
    }
  }

  /** Undefined: there is nothing to take up. */
  async #resume(): Promise<Opening | undefined> {
    const { revision } = await this.#parts.wire.range({ key: this.#range.key, keysOnly: true });
    if (this.#isNotBelow(revision)) return this.#history.resume();
    this.#next = "declare change and list";
    return undefined;
  }

  async #list(): Promise<ReadAll> {
    if (this.#next !== "declare change and list") {
      const all = await rangeAll(this.#parts.wire, this.#range);
      const isSame = this.#next !== "compare and list" || this.#history.isVouchedForBy(all.kvs);
      if (this.#isNotBelow(all.revision) && isSame) return all;
      this.#next = "declare change and list";
    }
    this.#parts.log.warn({ revision: String(this.#history.last) }, "the history of the store is not the one seen");
    await this.#parts.historyChanged();
    this.#history.forget();
    this.#next = "list";
    return await rangeAll(this.#parts.wire, this.#range);
  }

  /**
   * False: the store answers below what was seen, and that is another history. Throws the first time, since etcd 3.4 may
   * answer a read from before it was paused: the next session asks again.
   */
  #isNotBelow(revision: bigint): boolean {
    const isBelow = revision < this.#history.last;
    if (isBelow && !this.#doubted) {
      this.#doubted = true;
      throw broken("the store answered with a revision below the one seen");
    }
    this.#doubted = false;
    return !isBelow;
  }
}

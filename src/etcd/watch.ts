// State and every later change of a key range, with no gap: list, watch from there, and when the watch breaks take it
// up at the last revision that was applied. A watch is a hint: the range is listed again every minute and compared.

import type { KeyRange } from "../model/ports.js";
import { BackOff } from "./back-off.js";
import type { Parts } from "./parts.js";
import { RangeHistory } from "./range-history.js";
import { type ReadAll, rangeAll } from "./ranges.js";
import { type Next, type RangeFeed, WatchSession } from "./watch-session.js";

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
  const backOff = new BackOff(parts, 100, 2000);
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

  constructor(parts: WatchParts, range: KeyRange, signal: AbortSignal) {
    this.#parts = parts;
    this.#range = range;
    this.#signal = signal;
  }

  /** From one opening of a stream to its end. Throws when the store does not answer. */
  async *session(): AsyncGenerator<RangeFeed, void, undefined> {
    if (this.#next === "resume") await this.#lookForChange();
    if (this.#next === "declare change and list") {
      this.#parts.log.warn({ revision: String(this.#history.last) }, "the history of the store is not the one seen");
      await this.#parts.historyChanged();
      this.#next = "list";
    }
    const resumed = this.#next === "resume";
    if (resumed) this.#history.resume();
    else yield this.#restart(await rangeAll(this.#parts.wire, this.#range));
    this.#next = "resume";
    const startRevision = resumed ? this.#history.witness : this.#history.last + 1n;
    const stream = this.#parts.wire.watch({ ...this.#range, startRevision });
    const session = new WatchSession(this.#parts, this.#range, this.#history, stream);
    try {
      this.#next = yield* session.run(this.#signal);
    } finally {
      stream.close();
    }
  }

  #restart({ kvs, revision }: ReadAll): RangeFeed {
    this.#history.restart(kvs, revision);
    return { kind: "snapshot", kvs, revision };
  }

  /** A linearizable answer below what was seen: another history. Without a witness there is nothing to compare. */
  async #lookForChange(): Promise<void> {
    const { revision } = await this.#parts.wire.range({ key: this.#range.key, keysOnly: true });
    if (revision < this.#history.last || this.#history.witness === 0n) this.#next = "declare change and list";
  }
}

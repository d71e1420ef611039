// How writes get to the disk: what is written while one sync runs goes into the next. When a sync fails, memory goes back
// to what is on the disk, and the disk is opened again and again until it takes writes. Knows no request.

import type { Milliseconds } from "../model/instant.js";
import type { Clock, Logger } from "../model/ports.js";
import type { Disk } from "./disk.js";
import type { DiskOperation } from "./records.js";
import { notNow, UnknownOutcome } from "./refusals.js";

/** What the journal needs of the memory that it writes down. */
export type Memory = {
  /** This revision is on the disk. */
  publish(revision: number): void;
  /** Nothing after the last published revision was ever written. */
  rollBack(): void;
  /** Makes the disk say what memory says, and proves that it takes writes. */
  repair(disk: Disk): Promise<void>;
  /** What is in memory is not true any more. */
  lose(): void;
};

export type JournalParts = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly memory: Memory;
  /** Fails with TakenOver when it is not our store any more. */
  readonly reopen: () => Promise<Disk>;
};

/** Another process has had the folder: what is in memory is not what is on the disk. There is no way back. */
export class TakenOver extends Error {
  override readonly name = "TakenOver";
}

export type Entry = {
  readonly operations: readonly DiskOperation[];
  /** The head after it. */
  readonly revision: number;
  /** When it is on the disk. */
  readonly done?: () => void;
  /** When it will never be. Called newest first. */
  readonly undo?: () => void;
};

type Batch = {
  readonly operations: DiskOperation[];
  readonly entries: Entry[];
  readonly since: Milliseconds;
  readonly answered: Promise<void>;
  readonly answer: (error?: Error) => void;
};

const FIRST_PAUSE: Milliseconds = 50;
const LONGEST_PAUSE: Milliseconds = 2000;
const ANSWER_WITHIN: Milliseconds = 5000;
const HANGS = `the disk has not answered for ${ANSWER_WITHIN / 1000} s`;

export class Journal {
  readonly #parts: JournalParts;
  readonly #closing = new AbortController();
  #disk: Disk;
  #gathering: Batch | undefined;
  #inFlight: Batch | undefined;
  #work: Promise<void> | undefined;
  /** Why nothing can be written now. */
  #trouble: { readonly why: string; readonly cause: unknown } | undefined;
  #isLost = false;

  constructor(disk: Disk, parts: JournalParts) {
    this.#disk = disk;
    this.#parts = parts;
  }

  /** Why writes are refused, in words. */
  get trouble(): string | undefined {
    return this.#trouble?.why;
  }

  get isReadable(): boolean {
    return !this.#isLost && !this.#closing.signal.aborted;
  }

  /** Refuses when nothing can be read. */
  checkReadable(): void {
    if (this.#closing.signal.aborted) throw notNow("the store is closed");
    if (this.#isLost) throw notNow(this.#trouble?.why ?? "");
  }

  /** Refuses when nothing can be written. */
  checkWritable(): void {
    this.checkReadable();
    if (this.#trouble !== undefined) throw notNow(this.#trouble.why, this.#trouble.cause);
  }

  /** Memory has been changed already; the caller waits for settled(). */
  append(entry: Entry): void {
    this.#gathering ??= newBatch(this.#parts.clock.monotonic());
    this.#gathering.entries.push(entry);
    for (const operation of entry.operations) this.#gathering.operations.push(operation);
    this.#work ??= this.#writeAll();
  }

  /** Resolves when everything appended so far is on the disk; undefined: it is. Rejects with an EtcdRefusal. */
  settled(): Promise<void> | undefined {
    return (this.#gathering ?? this.#inFlight)?.answered;
  }

  /** Nobody waits for ever for a disk that hangs: what it has been given may still be written. */
  giveUpWaiting(): void {
    for (const batch of [this.#inFlight, this.#gathering]) {
      if (batch === undefined || this.#parts.clock.monotonic() - batch.since < ANSWER_WITHIN) continue;
      this.#hang();
      batch.answer(new UnknownOutcome(HANGS));
    }
  }

  /**
   * Writes what was appended before, unless the disk fails, and frees the folder.
   * @param beforeFree called when nothing is written any more. Never fails.
   */
  async close(beforeFree: () => Promise<void>): Promise<void> {
    this.#closing.abort();
    await this.#work;
    await beforeFree();
    await this.#disk.close();
  }

  async #writeAll(): Promise<void> {
    // What is written in the same turn goes together.
    await Promise.resolve();
    while (this.#gathering !== undefined) {
      const batch = this.#gathering;
      this.#inFlight = batch;
      this.#gathering = undefined;
      try {
        await this.#disk.write(batch.operations);
      } catch (error) {
        await this.#startAnew(error);
        continue;
      }
      this.#inFlight = undefined;
      this.#answers();
      this.#written(batch);
    }
    this.#work = undefined;
  }

  #hang(): void {
    if (this.#trouble !== undefined) return;
    this.#trouble = { why: HANGS, cause: undefined };
    this.#parts.log.error({}, "the disk of the store does not answer; reads go on, writes are refused");
  }

  #answers(): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#parts.log.info({}, "the disk of the store answers again");
  }

  #written({ entries, answer }: Batch): void {
    for (const { done } of entries) done?.();
    const last = entries.at(-1);
    if (last !== undefined) this.#parts.memory.publish(last.revision);
    answer();
  }

  async #startAnew(error: unknown): Promise<void> {
    const why = `the disk refuses writes: ${textOf(error)}`;
    this.#trouble = { why, cause: error };
    const [begun, notBegun] = [this.#inFlight, this.#gathering];
    this.#inFlight = undefined;
    this.#gathering = undefined;
    for (const { undo } of [...(begun?.entries ?? []), ...(notBegun?.entries ?? [])].reverse()) undo?.();
    this.#parts.memory.rollBack();
    begun?.answer(new UnknownOutcome(why, error));
    notBegun?.answer(notNow(why, error));
    this.#parts.log.error({ err: error }, "the store cannot write to its disk; reads go on, writes are refused");
    await this.#reopen();
  }

  async #reopen(): Promise<void> {
    const { clock, log } = this.#parts;
    const { signal } = this.#closing;
    for (let pause = FIRST_PAUSE; !signal.aborted; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      await clock.sleep(pause, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.#tryAgain();
        this.#trouble = undefined;
        log.info({}, "the store writes to its disk again");
        return;
      } catch (error) {
        const why = `the disk refuses writes: ${textOf(error)}`;
        this.#trouble = { why: error instanceof TakenOver ? error.message : why, cause: error };
        if (error instanceof TakenOver) return this.#lose(error);
        log.debug({ err: error }, "the store still cannot write to its disk");
      }
    }
  }

  async #tryAgain(): Promise<void> {
    await this.#disk.close();
    this.#disk = await this.#parts.reopen();
    await this.#parts.memory.repair(this.#disk);
  }

  #lose(error: TakenOver): void {
    this.#isLost = true;
    this.#parts.memory.lose();
    this.#parts.log.error({ err: error }, "the store was taken over by another process; nothing is read or written");
  }
}

/** The first answer counts. */
function newBatch(since: Milliseconds): Batch {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const answered = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // Perhaps nobody waits any more.
  answered.catch(() => undefined);
  const answer = (error?: Error): void => (error === undefined ? resolve() : reject(error));
  return { operations: [], entries: [], since, answered, answer };
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

// Everybody who reads the stream: each gets the same bytes, made once. One that does not read is let go, and goes on from
// its cursor when it comes back.

import type { ServerResponse } from "node:http";

/** Bytes that may wait for one reader beside what it was greeted with. */
const MOST_WAITING = 4 * 1024 * 1024;
const MOST_READERS = 200;
/** For bytes to wait without one of them being read, in milliseconds. */
const LONGEST_STILL = 60_000;

export interface Tally {
  frames: number;
  bytes: number;
  dropped: number;
}

interface Reader {
  /** Bytes that may wait. */
  allowed: number;
  /** All that it was sent, and as much of that as has gone on its way at the most. */
  sent: number;
  passed: number;
  /** When some of it did, or nothing waited. */
  readAt: number;
}

export class Readers {
  readonly #most: number;
  readonly #now: () => number;
  readonly #open = new Map<ServerResponse, Reader>();
  #entering = 0;
  readonly tally: Tally = { frames: 0, bytes: 0, dropped: 0 };

  /** @param now milliseconds of a clock that only goes on. */
  constructor(most = MOST_WAITING, now = () => performance.now()) {
    this.#most = most;
    this.#now = now;
  }

  get count(): number {
    return this.#open.size;
  }

  /** A place for one that will be added, until the result is called. Undefined: there is none. */
  enter(): (() => void) | undefined {
    if (this.#open.size + this.#entering >= MOST_READERS) return undefined;
    this.#entering += 1;
    return () => {
      this.#entering -= 1;
    };
  }

  /** @param greeting what it is sent first, however much. @param events how many these are. */
  add(response: ServerResponse, greeting: readonly Buffer[], events = greeting.length): void {
    response.on("close", () => this.#open.delete(response));
    const reader: Reader = { allowed: this.#most + lengthOf(greeting), sent: 0, passed: 0, readAt: this.#now() };
    this.#open.set(response, reader);
    for (const bytes of greeting) this.#write(response, reader, bytes);
    this.tally.frames += events;
  }

  sendAll(bytes: Buffer): void {
    for (const [response, reader] of this.#open) {
      this.#look(response, reader);
      if (response.writableLength > reader.allowed || this.#now() - reader.readAt > LONGEST_STILL) {
        this.tally.dropped += 1;
        this.#open.delete(response);
        response.destroy();
      } else {
        this.#write(response, reader, bytes);
        this.tally.frames += 1;
      }
    }
  }

  /** What it has read since that was last asked. */
  #look({ writableLength }: ServerResponse, reader: Reader): void {
    const passed = reader.sent - writableLength;
    if (writableLength === 0) reader.allowed = this.#most;
    if (writableLength === 0 || passed > reader.passed) reader.readAt = this.#now();
    reader.passed = Math.max(reader.passed, passed);
  }

  close(): void {
    for (const response of this.#open.keys()) response.end();
    this.#open.clear();
  }

  #write(response: ServerResponse, reader: Reader, bytes: Buffer): void {
    this.tally.bytes += bytes.length;
    reader.sent += bytes.length;
    response.write(bytes);
  }
}

export const lengthOf = (buffers: readonly Buffer[]): number => buffers.reduce((sum, { length }) => sum + length, 0);

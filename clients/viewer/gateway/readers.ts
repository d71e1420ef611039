// Everybody who reads the stream: each gets the same bytes, made once. One that does not read is let go, and gets a
// snapshot when it comes back.

import type { ServerResponse } from "node:http";

/** Bytes that may wait for one reader beside what it was greeted with. */
const MOST_WAITING = 4 * 1024 * 1024;
const MOST_READERS = 200;

export interface Tally {
  frames: number;
  bytes: number;
  dropped: number;
}

export class Readers {
  readonly #most: number;
  /** With what waited for each when it was greeted. */
  readonly #open = new Map<ServerResponse, { allowed: number }>();
  readonly tally: Tally = { frames: 0, bytes: 0, dropped: 0 };

  constructor(most = MOST_WAITING) {
    this.#most = most;
  }

  get count(): number {
    return this.#open.size;
  }

  get isFull(): boolean {
    return this.#open.size >= MOST_READERS;
  }

  /** @param greeting what it is sent first, however much. */
  add(response: ServerResponse, greeting: readonly Buffer[]): void {
    response.on("close", () => this.#open.delete(response));
    const length = greeting.reduce((sum, { length: bytes }) => sum + bytes, 0);
    this.#open.set(response, { allowed: this.#most + length });
    for (const bytes of greeting) this.#write(response, bytes);
  }

  sendAll(bytes: Buffer): void {
    for (const [response, reader] of this.#open) {
      if (response.writableLength > reader.allowed) {
        this.tally.dropped += 1;
        this.#open.delete(response);
        response.destroy();
      } else {
        if (response.writableLength === 0) reader.allowed = this.#most;
        this.#write(response, bytes);
      }
    }
  }

  close(): void {
    for (const response of this.#open.keys()) response.end();
    this.#open.clear();
  }

  #write(response: ServerResponse, bytes: Buffer): void {
    this.tally.frames += 1;
    this.tally.bytes += bytes.length;
    response.write(bytes);
  }
}

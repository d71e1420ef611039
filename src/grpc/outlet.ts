// Where a stream is written that is pushed, and how it stands. There are many thousands of these: each holds as little as
// it can, and its functions are those of all.

import type { ServerWritableStream } from "@grpc/grpc-js";
import { isGone, sessionOf } from "./connection.js";

/** Where a stream is written by those who have something to say, in bytes. */
export type Outlet = {
  /** False: no more until it has drained. */
  write(bytes: Uint8Array): boolean;
  /** The next message that is written ends with these bytes. */
  endNextWith(bytes: Uint8Array): void;
  /** Nothing that was written waits in this process. */
  flushed(): boolean;
  onDrain(listener: () => void): void;
  /** The connection is gone, so the caller has not ended the call by its own will. Asked once the call is over. */
  isLost(): boolean;
};

export class CallOutlet implements Outlet {
  readonly #raw: ServerWritableStream<unknown, Buffer>;
  readonly #session: unknown;
  #ending: Uint8Array | undefined;

  constructor(raw: ServerWritableStream<unknown, Buffer>) {
    this.#raw = raw;
    // Once the call is over nothing leads from it to its connection.
    this.#session = sessionOf(raw);
  }

  write(bytes: Uint8Array): boolean {
    if (this.#ending === undefined) return this.#raw.write(asBuffer(bytes));
    const whole = Buffer.concat([bytes, this.#ending]);
    this.#ending = undefined;
    return this.#raw.write(whole);
  }

  endNextWith(bytes: Uint8Array): void {
    this.#ending = bytes;
  }

  flushed(): boolean {
    return this.#raw.writableLength === 0;
  }

  onDrain(listener: () => void): void {
    this.#raw.on("drain", listener);
  }

  isLost(): boolean {
    return isGone(this.#session);
  }
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

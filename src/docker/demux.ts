// The engine's multiplexed log stream (8 bytes of header before each piece) as plain bytes, stdout and stderr together.

import { Transform, type TransformCallback } from "node:stream";

const HEADER = 8;

/** Strips the headers in one pass over each chunk, however small or many the frames are. */
export class Demux extends Transform {
  readonly #header = Buffer.alloc(HEADER);
  #have = 0;
  #left = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let at = 0;
    while (at < chunk.length) at += this.#left > 0 ? this.#content(chunk, at) : this.#head(chunk, at);
    done();
  }

  #content(chunk: Buffer, at: number): number {
    const length = Math.min(this.#left, chunk.length - at);
    this.push(chunk.subarray(at, at + length));
    this.#left -= length;
    return length;
  }

  #head(chunk: Buffer, at: number): number {
    const length = chunk.copy(this.#header, this.#have, at, at + HEADER - this.#have);
    this.#have += length;
    if (this.#have === HEADER) {
      this.#have = 0;
      this.#left = this.#header.readUInt32BE(4);
    }
    return length;
  }
}

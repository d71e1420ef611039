// The engine's multiplexed output: pieces of stdout and stderr, each behind 8 bytes that say which and how long, and the
// engine's own words where it cannot go on.

import type { LogStream } from "../model/logs.js";

const HEADER = 8;
const STDERR = 2;
const ENGINE = 3;

export type LogFrame = { readonly stream: LogStream | "engine"; readonly bytes: Buffer };

/** Takes the output apart, however it was cut into chunks. What is left of a frame at the end was never whole. */
export class LogFrames {
  #held: Buffer[] = [];
  #size = 0;
  #wanted = HEADER;

  /** The frames that are whole with this chunk; their bytes are parts of it where they can be. */
  take(chunk: Buffer): readonly LogFrame[] {
    this.#held.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#wanted) return [];
    const bytes = this.#held.length === 1 ? chunk : Buffer.concat(this.#held, this.#size);
    const frames: LogFrame[] = [];
    let at = 0;
    for (this.#wanted = lengthAt(bytes, at); bytes.length - at >= this.#wanted; this.#wanted = lengthAt(bytes, at)) {
      const end = at + this.#wanted;
      frames.push({ stream: streamOf(bytes[at]), bytes: bytes.subarray(at + HEADER, end) });
      at = end;
    }
    this.#held = [bytes.subarray(at)];
    this.#size = bytes.length - at;
    return frames;
  }
}

function streamOf(type: number | undefined): LogFrame["stream"] {
  if (type === STDERR) return "stderr";
  return type === ENGINE ? "engine" : "stdout";
}

/** Of the frame that begins there, with its header; of the header alone while that is not whole. */
function lengthAt(bytes: Buffer, at: number): number {
  return bytes.length - at < HEADER ? HEADER : HEADER + bytes.readUInt32BE(at + 4);
}

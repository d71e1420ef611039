// The last bytes of what a container has written.

import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Engine } from "./engine.js";
import { refusedWith } from "./failure.js";
import { LogFrames } from "./log-frames.js";

const DEADLINE: Milliseconds = 5 * SECOND;

/** Stdout and stderr as the engine took them in; between the two their order may differ from the program's. Empty when the container is gone, or its log driver cannot be read. */
export async function logTail(engine: Engine, id: string, bytes: number): Promise<string> {
  // Every line has at least its newline, so more lines than bytes are never needed.
  const query = { stdout: true, stderr: true, tail: String(bytes) };
  const reading = new AbortController();
  try {
    const path = `/containers/${id}/logs`;
    const stream = await engine.stream({ method: "GET", path, query, deadline: DEADLINE }, reading.signal);
    return text(await lastOf(stream, bytes));
  } catch (error) {
    if (refusedWith(error, 404, 409) || (refusedWith(error, 500, 501) && /does not support reading/.test(error.text)))
      return "";
    throw error;
  } finally {
    reading.abort();
  }
}

async function lastOf(stream: AsyncIterable<Buffer>, bytes: number): Promise<Buffer> {
  const frames = new LogFrames();
  const kept: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const pieces = frames.take(chunk).map((frame) => frame.bytes);
    kept.push(...pieces);
    length += pieces.reduce((sum, piece) => sum + piece.length, 0);
    for (let first = kept[0]; first !== undefined && length - first.length >= bytes; first = kept[0]) {
      length -= first.length;
      kept.shift();
    }
  }
  return Buffer.concat(kept).subarray(-bytes);
}

/** The cut may go through a character: its rest is left out. */
function text(tail: Buffer): string {
  let start = 0;
  while (start < Math.min(3, tail.length) && ((tail[start] ?? 0) & 0xc0) === 0x80) start++;
  return tail.subarray(start).toString("utf8");
}

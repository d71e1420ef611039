// Lines put together from the pieces that the engine divides long ones into.

import type { LogLine, LogStream, Nanoseconds } from "../model/logs.js";
import { LineTimes } from "./line-times.js";
import type { LogFrame } from "./log-frames.js";

/** The engine divides lines there. */
const PIECE = 16 * 1024;
/** This much of one line is put together again. */
const LONGEST_LINE = 1024 * 1024;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;

type Begun = { readonly at: Nanoseconds; readonly pieces: Buffer[]; size: number };

/** Each piece has a time of its own before it: the first one counts. */
export class WholeLines {
  readonly #begun = new Map<LogStream, Begun>();
  readonly #clock = new LineTimes();

  /** @param until lines from then on are left out. */
  constructor(private readonly until: Nanoseconds | undefined) {}

  /** The lines that end in these; what the engine says itself is none. */
  take(frames: readonly LogFrame[]): readonly LogLine[] {
    const whole: LogLine[] = [];
    for (const { stream, bytes } of frames) {
      if (stream === "engine") continue;
      const start = bytes.indexOf(SPACE) + 1;
      const text = bytes.subarray(start);
      const begun = this.#unlessFull(whole, stream, text);
      if (begun === undefined && isEnd(text)) {
        this.#add(whole, { at: this.#clock.read(bytes, start - 1), stream, text: withoutEnd(text) });
        continue;
      }
      const line = begun ?? { at: this.#clock.read(bytes, start - 1), pieces: [], size: 0 };
      line.pieces.push(text);
      line.size += text.length;
      this.#begun.set(stream, line);
      if (isEnd(text)) this.#finish(whole, stream, line);
    }
    return whole;
  }

  /** What has no end yet. */
  rest(): readonly LogLine[] {
    const whole: LogLine[] = [];
    for (const [stream, line] of this.#begun) this.#finish(whole, stream, line);
    return whole;
  }

  /** The line that goes on with this piece; one that would be too long for that is divided. */
  #unlessFull(whole: LogLine[], stream: LogStream, text: Buffer): Begun | undefined {
    const begun = this.#begun.get(stream);
    if (begun === undefined || begun.size < LONGEST_LINE || withoutEnd(text) === "") return begun;
    this.#finish(whole, stream, begun);
    return undefined;
  }

  #finish(whole: LogLine[], stream: LogStream, { at, pieces }: Begun): void {
    this.#begun.delete(stream);
    this.#add(whole, { at, stream, text: withoutEnd(Buffer.concat(pieces)) });
  }

  #add(whole: LogLine[], line: LogLine): void {
    if (this.until === undefined || line.at < this.until) whole.push(line);
  }
}

/** Whether a line ends with this piece. */
export function endsLine({ bytes }: LogFrame): boolean {
  return isEnd(bytes.subarray(bytes.indexOf(SPACE) + 1));
}

/** The driver "local" leaves out the line end of a line that was divided; but only its last piece is a short one. */
function isEnd(text: Buffer): boolean {
  return text.at(-1) === NEWLINE || text.length < PIECE;
}

function withoutEnd(text: Buffer): string {
  if (text.at(-1) !== NEWLINE) return text.toString("utf8");
  return text.toString("utf8", 0, text.length - (text.at(-2) === RETURN ? 2 : 1));
}

// The lines of one container, with the time at which the engine took each in.

import { TheseusError } from "../model/errors.js";
import { SECOND } from "../model/instant.js";
import type { LogLine, LogQuery, LogStream, Nanoseconds } from "../model/logs.js";
import type { Engine } from "./engine.js";
import { EngineRefusal, refusedWith } from "./failure.js";
import { LineTimes } from "./line-times.js";
import { type LogFrame, LogFrames } from "./log-frames.js";

/** The engine divides longer lines; this much of one is put together again. */
const LONGEST_LINE = 1024 * 1024;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const NANOS = 1_000_000_000n;

/**
 * In the order in which the engine has them, as many at a time as came together. Ends with the container when it is
 * followed, else where the log ends now; nothing for a container that is gone, or whose log driver cannot be read.
 * Fails with HOST_UNREACHABLE.
 */
export async function* logLines(
  engine: Engine,
  id: string,
  query: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<readonly LogLine[]> {
  const reading = new AbortController();
  const frames = new LogFrames();
  const lines = new Lines(query.until);
  try {
    const chunks: AsyncIterable<Buffer> = await engine.stream(
      { method: "GET", path: `/containers/${id}/logs`, query: asked(query), deadline: 10 * SECOND },
      AbortSignal.any([signal, reading.signal]),
    );
    for await (const chunk of chunks) {
      const whole = lines.take(frames.take(chunk));
      if (whole.length > 0) yield whole;
    }
    const last = lines.rest();
    if (last.length > 0) yield last;
  } catch (error) {
    if (isWithoutLogs(error)) return;
    if (error instanceof TheseusError || error instanceof EngineRefusal || signal.aborted) throw error;
    throw brokenOff(engine.host, id, error);
  } finally {
    reading.abort();
  }
}

function brokenOff(host: string, id: string, cause: unknown): TheseusError {
  return new TheseusError("HOST_UNREACHABLE", {
    what: `the log of ${id.slice(0, 12)} broke off`,
    why: [`Docker on ${host} closed the connection: ${cause instanceof Error ? cause.message : String(cause)}`],
    now: "lines may be missing",
    metadata: { host },
    retryable: true,
    cause,
  });
}

function isWithoutLogs(error: unknown): boolean {
  if (refusedWith(error, 404, 409)) return true;
  return refusedWith(error, 500, 501) && /does not support reading/.test(error.text);
}

function asked({ since, until, tail, follow }: LogQuery): Record<string, string | boolean> {
  return {
    ...{ stdout: true, stderr: true, timestamps: true, follow },
    ...(since === undefined ? {} : { since: seconds(since) }),
    ...(until === undefined ? {} : { until: seconds(until) }),
    ...(tail === undefined ? {} : { tail: String(tail) }),
  };
}

function seconds(at: Nanoseconds): string {
  return `${at / NANOS}.${String(at % NANOS).padStart(9, "0")}`;
}

type Begun = { readonly at: Nanoseconds; readonly pieces: Buffer[]; size: number };

/** A line that the engine divided has a time before each of its pieces: the first one counts. */
class Lines {
  readonly #begun = new Map<LogStream, Begun>();
  readonly #clock = new LineTimes();

  constructor(private readonly until: Nanoseconds | undefined) {}

  take(frames: readonly LogFrame[]): readonly LogLine[] {
    const whole: LogLine[] = [];
    for (const { stream, bytes } of frames) {
      const start = bytes.indexOf(SPACE) + 1;
      const text = bytes.subarray(start);
      const begun = this.#begun.get(stream);
      if (begun === undefined && text.at(-1) === NEWLINE) {
        this.#add(whole, { at: this.#clock.read(bytes, start - 1), stream, text: withoutEnd(text) });
        continue;
      }
      const line = begun ?? { at: this.#clock.read(bytes, start - 1), pieces: [], size: 0 };
      line.pieces.push(text);
      line.size += text.length;
      this.#begun.set(stream, line);
      if (text.at(-1) === NEWLINE || line.size >= LONGEST_LINE) this.#finish(whole, stream, line);
    }
    return whole;
  }

  /** What has no end yet. */
  rest(): readonly LogLine[] {
    const whole: LogLine[] = [];
    for (const [stream, line] of this.#begun) this.#finish(whole, stream, line);
    return whole;
  }

  #finish(whole: LogLine[], stream: LogStream, { at, pieces }: Begun): void {
    this.#begun.delete(stream);
    this.#add(whole, { at, stream, text: withoutEnd(Buffer.concat(pieces)) });
  }

  #add(whole: LogLine[], line: LogLine): void {
    if (this.until === undefined || line.at < this.until) whole.push(line);
  }
}

function withoutEnd(text: Buffer): string {
  if (text.at(-1) !== NEWLINE) return text.toString("utf8");
  return text.toString("utf8", 0, text.length - (text.at(-2) === RETURN ? 2 : 1));
}

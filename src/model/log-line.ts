// One line that a container has written.

/** Nanoseconds since 1970: finer than anything else here, since the order of lines hangs on it. */
export type Nanoseconds = bigint;

export type LogStream = "stdout" | "stderr";

export type LogLine = {
  /** When the engine took it in, by the clock of its host. */
  readonly at: Nanoseconds;
  readonly stream: LogStream;
  /** Without its line end. */
  readonly text: string;
};

/**
 * A place in one log: behind the line that was taken in at that time, or behind so many with that very time. It does not
 * move when a clock is set.
 */
export type LogPosition = { readonly at: Nanoseconds; readonly lines: number };

/** The place behind these lines, which come right after `before`. */
export function positionAfter(before: LogPosition | undefined, lines: readonly LogLine[]): LogPosition | undefined {
  const at = lines.at(-1)?.at;
  if (at === undefined) return before;
  let count = 0;
  while (count < lines.length && lines[lines.length - 1 - count]?.at === at) count += 1;
  const more = count === lines.length && before?.at === at ? before.lines : 0;
  return { at, lines: count + more };
}

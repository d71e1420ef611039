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

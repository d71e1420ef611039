// What the merging of logs asks of the outside: which containers there are, what each has written, when to look again.

import type { LogLine, LogQuery, LogSource, LogTarget } from "../model/logs.js";

export interface LogSources {
  /** Of all engines that answer. HOST_UNREACHABLE when none does. */
  list(target: LogTarget): Promise<readonly LogSource[]>;
  /** Ends with the container when it is followed. HOST_UNREACHABLE, also midway. */
  lines(source: LogSource, query: LogQuery, signal: AbortSignal): AsyncIterable<readonly LogLine[]>;
  /** Resolves when other containers may be there, at the latest after a few seconds. Rejects with the signal's reason. */
  changed(target: LogTarget, signal: AbortSignal): Promise<void>;
}

// What containers have written, line by line.

import type { ObservedContainer } from "./container.js";
import type { Target } from "./discovery.js";
import type { LogLine, LogPosition, Nanoseconds } from "./log-line.js";

export type { LogLine, LogPosition, LogStream, Nanoseconds } from "./log-line.js";

export type LogQuery = {
  /** Lines from then on, inclusive. */
  readonly since?: Nanoseconds;
  /** Lines before that; of a log that is not followed. */
  readonly until?: Nanoseconds;
  /** Only the last so many of those that are there. */
  readonly tail?: number;
  /** Only what comes behind this place; everything where the log does not reach back to it any more. */
  readonly after?: LogPosition;
  /** Without a last line that has no end yet: more of it may come. */
  readonly finished?: true;
  /** Goes on until the container ends. */
  readonly follow: boolean;
};

/** One container among those whose lines are merged. */
export type LogSource = Pick<ObservedContainer, "id" | "name" | "host" | "owner" | "status" | "startedAt">;

/** Whose lines are asked for. */
export type LogTarget = {
  readonly picks: readonly LogPick[];
  /** Empty: all hosts. */
  readonly host: string;
};

export type LogPick = {
  readonly target: Target;
  /** Empty: all slots. */
  readonly slots: readonly number[];
};

/** A line with the container that has written it. */
export type SourceLine = { readonly source: LogSource; readonly line: LogLine };

/** What merged logs are made of. */
export type LogPart =
  /** The first one, at once: whose lines these are. */
  | { readonly kind: "found"; readonly sources: readonly LogSource[] }
  | { readonly kind: "lines"; readonly lines: readonly SourceLine[] }
  /** Its lines come from now on. */
  | { readonly kind: "joined"; readonly source: LogSource }
  /** It has ended, and there is no more of it. */
  | { readonly kind: "ended"; readonly source: LogSource }
  /** Its lines cannot be had now; in a followed log they are tried again. */
  | { readonly kind: "missing"; readonly source: LogSource; readonly why: string };

/** Where the log of one container stood that was read before. */
export type LogPlace = LogPosition & Pick<LogSource, "name" | "host">;

export type GroupLogsQuery = LogTarget &
  Omit<LogQuery, "after" | "finished"> & {
    /** Of these containers everything behind that is wanted, whatever `since` says; without `until` and `tail`. */
    readonly places?: readonly LogPlace[];
  };

/** Logs of groups, whichever engines they are on. */
export interface GroupLogs {
  /**
   * Lines of all containers of the target in the order of their times, those of each container as its engine has them;
   * `tail` counts merged lines. Followed, containers that are made later join, until the signal. HOST_UNREACHABLE when no engine can say which containers there are.
   */
  read(query: GroupLogsQuery, signal: AbortSignal): AsyncIterable<LogPart>;
}

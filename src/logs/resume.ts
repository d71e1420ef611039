// Where reading one container's log stands, so that going on there neither loses a line nor gives one twice.

import { positionAfter } from "../model/log-line.js";
import type { GroupLogsQuery, LogLine, LogPosition, LogQuery, LogSource, Nanoseconds } from "../model/logs.js";

export class ResumePoint {
  #position: LogPosition | undefined;

  /** @param from what was written before is not wanted, as long as no line of the log is known. */
  constructor(
    private readonly from?: Nanoseconds,
    position?: LogPosition,
  ) {
    this.#position = position;
  }

  get hasLines(): boolean {
    return this.#position !== undefined;
  }

  /** Where to read on: behind the last line that was seen. */
  get asked(): Pick<LogQuery, "since" | "after"> {
    if (this.#position !== undefined) return { after: this.#position };
    return this.from === undefined ? {} : { since: this.from };
  }

  /** These were seen, one after the other as the log has them. */
  note(lines: readonly LogLine[]): void {
    this.#position = positionAfter(this.#position, lines);
  }
}

/** Where reading this container's log begins. */
export function beginningOf(query: GroupLogsQuery, source: LogSource): ResumePoint {
  return new ResumePoint(query.since, placeOf(query, source));
}

/** Where who asks stood with it. */
export function placeOf({ places = [] }: GroupLogsQuery, { name, host }: LogSource): LogPosition | undefined {
  return places.find((place) => place.name === name && place.host === host);
}

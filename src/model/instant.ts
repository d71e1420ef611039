// Time as values. Wall time is for records that outlive a process; durations are measured by Clock.monotonic.

/** Milliseconds since 1970 by the wall clock. */
export type Instant = number;
/** A length of time in milliseconds. */
export type Milliseconds = number;

export const SECOND: Milliseconds = 1000;
export const MINUTE: Milliseconds = 60 * SECOND;
export const HOUR: Milliseconds = 60 * MINUTE;

// Lengths and points of time: the model's milliseconds <-> the proto's Duration and Date.

import type { Duration } from "../../clients/gen/google/protobuf/duration.js";
import type { Instant, Milliseconds } from "../model/instant.js";
import type { Report } from "./violations.js";

/** Absent stays absent. Signs, overlong values and parts of a millisecond are reported. */
export function toLength(duration: Duration | undefined, report: Report): Milliseconds | undefined {
  if (duration === undefined) return undefined;
  const { seconds, nanos } = duration;
  if (Math.abs(nanos) > 999_999_999 || (seconds > 0n && nanos < 0) || (seconds < 0n && nanos > 0)) {
    report("", `its nanos ${nanos} do not go with its seconds`);
    return undefined;
  }
  if (seconds > 315_576_000_000n || seconds < -315_576_000_000n) {
    report("", "it is more than 31 days");
    return undefined;
  }
  return Number(seconds) * 1000 + nanos / 1_000_000;
}

export function toDuration(length: Milliseconds | undefined): Duration | undefined {
  if (length === undefined) return undefined;
  const whole = Math.trunc(length / 1000);
  return { seconds: BigInt(whole), nanos: Math.round((length - whole * 1000) * 1_000_000) };
}

export function toDate(instant: Instant | undefined): Date | undefined {
  return instant === undefined ? undefined : new Date(instant);
}

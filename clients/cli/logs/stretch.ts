// Which stretch of the logs is asked for: at first what the flags say, after a break what was not received.

import type { LogPosition } from "../../gen/theseus/v1/theseus_service.js";
import type { Asked } from "./asked.js";
import type { GoingOn } from "./going-on.js";

export interface Stretch {
  readonly since?: Date;
  readonly tail?: bigint;
  readonly after?: LogPosition[];
}

/** As the flags say. */
export function firstStretch({ since, tail }: Pick<Asked, "since" | "tail">): Stretch {
  return { ...(since === undefined ? {} : { since }), ...(tail === undefined ? {} : { tail: BigInt(tail) }) };
}

/**
 * Everything that was not received, however much it is. No time by our own clock: it may be ahead of those of the hosts.
 * @param isPartial of some containers nothing could be had: where no line was received at all, nobody knows what is new.
 */
export function nextStretch(asked: Pick<Asked, "since" | "tail">, goingOn: GoingOn, isPartial: boolean): Stretch {
  const { earliest, places: after } = goingOn;
  if (asked.tail === undefined) return { ...firstStretch(asked), after };
  if (earliest !== undefined) return { since: earliest, after };
  // There was no line that the tail could have cut off.
  return firstStretch(isPartial ? asked : { since: asked.since, tail: undefined });
}

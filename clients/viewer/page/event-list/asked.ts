// Which events are looked at, as it stands in the address. Pure.

import type { EventRow } from "../../wire.js";
import type { Span } from "../plot/axis.js";
import type { Query } from "../view-url.js";

export interface EventQuestion {
  /** "" of each: any. */
  readonly ns: string;
  readonly ref: string;
  readonly host: string;
  readonly actor: string;
  readonly text: string;
  /** undefined: all of the time. */
  readonly picked: Span | undefined;
}

export function eventQuestion({
  ns = "",
  ref = "",
  host = "",
  actor = "",
  q = "",
  from = "",
  to = "",
}: Query): EventQuestion {
  const [begin, end] = [Number(from), Number(to)];
  const picked = from !== "" && to !== "" && end > begin ? { from: begin, to: end } : undefined;
  return { ns, ref, host, actor, text: q, picked };
}

/** All but the time. */
export function chosenEvents(events: readonly EventRow[], asked: EventQuestion): EventRow[] {
  const text = asked.text.toLowerCase();
  return events.filter(
    (event) =>
      isAny(asked.host, event.host) &&
      isAny(asked.actor, event.actor) &&
      isAny(asked.ref, event.ref) &&
      (text === "" || `${event.kind} ${event.text} ${event.ref} ${event.actor}`.toLowerCase().includes(text)),
  );
}

/** The gateway tells no more than that, the newest. */
const MOST_TOLD = 2_000;

/** How many are shown; what is told is not taken for the whole where there may be more. */
export function countText(seen: number, told: number): string {
  if (told < MOST_TOLD) return `${seen} of ${told} events`;
  return `${seen} of the newest ${told.toLocaleString("en")} events: older ones are not here`;
}

/** Every value that is there, to choose from. */
export function valuesOf(events: readonly EventRow[], field: "ref" | "host" | "actor"): string[] {
  return [...new Set(events.map((event) => event[field]))].filter((value) => value !== "").sort();
}

function isAny(asked: string, value: string): boolean {
  return asked === "" || asked === value;
}

// How many events there were over time, as bars, and the part of the time that is looked at. Pure.

import type { EventRow } from "../../wire.js";
import type { Span } from "../plot/axis.js";
import { isByPerson } from "./runs.js";

export interface Bar extends Span {
  readonly count: number;
  readonly people: number;
  readonly trouble: number;
}

const TROUBLE = /fail|lost|unhealthy|crash|exit|roll(?:ed|ing)?[- _]?back|abort|silent|evict|cannot|problem/i;

/** Something went wrong; told by the word of its kind. */
export function isTrouble({ kind }: Pick<EventRow, "kind">): boolean {
  return TROUBLE.test(kind);
}

/** `most` bars of the same length over the whole span. */
export function barsOf(events: readonly EventRow[], span: Span, most: number): Bar[] {
  const length = Math.max(1, (span.to - span.from) / most);
  const bars = Array.from({ length: most }, (_, at) => ({
    from: span.from + at * length,
    to: span.from + (at + 1) * length,
    count: 0,
    people: 0,
    trouble: 0,
  }));
  for (const event of events) {
    const bar = bars[Math.min(most - 1, Math.floor((event.time - span.from) / length))];
    if (bar === undefined || event.time > span.to) continue;
    bar.count += 1;
    if (isByPerson(event)) bar.people += 1;
    if (isTrouble(event)) bar.trouble += 1;
  }
  return bars;
}

/** From the oldest to now, and never so short that nothing can be picked in it. */
export function spanOfEvents(events: readonly EventRow[], now: number): Span {
  const oldest = Math.min(now - 60_000, ...events.map(({ time }) => time));
  return { from: oldest, to: now };
}

/** What was picked, put in order and kept within the span; undefined: no part of it, so all. */
export function pickedOf(span: Span, a: number, b: number): Span | undefined {
  const [from, to] = [Math.max(span.from, Math.min(a, b)), Math.min(span.to, Math.max(a, b))];
  if (!(to > from)) return undefined;
  return from <= span.from && to >= span.to ? undefined : { from, to };
}

export function within(events: readonly EventRow[], picked: Span | undefined): readonly EventRow[] {
  return picked === undefined ? events : events.filter(({ time }) => time >= picked.from && time <= picked.to);
}

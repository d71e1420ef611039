// Sixty minutes, each with the worst that happened in it. Pure.

import type { EventRow } from "../../wire.js";
import type { Tone } from "../parts/state-look.js";

const MINUTE = 60_000;
const MINUTES = 60;

export interface MinuteMark {
  /** When it begins. */
  readonly minute: number;
  readonly count: number;
  readonly bad: number;
  readonly glyph: string;
  readonly tone: Tone;
}

type Weight = 0 | 1 | 2 | 3;

/** Failures weigh most, then what people did, then what Theseus did by itself. */
function weightOf({ kind, actor }: EventRow): Weight {
  if (/fail|lost|silent|rolled-back|killed|unhealthy/.test(kind)) return 3;
  return actor === "theseus" ? 1 : 2;
}

const GLYPHS: readonly (readonly [glyph: string, tone: Tone])[] = [
  ["·", "muted"],
  ["◐", "busy"],
  ["▲", "warn"],
  ["✗", "bad"],
];

/** Of the hour before `end`, oldest first. */
export function minuteMarks(events: readonly EventRow[], end: number): MinuteMark[] {
  const start = end - MINUTES * MINUTE;
  const minutes = Array.from({ length: MINUTES }, () => ({ count: 0, bad: 0, worst: 0 as Weight }));
  for (const event of events) {
    const minute = minutes[Math.floor((event.time - start) / MINUTE)];
    if (minute === undefined) continue;
    const weight = weightOf(event);
    minute.count += 1;
    if (weight === 3) minute.bad += 1;
    if (weight > minute.worst) minute.worst = weight;
  }
  return minutes.map(({ count, bad, worst }, at) => {
    const [glyph, tone] = GLYPHS[worst] ?? ["·", "muted"];
    return { minute: start + at * MINUTE, count, bad, glyph, tone };
  });
}

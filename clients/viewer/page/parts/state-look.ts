// Each state word with its glyph and tone. The glyph and the word tell; colour only helps. Pure.

export type Tone = "ok" | "busy" | "warn" | "bad" | "muted";

export interface Look {
  readonly glyph: string;
  readonly tone: Tone;
  /** What needs a person is 0, what moves 1, what is as it should be 2. */
  readonly rank: 0 | 1 | 2;
}

const OK: Look = { glyph: "✓", tone: "ok", rank: 2 };
const BUSY: Look = { glyph: "◐", tone: "busy", rank: 1 };
const WAITING: Look = { glyph: "◌", tone: "muted", rank: 1 };
const PAUSED: Look = { glyph: "‖", tone: "warn", rank: 1 };
const WARN: Look = { glyph: "▲", tone: "warn", rank: 0 };
const BAD: Look = { glyph: "✗", tone: "bad", rank: 0 };
const LEAVING: Look = { glyph: "↓", tone: "busy", rank: 1 };
const OVER: Look = { glyph: "–", tone: "muted", rank: 2 };
const UNKNOWN: Look = { glyph: "?", tone: "muted", rank: 0 };

const LOOKS: ReadonlyMap<string, Look> = new Map([
  ["steady", OK],
  ["ready", OK],
  ["healthy", OK],
  ["serving", OK],
  ["done", OK],
  ["starting", BUSY],
  ["creating", BUSY],
  ["rolling", BUSY],
  ["running", BUSY],
  ["rolling-back", BUSY],
  ["waiting", WAITING],
  ["paused", PAUSED],
  ["cordoned", PAUSED],
  ["degraded", WARN],
  ["unhealthy", WARN],
  ["failing", BAD],
  ["failed", BAD],
  ["lost", BAD],
  ["rolled-back", BAD],
  ["rollback-failed", BAD],
  ["draining", LEAVING],
  ["stopping", LEAVING],
  ["removing", LEAVING],
  ["stopped", OVER],
  ["superseded", OVER],
  ["aborted", OVER],
  ["silent", UNKNOWN],
  ["stale", UNKNOWN],
  ["unknown", UNKNOWN],
]);

/** A word that is not known looks unknown. */
export const lookOf = (word: string): Look => LOOKS.get(word) ?? UNKNOWN;

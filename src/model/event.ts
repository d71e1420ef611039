// The timeline: who did what, and what Theseus did and why. Types, how much of it is kept, and who reads it.

import { HOUR, type Instant, type Milliseconds } from "./instant.js";
import type { GroupRef } from "./reference.js";

/** Who acts where no person does. */
export const THESEUS = "theseus";

export type Event = {
  readonly at: Instant;
  /** As claimed by a person, or THESEUS; empty where nobody said who asks. */
  readonly actor: string;
  /** Absent: it is about the whole cluster. */
  readonly group?: GroupRef;
  readonly slot?: number;
  readonly host?: string;
  readonly configRevision?: number;
  /** A stable word for programs. */
  readonly kind: EventKind;
  /** What exactly, and why, for people. */
  readonly text: string;
};

/** More may come. */
export type EventKind = ByPeople | ByTheseus | (string & Record<never, never>);
type ByPeople =
  | ("created" | "updated" | "undone" | "restarted" | "removed")
  | ("paused" | "resumed" | "promoted" | "aborted")
  | ("namespace-created" | "namespace-removed" | "recovery-decided");
type ByTheseus =
  | ("rollout-begun" | "rollout-waits" | "rollout-done" | "rollout-failed" | "rollout-superseded")
  | ("rolling-back" | "rolled-back" | "rollback-failed" | "rollout-aborted")
  | ("container-failed" | "group-gone" | "host-silent" | "host-back" | "leader");

/** Of one namespace. What is past these bounds stays until it is swept. */
export const EVENTS_KEPT = 1000;
export const EVENTS_KEPT_FOR: Milliseconds = 7 * 24 * HOUR;

const LONGEST_TEXT = 1000;

/** At most so long that many fit into one write. */
export function eventText(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  const end = text.slice(0, LONGEST_TEXT - 1);
  return `${/[\uD800-\uDBFF]$/.test(end) ? end.slice(0, -1) : end}…`;
}

/** The events of one write, as far as their key tells. */
export type EventsKept = { readonly at: Instant; readonly count: number };

/** Of the writes of one namespace those that go: too old, or behind the newest events that are kept. */
export function eventsPast<K extends EventsKept>(kept: readonly K[], now: Instant): readonly K[] {
  const newestFirst = [...kept].sort((a, b) => b.at - a.at);
  let events = 0;
  return newestFirst.filter(({ at, count }) => {
    events += count;
    return at < now - EVENTS_KEPT_FOR || events > EVENTS_KEPT;
  });
}

export type EventsAsked = {
  /** Undefined: of every namespace. What is about the whole cluster comes with any. */
  readonly namespace?: string;
  /** From then on, inclusive. */
  readonly since?: Instant;
  /** Goes on with what happens from now on, until the signal. */
  readonly follow: boolean;
};

export interface Timeline {
  /**
   * Oldest first, as far as it is kept; followed, an empty list says that all of the past was told. A reader that is
   * slower than what happens is told what is still kept. STORE_UNREACHABLE
   */
  readEvents(asked: EventsAsked, signal: AbortSignal): AsyncIterable<readonly Event[]>;
}

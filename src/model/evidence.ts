// What is kept of a container that failed, taken before it is removed: types, how much of it, and how long.

import type { Reason } from "./errors.js";
import type { Instant } from "./instant.js";
import type { LogLine } from "./log-line.js";

export type Evidence = {
  /** Name of the container: of one container there is one evidence, the first that was taken. */
  readonly container: string;
  readonly slot: number;
  readonly generation: number;
  readonly configRevision: number;
  readonly host: string;
  /** When it was taken. */
  readonly at: Instant;
  readonly reason: Reason;
  readonly text: string;
  /** Absent where it had not ended by itself. */
  readonly exitCode?: number;
  readonly outOfMemory: boolean;
  /** The last answers of its health checks, the newest last. */
  readonly health: readonly string[];
  /** The last it has written, the newest last. */
  readonly lines: readonly LogLine[];
  /** Why its lines could not be had. */
  readonly unread?: string;
};

/** How a container stands on its engine when it is given up. */
export type Aftermath = {
  /** Absent where it has not ended. */
  readonly exitCode?: number;
  readonly outOfMemory: boolean;
  /** Of Docker's own health check, the newest last; none where there is no such check. */
  readonly answers: readonly string[];
};

/** Bytes of a container's output that are kept, and the most lines they are divided into. */
export const OUTPUT_KEPT = 4096;
export const LINES_KEPT = 100;
export const ANSWERS_KEPT = 5;
const LONGEST_ANSWER = 300;
/** Of one slot and config revision, and of a group. */
export const KEPT_PER_SLOT = 2;
export const KEPT_PER_GROUP = 20;

/** What tells one evidence from another without its content. */
export type EvidenceKey = Pick<Evidence, "configRevision" | "slot" | "container">;

/**
 * Those that go so that one more may come: of its slot and config revision the newest stay, and of the group; before all
 * others those that are spared.
 * @param kept what is there, newest first.
 */
export function makingRoom<K extends EvidenceKey>(
  kept: readonly K[],
  next: EvidenceKey,
  spared: readonly string[],
): readonly K[] {
  let ofSlot = 1;
  let ofGroup = 1;
  const isSpared = ({ container }: K): boolean => spared.includes(container);
  return [...kept.filter(isSpared), ...kept.filter((one) => !isSpared(one))].filter((one) => {
    const isOfSlot = one.slot === next.slot && one.configRevision === next.configRevision;
    if (ofGroup >= KEPT_PER_GROUP || (isOfSlot && ofSlot >= KEPT_PER_SLOT)) return true;
    ofGroup += 1;
    if (isOfSlot) ofSlot += 1;
    return false;
  });
}

/** The end of what was written: whole lines as far as they fit; of a newest line that is too long its end. */
export function lastOutput(lines: readonly LogLine[]): readonly LogLine[] {
  let left = OUTPUT_KEPT;
  const kept: LogLine[] = [];
  for (const line of lines.slice(-LINES_KEPT).reverse()) {
    const text = endOf(line.text, left);
    if (text.length < line.text.length) {
      if (kept.length === 0) kept.push({ ...line, text: `…${text}` });
      break;
    }
    kept.push(line);
    // The line end counts too, so that empty lines are not for nothing.
    left -= utf8Length(line.text) + 1;
    if (left <= 0) break;
  }
  return kept.reverse();
}

/** The last answers, each on one line of a bounded length. */
export function lastAnswers(answers: readonly string[]): readonly string[] {
  return answers.slice(-ANSWERS_KEPT).map((answer) => {
    const text = answer.trim().replace(/\s+/g, " ");
    return text.length > LONGEST_ANSWER ? `${[...text.slice(0, LONGEST_ANSWER)].slice(0, -1).join("")}…` : text;
  });
}

/** As much of the end as takes no more bytes in UTF-8. */
function endOf(text: string, bytes: number): string {
  let start = text.length;
  for (let used = 0; start > 0; ) {
    const length = isLowSurrogate(text.charCodeAt(start - 1)) && start > 1 ? 2 : 1;
    used += utf8Length(text.slice(start - length, start));
    if (used > bytes) break;
    start -= length;
  }
  return text.slice(start);
}

const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

// One line of a merged log as the page keeps it, and what orders and names lines. Pure.

import type { LogLines } from "../../wire.js";
import { type Level, levelOf } from "./level.js";

export interface Source {
  readonly ns: string;
  readonly ref: string;
  readonly name: string;
  readonly slot: number;
  readonly rev: number;
  readonly host: string;
}

export interface LogLine {
  /** The same for the same line, however often it is read: container, time, and which one of that time. */
  readonly key: string;
  readonly source: Source;
  /** Nanoseconds since 1970 as decimal digits. */
  readonly nanos: string;
  readonly stderr: boolean;
  readonly text: string;
  readonly level: Level | "";
}

/** Something that happened among the lines: a container came or went, a rollout began. */
export interface Marker {
  readonly key: string;
  readonly nanos: string;
  readonly marker: "joined" | "ended" | "missing" | "rollout" | "gap";
  readonly text: string;
}

export type Entry = LogLine | Marker;

export function isMarker(entry: Entry): entry is Marker {
  return "marker" in entry;
}

/** Below 0: `a` is earlier. Digits of different length are told apart too. */
export function compareNanos(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function nanosOf(milliseconds: number): string {
  return `${BigInt(Math.max(0, Math.floor(milliseconds))) * 1_000_000n}`;
}

export function millisOf(nanos: string): number {
  return Number(nanos.slice(0, -6) || "0");
}

/** Reads the messages of one connection: names each line so that a second connection names it alike. */
export class LineReader {
  readonly #sources = new Map<number, Source>();
  readonly #levels = new Map<number, Level | "">();
  readonly #counted = new Map<number, { nanos: string; count: number }>();

  read({ sources, lines }: LogLines): LogLine[] {
    for (const { number, ...source } of sources) this.#sources.set(number, source);
    return lines.flatMap(([number, nanos, stderr, text]) => {
      const source = this.#sources.get(number);
      if (source === undefined || !/^\d+$/.test(nanos)) return [];
      const key = `${source.ns} ${source.ref} ${source.name} ${nanos} ${this.#count(number, nanos)}`;
      return [{ key, source, nanos, stderr: stderr === 1, text, level: this.#level(number, text) }];
    });
  }

  /** undefined: not told of yet. */
  source(number: number): Source | undefined {
    return this.#sources.get(number);
  }

  #count(number: number, nanos: string): number {
    const last = this.#counted.get(number);
    const count = last?.nanos === nanos ? last.count + 1 : 0;
    this.#counted.set(number, { nanos, count });
    return count;
  }

  /** A line that goes on with the one before it, as those of a stack do, has its level. */
  #level(number: number, text: string): Level | "" {
    const goesOn = /^(\s+\S|Caused by:|\.\.\. \d+ more)/.test(text);
    const level = levelOf(text) || (goesOn ? (this.#levels.get(number) ?? "") : "");
    this.#levels.set(number, level);
    return level;
  }
}

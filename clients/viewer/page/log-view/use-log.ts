// A merged log that is followed: one stream, its lines in a ring, painted at most each 250 ms.

import { type ReadonlySignal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { ApiError, LogLines } from "../../wire.js";
import { openStream } from "../live/browser.js";
import { gatewayNow } from "../live/clock.js";
import type { Refused } from "../live/ports.js";
import type { StreamState } from "../live/stream.js";
import { isMeant, type LogQuestion, streamPath } from "./asked.js";
import { LineReader, type Marker, nanosOf, type Source } from "./line.js";
import { LogRing } from "./ring.js";

export interface FollowedLog {
  readonly ring: LogRing;
  /** Goes up with each painting. */
  readonly version: ReadonlySignal<number>;
  /** What was written before has had time to come. */
  readonly isRead: ReadonlySignal<boolean>;
  readonly state: ReadonlySignal<StreamState["state"]>;
  readonly refused: ReadonlySignal<Refused | undefined>;
  /** Why the stream broke off; "" while it is there. */
  readonly failed: ReadonlySignal<string>;
  /** Slots and hosts that lines came from. */
  readonly sources: ReadonlySignal<readonly Source[]>;
}

const PAINT_EACH = 250;
/** A log of which nothing has come for so long has nothing. */
const READ_AFTER = 1_000;

class Follower implements FollowedLog {
  readonly ring = new LogRing();
  readonly version = signal(0);
  readonly isRead = signal(false);
  readonly state = signal<StreamState["state"]>("connecting");
  readonly refused = signal<Refused | undefined>(undefined);
  readonly failed = signal("");
  readonly sources = signal<readonly Source[]>([]);
  readonly #known = new Map<string, Source>();
  #reader = new LineReader();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reading: ReturnType<typeof setTimeout> | undefined;
  #newest = "";
  #notes = 0;

  /** @returns how to stop. */
  follow(question: LogQuestion): () => void {
    const path = () => {
      // Another connection numbers its sources anew.
      this.#reader = new LineReader();
      return streamPath(question, this.#newest);
    };
    const stream = openStream(path, {
      event: ({ name, data }) => {
        if (name === "lines") this.#take(question, JSON.parse(data) as LogLines);
        if (name === "failed") this.failed.value = (JSON.parse(data) as ApiError).error.message;
      },
      state: ({ state }) => {
        this.state.value = state;
        if (state !== "live") return;
        this.failed.value = "";
        this.#reading ??= setTimeout(() => {
          this.isRead.value = true;
        }, READ_AFTER);
      },
      failed: (why) => {
        this.failed.value = why.message;
      },
      refused: (why) => {
        this.refused.value = why;
      },
    });
    return () => {
      stream.close();
      clearTimeout(this.#timer);
      clearTimeout(this.#reading);
    };
  }

  #take({ targets }: LogQuestion, message: LogLines): void {
    const lines = this.#reader.read(message).filter(({ source }) => isMeant(targets, source));
    const newest = lines.at(-1)?.nanos ?? this.#newest;
    this.ring.add(lines);
    if (newest > this.#newest || newest.length > this.#newest.length) this.#newest = newest;
    this.ring.add(message.notes.flatMap((note) => this.#marker(note)));
    for (const { number: _, ...source } of message.sources)
      this.#known.set(`${source.ns} ${source.ref} ${source.name}`, source);
    this.#timer ??= setTimeout(() => this.#paint(), PAINT_EACH);
  }

  #paint(): void {
    this.#timer = undefined;
    if (this.sources.peek().length !== this.#known.size) this.sources.value = [...this.#known.values()];
    this.version.value += 1;
  }

  /** Notes have no time of their own: they stand where they came. */
  #marker({ source: number, kind, text }: LogLines["notes"][number]): Marker[] {
    const source = this.#reader.source(number);
    if (source === undefined) return [];
    this.#notes += 1;
    const place = `${source.ref}:${source.slot} rev ${source.rev} on ${source.host}`;
    const words = { joined: "has joined", ended: "is gone", missing: `: lines are missing: ${text}` };
    const nanos = this.#newest === "" ? nanosOf(gatewayNow()) : this.#newest;
    return [{ key: `note ${this.#notes}`, nanos, marker: kind, text: `${place} ${words[kind]}` }];
  }
}

/** Another question is another log, and the lines of the one before are forgotten. */
export function useLog(question: LogQuestion): FollowedLog {
  const name = JSON.stringify(question);
  const follower = useMemo(() => new Follower(), [name]);
  useEffect(() => (question.targets.length === 0 ? undefined : follower.follow(question)), [follower]);
  return follower;
}

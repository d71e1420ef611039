// One open watch: where it is in the log of its topic. It holds no messages of its own, so a reader that stands still
// costs nothing; what it missed meanwhile comes as a snapshot.

import type { Follower, Sink } from "../model/discovery.js";
import type { Cursor } from "../model/history.js";
import type { Milliseconds } from "../model/instant.js";
import type { ContainerRef } from "../model/reference.js";
import type { Topic } from "./topic.js";

/** What all watches share. */
export type Post = {
  cursor(): Cursor;
  /** The present bytes, the same for all that are given them at the same time. */
  snapshot(topic: Topic): readonly Uint8Array[];
  bookmark(): Uint8Array;
  now(): Milliseconds;
  left(follower: TopicFollower): void;
};

/** INVARIANT: everything up to #sent has been written to the sink, in order. */
export class TopicFollower implements Follower {
  /** By the monotonic clock. */
  wroteAt: Milliseconds = 0;
  #position = -1;
  #start: bigint | undefined;
  #sent = 0n;
  #flushed = 0n;
  /** Of a snapshot in parts that the sink did not take at once; the bytes are those of all that are sent it. */
  #parts: readonly Uint8Array[] = [];
  /** Of the last cursor that was written. */
  #epoch: string | undefined;
  #blocked = false;
  #closed = false;

  constructor(
    readonly topic: Topic,
    private readonly sink: Sink,
    private readonly post: Post,
  ) {}

  /** Writes the first message: what has changed since, that nothing has, or a snapshot. */
  begin(from: Cursor | undefined): void {
    this.topic.advance();
    const present = this.post.cursor();
    const known = from !== undefined && from.epoch === present.epoch && from.revision <= present.revision;
    const position = known ? this.topic.log.positionAfter(from.revision) : undefined;
    if (known && position !== undefined) {
      this.#position = position;
      this.#start = from.revision;
      this.#sent = from.revision;
    }
    this.read();
    if (this.#epoch === undefined) this.bookmark();
  }

  /** Writes everything that is there, as far as the sink takes it. */
  read(): void {
    if (this.#blocked || this.#closed) return;
    this.topic.advance();
    while (!this.#blocked && this.#next());
  }

  drained(): void {
    this.#blocked = false;
    if (this.#parts.length === 0) this.#flushed = this.#sent;
    this.read();
  }

  bookmark(): void {
    this.read();
    if (this.#blocked || this.#closed) return;
    this.#write(this.post.bookmark(), this.post.cursor().revision);
  }

  /** A bookmark, unless the reader already has a cursor of this stretch of history. */
  renew(): void {
    if (this.#epoch !== this.post.cursor().epoch) this.bookmark();
  }

  close(): void {
    if (this.#closed) return;
    this.delivered();
    this.#closed = true;
    this.#parts = [];
    this.post.left(this);
  }

  start(): bigint {
    return this.#start ?? 0n;
  }

  sent(): bigint {
    return this.#sent;
  }

  delivered(): bigint {
    if (!this.#closed && !this.#blocked && this.sink.flushed()) this.#flushed = this.#sent;
    return this.#flushed;
  }

  told(container: ContainerRef): bigint | undefined {
    const presence = this.topic.presence(container);
    return presence === undefined || presence.entered > this.#sent ? undefined : presence.told;
  }

  /** Takes one step; false when there is none. */
  #next(): boolean {
    const { log } = this.topic;
    if (this.#parts.length > 0) return this.#nextPart();
    if (this.#position < log.first) {
      this.#position = log.end;
      const { revision } = this.post.cursor();
      this.#start ??= revision;
      this.#parts = this.post.snapshot(this.topic);
      this.#sent = revision;
      return true;
    }
    const logged = log.at(this.#position);
    if (logged === undefined) return false;
    this.#position += 1;
    this.#write(logged.bytes, logged.revision);
    return true;
  }

  #nextPart(): boolean {
    const [part, ...rest] = this.#parts;
    this.#parts = rest;
    if (part !== undefined) this.#write(part, this.#sent);
    return true;
  }

  #write(bytes: Uint8Array, revision: bigint): void {
    this.#sent = revision;
    this.#epoch = this.post.cursor().epoch;
    this.#blocked = !this.sink.write(bytes);
    this.wroteAt = this.post.now();
  }
}

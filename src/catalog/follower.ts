// One open watch: where it is in the log of its topic. It holds no messages of its own, so a reader that stands still
// costs nothing; what it missed meanwhile comes as a snapshot. Ten thousand of them are gone through for one change, and
// most of what that takes is reaching for memory: a write sets as little as it can, and leads to nothing of its own.

import type { Follower, Sink } from "../model/discovery.js";
import type { Cursor } from "../model/history.js";
import type { ContainerRef } from "../model/reference.js";
import type { Topic } from "./topic.js";

/** What all watches share. */
export type Post = {
  cursor(): Cursor;
  /** The present bytes, the same for all that are given them at the same time. */
  snapshot(topic: Topic): readonly Uint8Array[];
  bookmark(): Uint8Array;
  /** The number of the present look. */
  look(): number;
  left(follower: TopicFollower): void;
};

/** INVARIANT: everything up to #sent has been written to the sink in order, or is in #parts. */
export class TopicFollower implements Follower {
  /** The look in which it was last written to. */
  wroteIn = 0;
  #position = -1;
  #start: bigint | undefined;
  /** Of what was written last: the same object for all who were sent the same. */
  #sent: Cursor | undefined;
  #flushed = 0n;
  /** Of a snapshot in parts that the sink did not take at once; the bytes are those of all that are sent it. */
  #parts: readonly Uint8Array[] = [];
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
      this.#sent = from;
    }
    this.read();
    if (this.#sent === from) this.bookmark();
  }

  /** Writes everything that is there, as far as the sink takes it. */
  read(): void {
    if (this.#blocked || this.#closed) return;
    this.topic.advance();
    while (!this.#blocked && this.#next());
  }

  drained(): void {
    this.#blocked = false;
    if (this.#parts.length === 0) this.#flushed = this.sent();
    this.read();
  }

  bookmark(): void {
    this.read();
    if (this.#blocked || this.#closed) return;
    this.#write(this.post.bookmark(), this.post.cursor());
  }

  /** A bookmark, unless the reader already has a cursor of this stretch of history. */
  renew(): void {
    if (this.#sent?.epoch !== this.post.cursor().epoch) this.bookmark();
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
    return this.#sent?.revision ?? 0n;
  }

  delivered(): bigint {
    if (!this.#closed && !this.#blocked && this.sink.flushed()) this.#flushed = this.sent();
    return this.#flushed;
  }

  told(container: ContainerRef): bigint | undefined {
    const presence = this.topic.presence(container);
    if (presence === undefined || (presence.entered > this.sent() && !this.#goesOn())) return undefined;
    return presence.told;
  }

  /** What the log has after what was sent is still sent one by one, also what has changed back meanwhile. */
  #goesOn(): boolean {
    return !this.#closed && this.#position >= this.topic.log.first;
  }

  /** Takes one step; false when there is none. */
  #next(): boolean {
    const { log } = this.topic;
    if (this.#parts.length > 0) return this.#nextPart();
    if (this.#position < log.first) {
      this.#position = log.end;
      const cursor = this.post.cursor();
      this.#start ??= cursor.revision;
      this.#parts = this.post.snapshot(this.topic);
      this.#sent = cursor;
      return true;
    }
    const logged = log.at(this.#position);
    if (logged === undefined) return false;
    this.#position += 1;
    this.#write(logged.bytes, logged.cursor);
    return true;
  }

  #nextPart(): boolean {
    const [part, ...rest] = this.#parts;
    this.#parts = rest;
    if (part !== undefined) this.#write(part, this.#sent);
    return true;
  }

  #write(bytes: Uint8Array, reached: Cursor | undefined): void {
    this.#sent = reached;
    this.#blocked = !this.sink.write(bytes);
    this.wroteIn = this.post.look();
  }
}

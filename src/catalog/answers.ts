// The answers of one mirror, and everybody who follows them: what has changed is worked out once for each question,
// put into bytes once, and written in slices. Must not know the wire.

import type { Answer, AnswerCodec, Answers, Question, Sink } from "../model/discovery.js";
import type { Cursor } from "../model/history.js";
import { type Instant, type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock, Logger } from "../model/ports.js";
import type { GroupRef } from "../model/reference.js";
import { type Post, TopicFollower } from "./follower.js";
import { Slice } from "./slice.js";
import type { Reader, Source, Topic } from "./topic.js";
import { Topics } from "./topics.js";

const LOOK_EVERY: Milliseconds = SECOND;
/** Every watch hears something at the latest after 15 s: looks are counted, since a clock would be read for each write. */
const QUIET_LOOKS = 14;

export type AnswersDeps = {
  readonly source: Source & {
    asOf(): Instant;
    /** Cursors of the present epoch are of the present history, whoever gave them. */
    isProven(): boolean;
  };
  readonly codec: AnswerCodec;
  readonly clock: Clock;
  readonly log: Logger;
};

/** One message of the feed: the groups that it touched, or everything, as another listing or epoch does. */
type Update = readonly GroupRef[] | "all";

export class LiveAnswers implements Answers {
  readonly #topics: Topics;
  readonly #dirty = new Set<Topic>();
  readonly #followers = new Set<TopicFollower>();
  readonly #post: Post;
  #publishing = false;
  #looking = false;
  #looks = 0;
  /** The cursors that were given belong to a stretch of history that is over. */
  #renewing = false;
  #bookmark: { readonly cursor: Cursor; readonly bytes: Uint8Array } | undefined;
  readonly #snapshots = new WeakMap<Answer, { readonly cursor: Cursor; readonly parts: readonly Uint8Array[] }>();

  constructor(private readonly deps: AnswersDeps) {
    const { source, codec } = deps;
    this.#topics = new Topics(source, codec);
    this.#post = {
      cursor: () => source.cursor(),
      snapshot: (topic) => this.#snapshotOf(topic),
      bookmark: () => this.#bookmarkNow(),
      look: () => this.#looks,
      left: (follower) => this.#left(follower),
    };
  }

  get followers(): number {
    return this.#followers.size;
  }

  answer(question: Question): Answer {
    return this.#topics.of(question).answer();
  }

  async when(question: Question, enough: (answer: Answer) => boolean, signal: AbortSignal): Promise<Answer> {
    const topic = this.#topics.of(question);
    signal.throwIfAborted();
    return await new Promise((resolve, reject) => {
      const reader: Reader = {
        read: () => {
          const answer = topic.answer();
          if (!enough(answer)) return;
          end();
          resolve(answer);
        },
      };
      const giveUp = (): void => {
        end();
        reject(signal.reason);
      };
      const end = (): void => {
        topic.readers.delete(reader);
        signal.removeEventListener("abort", giveUp);
      };
      topic.readers.add(reader);
      signal.addEventListener("abort", giveUp, { once: true });
      reader.read();
    });
  }

  follow(question: Question, sink: Sink, from: Cursor | undefined): TopicFollower {
    const topic = this.#topics.of(question);
    const follower = new TopicFollower(topic, sink, this.#post);
    topic.readers.add(follower);
    this.#followers.add(follower);
    try {
      follower.begin(this.deps.source.isProven() ? from : undefined);
    } catch (error) {
      follower.close();
      throw error;
    }
    void this.#keepAlive();
    return follower;
  }

  /** The mirror has taken a message of its feed. Writes what it can at once; never throws. */
  changed(update: Update): void {
    const { source } = this.deps;
    if (update === "all") {
      this.#renewing = true;
      for (const topic of this.#topics.all()) this.#mark(topic, undefined);
    } else {
      const touched = new Map<Topic, GroupRef[]>();
      for (const ref of update) {
        for (const topic of this.#topics.about(ref)) touched.set(topic, [...(touched.get(topic) ?? []), ref]);
      }
      if (touched.size === 0) return;
      const step = { view: source.view(), cursor: source.cursor() };
      for (const [topic, groups] of touched) this.#mark(topic, { ...step, touched: groups });
    }
    void this.#publish();
  }

  #mark(topic: Topic, step: Parameters<Topic["note"]>[0] | undefined): void {
    const warm = this.#topics.isWarm(topic, this.deps.clock.monotonic());
    if (warm && step !== undefined) topic.note(step);
    else topic.miss();
    if (warm) this.#dirty.add(topic);
  }

  async #publish(): Promise<void> {
    if (this.#publishing) return;
    this.#publishing = true;
    const slice = new Slice(this.deps.clock);
    while (this.#dirty.size > 0 || this.#renewing) {
      for (const topic of this.#dirty) {
        this.#dirty.delete(topic);
        await this.#each([topic], () => topic.advance(), slice);
        await this.#each(topic.readers, (reader) => reader.read(), slice);
      }
      this.#topics.shed();
      if (!this.#renewing) continue;
      this.#renewing = false;
      await this.#each(this.#followers, (follower) => follower.renew(), slice);
    }
    this.#publishing = false;
  }

  /** One after another; whoever fails harms nobody else. */
  async #each<T>(items: Iterable<T>, act: (item: T) => void, slice: Slice): Promise<void> {
    for (const item of items) {
      try {
        act(item);
      } catch (error) {
        this.deps.log.error({ error }, "a change could not be told to one who follows it");
      }
      if (slice.isOver) await slice.next();
    }
  }

  /** Runs while somebody follows. */
  async #keepAlive(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const { clock } = this.deps;
    while (this.#followers.size > 0) {
      await clock.sleep(LOOK_EVERY);
      this.#looks += 1;
      const due = [...this.#followers].filter(({ wroteIn }) => this.#looks - wroteIn >= QUIET_LOOKS);
      await this.#each(due, (follower) => follower.bookmark(), new Slice(clock));
    }
    this.#looking = false;
  }

  #left(follower: TopicFollower): void {
    follower.topic.readers.delete(follower);
    follower.topic.leftAt = this.deps.clock.monotonic();
    this.#followers.delete(follower);
  }

  #snapshotOf(topic: Topic): readonly Uint8Array[] {
    const { source, codec } = this.deps;
    const answer = topic.answer();
    const cursor = source.cursor();
    const kept = this.#snapshots.get(answer);
    if (kept?.cursor === cursor) return kept.parts;
    const parts = codec.snapshot(answer, topic.question, { cursor, asOf: source.asOf() });
    this.#snapshots.set(answer, { cursor, parts });
    return parts;
  }

  /** As new as the last message of the feed: each brings another cursor. */
  #bookmarkNow(): Uint8Array {
    const { source, codec } = this.deps;
    const cursor = source.cursor();
    if (this.#bookmark?.cursor !== cursor) {
      this.#bookmark = { cursor, bytes: codec.bookmark({ cursor, asOf: source.asOf() }) };
    }
    return this.#bookmark.bytes;
  }
}

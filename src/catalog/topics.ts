// All topics: found by their question, and by the group that changed. Those that nobody reads are kept for a while.

import { type AnswerCodec, type Question, questionId } from "../model/discovery.js";
import { MINUTE, type Milliseconds } from "../model/instant.js";
import type { GroupRef } from "../model/reference.js";
import { type Source, Topic } from "./topic.js";

/** Topics without readers; the longest unused go first. There may be twice as many between two sweeps. */
const MOST_IDLE = 500;
/** Of those without readers, as far as they are weighed; between two sweeps there may be twice as much. */
const MOST_IDLE_BYTES = 64 * 1024 * 1024;
/** Of all logs together. */
const MOST_LOGGED_BYTES = 64 * 1024 * 1024;
/** A watch that comes back within this time goes on with changes. */
const WARM: Milliseconds = MINUTE;

export class Topics {
  /** The longest unused first. */
  readonly #byId = new Map<string, Topic>();
  /** The last in that order: each move makes the table a little longer, until it is built anew. */
  #newest: Topic | undefined;
  /** Lookups ask with the same object over and over. */
  readonly #ids = new WeakMap<Question, string>();
  /** By what their target names: namespace and service, "*" for all. */
  readonly #byPlace = new Map<string, Set<Topic>>();
  #sweepAt = 2 * MOST_IDLE;
  /** Made since the last sweep. */
  #madeBytes = 0;

  constructor(
    private readonly source: Source,
    private readonly codec: AnswerCodec,
  ) {}

  get size(): number {
    return this.#byId.size;
  }

  /** The topic of this question, made when there is none. NOT_READY until the store has been read once. */
  of(question: Question): Topic {
    const id = this.#idOf(question);
    const topic = this.#byId.get(id) ?? this.#make(question);
    if (topic !== this.#newest) {
      this.#byId.delete(id);
      this.#byId.set(id, topic);
      this.#newest = topic;
    }
    return topic;
  }

  #idOf(question: Question): string {
    const known = this.#ids.get(question);
    if (known !== undefined) return known;
    const id = questionId(question);
    this.#ids.set(question, id);
    return id;
  }

  all(): Iterable<Topic> {
    return this.#byId.values();
  }

  /** Those that a change of this group concerns. */
  *about(ref: GroupRef): Iterable<Topic> {
    const { namespace, service } = ref;
    for (const place of [`${namespace} ${service}`, `${namespace} *`, `* ${service}`, "* *"]) {
      for (const topic of this.#byPlace.get(place) ?? []) if (topic.isAbout(ref)) yield topic;
    }
  }

  /** Somebody reads it, or did a moment ago. */
  isWarm(topic: Topic, now: Milliseconds): boolean {
    return topic.readers.size > 0 || now - topic.leftAt < WARM;
  }

  /** Forgets logs until all together are within bounds. */
  shed(): void {
    let bytes = 0;
    for (const { log } of this.all()) bytes += log.bytes;
    for (const topic of this.all()) {
      if (bytes <= MOST_LOGGED_BYTES) return;
      bytes -= topic.log.bytes;
      topic.log.forget(this.source.cursor().revision);
    }
  }

  #make(question: Question): Topic {
    const topic = new Topic(question, this.source, this.codec);
    this.#madeBytes += topic.weight();
    const place = placeOf(question);
    this.#byPlace.set(place, (this.#byPlace.get(place) ?? new Set()).add(topic));
    this.#sweep();
    return topic;
  }

  #sweep(): void {
    if (this.#byId.size < this.#sweepAt && this.#madeBytes < MOST_IDLE_BYTES) return;
    const kept = { topics: 0, bytes: 0 };
    for (const [id, topic] of [...this.#byId].reverse()) {
      if (topic.readers.size > 0) continue;
      kept.topics += 1;
      kept.bytes += topic.weight();
      if (kept.topics > MOST_IDLE || kept.bytes > MOST_IDLE_BYTES) this.#remove(id, topic);
    }
    this.#sweepAt = this.#byId.size + MOST_IDLE;
    this.#madeBytes = 0;
  }

  #remove(id: string, topic: Topic): void {
    this.#byId.delete(id);
    if (this.#newest === topic) this.#newest = undefined;
    const place = placeOf(topic.question);
    const others = this.#byPlace.get(place);
    others?.delete(topic);
    if (others?.size === 0) this.#byPlace.delete(place);
    topic.retire();
  }
}

function placeOf({ target }: Question): string {
  const { namespace = "*", service = "*" } = target.kind === "group" ? target.ref : target.query;
  return `${namespace} ${service}`;
}

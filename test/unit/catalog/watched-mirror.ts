// A mirror that a test feeds by hand, watches with sinks that keep what they are given, and a codec whose bytes are text.

import { createCatalog, type RunningCatalog } from "../../../src/catalog/catalog.js";
import type { AnswerCodec, Follower, Piece, Question, Sink } from "../../../src/model/discovery.js";
import type { Cursor } from "../../../src/model/history.js";
import type { Clock, Logger } from "../../../src/model/ports.js";
import { type GroupRef, groupId, groupRef } from "../../../src/model/reference.js";
import type { CatalogFeed, EntryAt, Feed } from "../../../src/model/store.js";

export const WEB = groupRef("web", ["dev"]);
export const API = groupRef("api", ["dev"]);

export const ask = (ref: GroupRef, more: Partial<Question> = {}): Question => ({
  target: { kind: "group", ref },
  port: "",
  includeNotReady: false,
  ...more,
});

/** "web/dev" on the namespace default; state says whether it is ready, weight changes the bytes. */
export function record(ref: GroupRef, name: string, more: { state?: "ready" | "starting"; weight?: number } = {}) {
  return (modRevision: bigint): EntryAt => ({
    key: `${groupId(ref)}/${name}/info`,
    entry: {
      kind: "info",
      ref: { ...ref, name },
      info: { instanceName: name, instanceHost: "10.0.0.1", instancePort: 1, portMappings: {}, ...more },
    },
    modRevision,
  });
}

const said = (text: string): Uint8Array => Buffer.from(text);

/** Messages as people would write them: "S e@3: a b", "D e@4: +c -a", "B e@5". */
class TextCodec implements AnswerCodec {
  encoded = 0;
  /** Endpoints in one part of a snapshot. */
  largest = 100;

  piece(container: Parameters<AnswerCodec["piece"]>[0]): Piece | undefined {
    const { info, ref } = container;
    if (info === undefined) return undefined;
    const ready = (info.state ?? "ready") === "ready";
    return { ref, ready, host: info.host ?? "", bytes: said(`${ref.name}${info.weight ?? ""}`) };
  }
  snapshot(answer: { pieces: readonly Piece[] }, _question: Question, { cursor }: { cursor: Cursor }) {
    this.encoded += 1;
    const words = answer.pieces.map(textOf);
    const parts: string[] = [];
    while (words.length > this.largest) parts.push(`+ ${words.splice(0, this.largest).join(" ")}`);
    return [...parts, `S ${place(cursor)}: ${words.join(" ")}`].map(said);
  }
  change({ cursor, put, removed }: Parameters<AnswerCodec["change"]>[0]) {
    this.encoded += 1;
    const words = [...put.map((piece) => `+${textOf(piece)}`), ...removed.map(({ name }) => `-${name}`)];
    return said(`D ${place(cursor)}: ${words.join(" ")}`);
  }
  bookmark({ cursor }: { cursor: Cursor }) {
    return said(`B ${place(cursor)}`);
  }
}

const place = ({ epoch, revision }: Cursor): string => `${epoch}@${revision}`;
const textOf = ({ bytes }: Piece): string => Buffer.from(bytes).toString();

/** Keeps what it is given; takes no more while `room` is 0. */
export class KeepingSink implements Sink {
  readonly chunks: Uint8Array[] = [];
  room = Number.POSITIVE_INFINITY;
  follower: Follower | undefined;

  write(bytes: Uint8Array): boolean {
    this.chunks.push(bytes);
    this.room -= 1;
    return this.room > 0;
  }
  flushed(): boolean {
    return this.room > 0;
  }
  /** Reads everything, and asks for more. */
  drain(): void {
    this.room = Number.POSITIVE_INFINITY;
    this.follower?.drained();
  }
  /** What came since it was last asked. */
  heard(): string[] {
    return this.chunks.splice(0).map((bytes) => Buffer.from(bytes).toString());
  }
}

class HandFeed implements Pick<CatalogFeed, "follow"> {
  readonly #queue: Feed[] = [];
  #wake: () => void = () => undefined;

  send(message: Feed): void {
    this.#queue.push(message);
    this.#wake();
  }
  async *follow(signal: AbortSignal): AsyncIterable<Feed> {
    signal.addEventListener("abort", () => this.#wake());
    while (!signal.aborted) {
      const next = this.#queue.shift();
      if (next !== undefined) yield next;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

/** A loaded mirror at revision 1. Each step is told and applied; its watches are written to as far as no time is needed. */
export class WatchedMirror {
  readonly codec = new TextCodec();
  readonly errors: string[] = [];
  readonly catalog: RunningCatalog;
  readonly #feed = new HandFeed();
  readonly #stop = new AbortController();
  #revision = 1n;
  epoch = "e";
  /** Of that epoch only the first listing has told so far. */
  unproven = false;
  readonly answers: ReturnType<RunningCatalog["answers"]>;

  constructor(clock: Clock) {
    const log: Logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (_, text) => this.errors.push(text),
      child: () => log,
    };
    this.catalog = createCatalog(this.#feed as unknown as CatalogFeed, clock, log);
    this.answers = this.catalog.answers(this.codec);
    void this.catalog.run(this.#stop.signal);
  }

  get revision(): bigint {
    return this.#revision;
  }

  async snapshot(...records: ((revision: bigint) => EntryAt)[]): Promise<void> {
    this.#revision += 1n;
    const entries = records.map((one) => one(this.#revision));
    await this.#send({ kind: "snapshot", entries, cursor: this.cursor() });
  }

  async put(...records: ((revision: bigint) => EntryAt)[]): Promise<void> {
    this.#revision += 1n;
    const put = records.map((one) => one(this.#revision));
    await this.#send({ kind: "delta", put, removed: [], cursor: this.cursor() });
  }

  async remove(...records: ((revision: bigint) => EntryAt)[]): Promise<void> {
    this.#revision += 1n;
    const removed = records.map((one) => one(0n).key);
    await this.#send({ kind: "delta", put: [], removed, cursor: this.cursor() });
  }

  async bookmark(): Promise<void> {
    this.#revision += 1n;
    await this.#send({ kind: "bookmark", cursor: this.cursor() });
  }

  watch(question: Question, from?: Cursor, room = Number.POSITIVE_INFINITY): KeepingSink & { follower: Follower } {
    const sink = new KeepingSink();
    sink.room = room;
    return Object.assign(sink, { follower: this.answers.follow(question, sink, from) });
  }

  /** What is told from now on is of another history, which begins there. */
  goBack(revision: bigint, epoch: string): void {
    this.#revision = revision;
    this.epoch = epoch;
  }

  cursor(): Cursor {
    return { epoch: this.epoch, revision: this.#revision };
  }

  stop(): void {
    this.#stop.abort();
  }

  async #send(message: Feed): Promise<void> {
    this.#feed.send(this.unproven ? { ...message, unproven: true } : message);
    for (let i = 0; i < 50; i++) await Promise.resolve();
  }
}

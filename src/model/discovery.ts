// Questions about where containers are, and answers that are kept, followed and acknowledged. catalog/ implements this;
// grpc/ asks, and gives the answers the bytes that it sends.

import type { Catalog, CatalogView, ContainerEntry, GroupEntry } from "./catalog.js";
import type { Cursor } from "./history.js";
import type { Instant, Milliseconds } from "./instant.js";
import { encodeLabels } from "./labels.js";
import { type ContainerRef, type GroupRef, groupId } from "./reference.js";
import { matches, type Selector } from "./selector.js";

/** Which groups a query is about. Undefined namespace or service: all of them. */
export type GroupQuery = {
  readonly namespace?: string;
  readonly service?: string;
  readonly selector: Selector;
};

export type Target =
  | { readonly kind: "group"; readonly ref: GroupRef }
  | { readonly kind: "query"; readonly query: GroupQuery /** The selector as written. */; readonly text: string };

export type Question = {
  readonly target: Target;
  /** Empty: the first named port. */
  readonly port: string;
  readonly includeNotReady: boolean;
};

/** True when the target is about this group, whether or not it exists. */
export function isMeant(target: Target, ref: GroupRef): boolean {
  if (target.kind === "group") return groupId(target.ref) === groupId(ref);
  const { namespace, service, selector } = target.query;
  if (namespace !== undefined && namespace !== ref.namespace) return false;
  return (service === undefined || service === ref.service) && matches(selector, ref.labels);
}

/** One text per question; the same questions have the same. */
export function questionId({ target, port, includeNotReady }: Question): string {
  const rest = `${port} ${includeNotReady ? "all" : "ready"}`;
  if (target.kind === "group") return `group ${groupId(target.ref)} ${rest}`;
  const { namespace = "*", service = "*" } = target.query;
  return `query ${namespace} ${service} ${rest} ${target.text}`;
}

/** One text per container over everything. */
export function containerId({ namespace, service, labels, name }: ContainerRef): string {
  return `${namespace}/${service}/${encodeLabels(labels)}/${name}`;
}

/** One endpoint as it is sent. Two with the same bytes are the same. */
export type Piece = {
  readonly ref: ContainerRef;
  readonly ready: boolean;
  readonly host: string;
  readonly bytes: Uint8Array;
};

/** Immutable, and another object as soon as anything that it tells has changed; the pieces, when one of them has. */
export type Answer = {
  /** In the order of the view. */
  readonly pieces: readonly Piece[];
  readonly ready: number;
  /** That match, whether or not something is ready in them. */
  readonly groups: readonly GroupEntry[];
  /** In all of them. */
  readonly containers: number;
  /** What it was last read from, for what is near where nothing matches. */
  readonly view: CatalogView;
};

/** What one revision has changed in an answer. */
export type AnswerChange = {
  readonly cursor: Cursor;
  readonly put: readonly Piece[];
  readonly removed: readonly ContainerRef[];
  readonly groups: number;
  readonly containers: number;
};

/** Gives answers the bytes of the wire; who keeps and sends them must not know what is in them. Pure. */
export interface AnswerCodec {
  /** Undefined: this container has no such port, or may never be served. */
  piece(container: ContainerEntry, group: GroupEntry, port: string): Piece | undefined;
  /** At least one message; one after another they are the snapshot, and only the last has the cursor. */
  snapshot(
    answer: Answer,
    question: Question,
    at: { readonly cursor: Cursor; readonly asOf: Instant },
  ): readonly Uint8Array[];
  change(change: AnswerChange): Uint8Array;
  bookmark(at: { readonly cursor: Cursor; readonly asOf: Instant }): Uint8Array;
}

/** Where the messages of one watch go. */
export interface Sink {
  /** False: no more, please, until Follower.drained() is called. */
  write(bytes: Uint8Array): boolean;
  /** Nothing that was written waits in this process. */
  flushed(): boolean;
}

/** What one watch was sent, for those who ask when it may be relied on. Stays true after the watch has ended. */
export interface Sent {
  /** The revision of the state that it began with. */
  start(): bigint;
  /** Everything up to this revision was given to the connection, and part of it may still wait there. */
  sent(): bigint;
  /** Everything up to this revision has left this process. */
  delivered(): bigint;
  /**
   * The revision that last told something of this container, its leaving too; undefined: it was never told of it. Where
   * that is not remembered any more, a revision that is late enough.
   */
  told(container: ContainerRef): bigint | undefined;
}

/** One open watch. */
export interface Follower extends Sent {
  /** The sink takes more again. */
  drained(): void;
  /** A resume point now, unless changes wait before it. */
  bookmark(): void;
  /** Nothing is written after this. */
  close(): void;
}

/** The answers of the mirror: each question is worked out once, and again only where something of it has changed. */
export interface Answers {
  /** How many watches are open. */
  readonly followers: number;
  /** The present answer. NOT_READY until the store has been read once. */
  answer(question: Question): Answer;
  /** The first answer that is enough; rejects with the signal's reason. */
  when(question: Question, enough: (answer: Answer) => boolean, signal: AbortSignal): Promise<Answer>;
  /**
   * Writes a first message at once: what has changed since `from`, or a snapshot when that is not known here.
   * NOT_READY until the store has been read once.
   */
  follow(question: Question, sink: Sink, from: Cursor | undefined): Follower;
}

/** Who watches, as told by itself. */
export type Watcher = {
  readonly watchId: string;
  /** Its own name; may be empty. */
  readonly watcherId: string;
  readonly acknowledges: boolean;
  /** The watch that this one goes on from; empty: none. */
  readonly lastWatchId: string;
  readonly peer: string;
};

/** One watcher that has not answered for a container that leaves. */
export type Unanswered = Watcher & {
  readonly connected: boolean;
  /** Undefined: it has never acknowledged anything. */
  readonly acknowledged: bigint | undefined;
};

/** A container that leaves, and the revision that said so. */
export type Leaving = {
  readonly container: ContainerRef;
  readonly revision: bigint;
  readonly ackDeadline: Milliseconds;
};

/** Who watches at this server, what they were sent, and what they have acknowledged. In memory only. */
export interface WatchBook {
  /** Takes over what is known of the watch that it goes on from. */
  opened(watcher: Watcher, sent: Sent): void;
  /**
   * Broken: the connection was lost, or this server or a deadline ended it; the watcher may come back. One that has ended
   * cleanly is waited for again only when another watch goes on from it here.
   */
  closed(watchId: string, how: "cleanly" | "broken"): void;
  /**
   * Counts for this cursor and all before it, as far as the watch was sent it. Undefined: there is no such watch.
   * @param elsewhere the watcher has come back to another server, which sent it this.
   * @returns what was counted; and the watch before this one, where it is not in this book, so that its server can be
   * told; else "".
   */
  acknowledged(
    watchId: string,
    cursor: Cursor,
    elsewhere?: boolean,
  ): { readonly before: string; readonly counted: Cursor } | undefined;
  /** The watch before this one needs no telling any more. */
  settled(watchId: string): void;
  /** Expected watchers that have not answered, and watchers that do not acknowledge whose queue still holds the change. */
  unanswered(leaving: Leaving): readonly Unanswered[];
  /**
   * Calls the listener after each watch that has begun, ended or acknowledged; the result ends it. It may not throw. Not told: that a
   * deadline has passed, and that a queue has emptied.
   */
  onChange(listener: () => void): () => void;
}

/** The mirror as discovery stands on it. */
export interface AnsweringCatalog extends Catalog {
  /** Answers in the bytes of this codec. */
  answers(codec: AnswerCodec): Answers;
  readonly book: WatchBook;
}

// The mirror of /services: follows the store's feed and hands out immutable views. Must not know keys or etcd.

import type { CatalogView } from "../model/catalog.js";
import type { AnswerCodec, AnsweringCatalog, Question } from "../model/discovery.js";
import { TheseusError } from "../model/errors.js";
import type { Cursor } from "../model/history.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock, Logger } from "../model/ports.js";
import { type GroupRef, groupId } from "../model/reference.js";
import type { CatalogFeed, EntryAt, Feed } from "../model/store.js";
import { type AnswersDeps, LiveAnswers } from "./answers.js";
import { groupOf } from "./buckets.js";
import { DrainShelf, type Shelved } from "./drain-shelf.js";
import { createFold, type Fold } from "./fold.js";
import { type ChangedGroup, createListeners, type Listener } from "./listeners.js";
import { createRecentViews } from "./recent-views.js";
import { createWaiters } from "./waiters.js";
import { TimelineBook } from "./watch-book.js";

export type RunningCatalog = AnsweringCatalog & {
  /** Follows the feed until the signal; then resolves. Rejects only when the feed itself breaks its contract. */
  run(signal: AbortSignal): Promise<void>;
  /** Calls the listener after each change that views show; the answer ends it. */
  onChange(listener: Listener): () => void;
  /** Everything that leaves; the same list as long as nothing of it has changed. */
  drains(): readonly Shelved[];
};

/** Reading the store takes a moment; who asks meanwhile is told to try again. */
const PATIENCE: Milliseconds = 2 * SECOND;

type State = {
  fold: Fold;
  cursor: Cursor | undefined;
  isProven: boolean;
  view: CatalogView | undefined;
  heardAt: number;
  heardWall: number;
};

/** Follows nothing before run(). Values that cannot be understood are the feed's to log. */
export function createCatalog(feed: CatalogFeed, clock: Clock, log: Logger): RunningCatalog {
  const state: State = {
    fold: createFold(),
    cursor: undefined,
    isProven: false,
    view: undefined,
    heardAt: clock.monotonic(),
    heardWall: clock.now(),
  };
  const listeners = createListeners(log);
  const waiters = createWaiters();
  const published = new Set<LiveAnswers>();
  const book = new TimelineBook(clock);
  const recent = createRecentViews(async (revision) => createFold(await feed.readAt(revision)).view(revision));

  const view = (): CatalogView => {
    if (state.view !== undefined) return state.view;
    if (state.cursor === undefined) throw notRead(clock.monotonic() - state.heardAt);
    state.view = state.fold.view(state.cursor.revision);
    recent.keep(state.view);
    return state.view;
  };

  const apply = (message: Feed): void => {
    const folded = applyTo(state, message);
    // Another stretch of history: what was known of revisions, and what was acted on, may hold no more.
    const touched = message.cursor.epoch === state.cursor?.epoch ? folded : ALL;
    if (touched === ALL) recent.forget();
    state.view = undefined;
    state.cursor = message.cursor;
    state.isProven = message.unproven !== true;
    state.heardAt = clock.monotonic();
    state.heardWall = clock.now();
    book.reached(message.cursor.epoch, message.kind !== "snapshot");
    waiters.look();
    for (const answers of published) answers.changed(touched.shown);
    listeners.tell(touched.any, message.cursor.revision);
  };

  const source = sourceOf(state, view);
  const answersWith = (codec: AnswerCodec): LiveAnswers => {
    const answers = new LiveAnswers({ source, codec, clock, log });
    published.add(answers);
    return answers;
  };

  return {
    view,
    viewAt: async (revision) => (state.cursor?.revision === revision ? view() : recent.at(revision)),
    cursor: () => state.cursor,
    age: () => clock.monotonic() - state.heardAt,
    asOf: () => state.heardWall,
    reach: (revision, signal) => waiters.wait(() => holds(state, revision), signal),
    confirm: async (scope, signal) => {
      const { keys, revision } = await feed.presentKeys(scope);
      await waiters.wait(() => holds(state, revision) || state.fold.agrees(scope, keys), signal);
    },
    answers: answersWith,
    book,
    onChange: listeners.add,
    drains: () => state.fold.drains.all(),
    run: async (signal) => {
      try {
        for await (const message of feed.follow(signal)) apply(message);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
  };
}

function holds({ cursor }: State, revision: bigint): boolean {
  return cursor !== undefined && cursor.revision >= revision;
}

function sourceOf(state: State, view: () => CatalogView): AnswersDeps["source"] {
  const select = ({ target }: Question) => {
    const newest = view();
    if (target.kind === "query") return state.fold.index.select(newest, target.query);
    const group = newest.group(target.ref);
    return group === undefined ? [] : [group];
  };
  return {
    view,
    cursor: () => state.cursor ?? { epoch: "", revision: view().revision },
    select,
    groupsVersion: () => {
      view();
      return state.fold.index.version;
    },
    asOf: () => state.heardWall,
    isProven: () => state.isProven,
  };
}

/** The groups that changed as lookups show them; and those of which anything did, the answers to a drain too. */
type Touched = {
  readonly shown: readonly GroupRef[] | "all";
  readonly any: readonly ChangedGroup[] | "all";
};
const NOTHING: Touched = { shown: [], any: [] };
const ALL: Touched = { shown: "all", any: "all" };

/** Folds one message; tells which groups it touched. */
function applyTo(state: State, message: Feed): Touched {
  switch (message.kind) {
    case "bookmark":
      return NOTHING;
    case "snapshot":
      state.fold = createFold(message.entries);
      return ALL;
    case "delta":
      return applyDelta(state.fold, message.removed, message.put);
  }
}

function applyDelta(fold: Fold, removed: readonly string[], put: readonly EntryAt[]): Touched {
  const shown = new Map<string, GroupRef>();
  const any = new Map<string, ChangedGroup>();
  const note = (group: GroupRef, managed: boolean): void => {
    const id = groupId(group);
    any.set(id, { group, managed: managed || any.get(id)?.managed === true });
  };
  const touch = (entry: EntryAt | undefined): void => {
    if (entry === undefined) return;
    const group = groupOf(entry);
    if (group !== undefined) {
      shown.set(groupId(group), group);
      note(group, fold.isManaged(entry));
    }
    const leaving = DrainShelf.containerOf(entry);
    if (leaving !== undefined) note(asGroup(leaving), true);
  };
  for (const key of removed) touch(fold.remove(key));
  for (const entry of put) {
    touch(fold.put(entry));
    touch(entry);
  }
  return { shown: [...shown.values()], any: [...any.values()] };
}

const asGroup = ({ namespace, service, labels }: GroupRef): GroupRef => ({ namespace, service, labels });

/** Just started, or long enough ago to say whose fault it is. */
function notRead(age: Milliseconds): TheseusError {
  if (age < PATIENCE) {
    return new TheseusError("NOT_READY", {
      what: "this server has not read the store yet",
      why: ["it started a moment ago"],
      now: "nothing was changed; running containers are not affected",
      retryable: true,
    });
  }
  return new TheseusError("STORE_UNREACHABLE", {
    what: "Theseus cannot read its store",
    why: [`it has not answered since this server started, ${Math.round(age / SECOND)} s ago`],
    now: "nothing was changed; running containers are not affected",
    next: ["theseus server status"],
    retryable: true,
  });
}

// What proves that the store was restored from an older backup, and a person's word on it: the record /theseus/recovery.
// Types, and what both sides of a confirmation have to agree on.

import { TheseusError } from "./errors.js";
import type { Change, GroupConfig } from "./group.js";
import { formatGroup, type GroupRef, groupId } from "./reference.js";
import { sha256 } from "./sha256.js";

/** What a container says itself of how it was made. */
export type Making = {
  /** The pinned image. */
  readonly image: string;
  /** Port name -> host port. */
  readonly hostPorts: Readonly<Record<string, number>>;
  /** Undefined: it does not carry its config, or nothing that can be understood. */
  readonly config: GroupConfig | undefined;
};

export const WORDS = ["adopt", "remove"] as const;
export type Word = (typeof WORDS)[number];

type Outlook = {
  /** Why the store cannot be true to it. */
  readonly reason: string;
  readonly ifAdopted: string;
  readonly ifRemoved: string;
  /** The words that can be carried out. */
  readonly takes: readonly Word[];
};

/** One container that waits for a word. Its id names it: a container's labels never change. */
export type StrayItem = Outlook & {
  readonly kind: "container";
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly group: GroupRef;
  readonly groupUid: string;
  readonly slot: number;
  readonly generation: number;
};

/** An engine that answers at a host where another one is known; `id` is the ID that it answers with. */
export type EngineItem = Outlook & { readonly kind: "engine"; readonly id: string; readonly host: string };

export type RecoveryItem = StrayItem | EngineItem;

/** What a person said about these items. */
export type GivenWord = { readonly word: Word; readonly ids: readonly string[]; readonly change: Change };

export type RecoveryRecord = {
  readonly items: readonly RecoveryItem[];
  /** How many there are besides, which the record has no room for. */
  readonly more: number;
  /** At most one for each item. */
  readonly words: readonly GivenWord[];
};

export const NOTHING_TO_RECOVER: RecoveryRecord = { items: [], more: 0, words: [] };

/** "web.dev.1.2-abc123", or "engine of local". */
export const itemName = (item: RecoveryItem): string => (item.kind === "engine" ? `engine of ${item.host}` : item.name);

/** The word that was given on this item and is not carried out yet. */
export function wordOn({ words }: RecoveryRecord, id: string): GivenWord | undefined {
  return words.find(({ ids }) => ids.includes(id));
}

/** The group of containers that the store does not know, for who would make another one of that name. */
export function unknownGroup({ items }: RecoveryRecord, ref: GroupRef): readonly StrayItem[] {
  const id = groupId(ref);
  return items.filter((item): item is StrayItem => item.kind === "container" && groupId(item.group) === id);
}

const SHORT = 16;

/** Names the item and, by a hash, what was said that either word would do with it. */
function mark({ kind, id, takes, ifAdopted, ifRemoved }: RecoveryItem): string {
  const hash = sha256([kind, id, takes.join(","), ifAdopted, ifRemoved].join("\n")).slice(0, 8);
  return `${sha256(id).slice(0, SHORT)}.${hash}`;
}

/** Names exactly these items with what was said of them; of no items it is empty. */
export function tokenOf(items: readonly RecoveryItem[]): string {
  return items.map(mark).sort().join("-");
}

/**
 * The record with a word on each of its items that takes it; a word given before on the same item counts no more.
 * CONFLICT, naming what changed, when the token is of other items; INVALID_REQUEST when no item takes the word.
 */
export function withWord(
  record: RecoveryRecord,
  { word, token, change }: { readonly word: Word; readonly token: string; readonly change: Change },
): RecoveryRecord {
  if (token !== tokenOf(record.items)) throw changed(record.items, token);
  const ids = record.items.filter(({ takes }) => takes.includes(word)).map(({ id }) => id);
  if (ids.length === 0) throw nothingTakes(record, word);
  return { ...record, words: [...withoutIds(record.words, new Set(ids)), { word, ids, change }] };
}

/** The words on what is left: an item that is gone, or takes the word no more, has none. */
export function wordsOn(items: readonly RecoveryItem[], words: readonly GivenWord[]): readonly GivenWord[] {
  return words.flatMap(({ word, ids, change }) => {
    const left = ids.filter((id) => items.some((item) => item.id === id && item.takes.includes(word)));
    return left.length === 0 ? [] : [{ word, ids: left, change }];
  });
}

function withoutIds(words: readonly GivenWord[], taken: ReadonlySet<string>): readonly GivenWord[] {
  return words.flatMap(({ ids, ...rest }) => {
    const left = ids.filter((id) => !taken.has(id));
    return left.length === 0 ? [] : [{ ...rest, ids: left }];
  });
}

const MOST_NAMED = 20;

function changed(items: readonly RecoveryItem[], token: string): TheseusError {
  const shown = new Set(token.split("-").filter((one) => one !== ""));
  const known = new Set([...shown].map((one) => one.split(".")[0] ?? ""));
  const now = new Map(items.map((item) => [mark(item), item]));
  const present = new Set([...now.keys()].map((one) => one.split(".")[0]));
  const other = [...now].filter(([one]) => !shown.has(one));
  const added = other.filter(([one]) => !known.has(one.split(".")[0] ?? "")).map(([, item]) => itemName(item));
  const altered = other.filter(([one]) => known.has(one.split(".")[0] ?? "")).map(([, item]) => itemName(item));
  const gone = [...known].filter((one) => !present.has(one)).length;
  return new TheseusError("CONFLICT", {
    what: "what is to be recovered changed since you looked",
    why: [
      ...(added.length === 0 ? [] : [`new: ${named(added)}`]),
      ...(altered.length === 0 ? [] : [`something else would be done now with: ${named(altered)}`]),
      ...(gone === 0 ? [] : [`${gone} of those that were shown ${gone === 1 ? "is" : "are"} settled or gone`]),
    ],
    now: "nothing was changed",
    next: ["theseus recover"],
  });
}

function nothingTakes({ items }: RecoveryRecord, word: Word): TheseusError {
  const verb = word === "adopt" ? "adopted" : "removed";
  return new TheseusError("INVALID_REQUEST", {
    what: items.length === 0 ? "there is nothing to recover" : `nothing of what is to be recovered can be ${verb}`,
    why: items.slice(0, MOST_NAMED).map((item) => {
      return `${itemName(item)}: ${word === "adopt" ? item.ifAdopted : item.ifRemoved}`;
    }),
    now: "nothing was changed",
    next: ["theseus recover"],
  });
}

function named(names: readonly string[]): string {
  const rest = names.length - MOST_NAMED;
  return names.slice(0, MOST_NAMED).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

/** The alarm as a person reads it: one line for each group and each engine, naming every container. */
export function alarmLines({ items, more }: RecoveryRecord): readonly string[] {
  const groups = new Map<string, StrayItem[]>();
  for (const item of items) {
    if (item.kind !== "container") continue;
    groups.set(groupId(item.group), [...(groups.get(groupId(item.group)) ?? []), item]);
  }
  const lines = [...groups.values()].map((own) => {
    const [first] = own;
    const name = first === undefined ? "" : `${formatGroup(first.group)} in namespace ${first.group.namespace}`;
    const names = own.map((item) => item.name).join(", ");
    return `the store was restored from an older backup: of ${name} it does not know ${names}`;
  });
  const engines = items
    .filter(({ kind }) => kind === "engine")
    .map(({ host, reason }) => `another engine answers on ${host}: ${reason}`);
  return [...lines, ...engines, ...(more > 0 ? [`${more} more containers are newer than the store`] : [])];
}

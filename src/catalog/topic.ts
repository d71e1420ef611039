// One question and its answer, kept as long as somebody may ask again: worked out whole once, then only where a change
// touches it. Logs what each change was. Must not know what its readers do, or what is in the bytes.

import type { CatalogView, GroupEntry } from "../model/catalog.js";
import { type Answer, type AnswerCodec, containerId, isMeant, type Question } from "../model/discovery.js";
import type { Cursor } from "../model/history.js";
import type { Milliseconds } from "../model/instant.js";
import type { ContainerRef, GroupRef } from "../model/reference.js";
import { ChangeLog } from "./change-log.js";
import { Departed, type Presence } from "./departed.js";
import { groupOrder } from "./label-index.js";
import { type Difference, differenceOf, type Part, partOf } from "./parts.js";
import { byText } from "./sorted.js";

/** The mirror as topics read it. */
export type Source = {
  /** The newest. */
  view(): CatalogView;
  cursor(): Cursor;
  /** The groups of the newest view that the question is about, in its order. */
  select(question: Question): readonly GroupEntry[];
  /** Of the newest view: another one after each group that came or went. */
  groupsVersion(): object;
};

/** One revision of the mirror, and the groups of a topic that it touched. */
type Step = { readonly view: CatalogView; readonly cursor: Cursor; readonly touched: readonly GroupRef[] };

/** Of one endpoint in the memory of a topic, besides its bytes. */
const MEMBER_BYTES = 300;
/** A lookup, one for an asking host, and a snapshot. */
const SENT_COPIES = 3;

const NOTHING: Difference = { put: [], removed: [] };

/** Whoever wants to know that something has changed. */
export type Reader = { read(): void };

/** INVARIANT: without steps to take, the parts are those of the source's newest view. */
export class Topic {
  readonly log: ChangeLog;
  readonly readers = new Set<Reader>();
  /** When the last watch of it ended, by the monotonic clock. */
  leftAt: Milliseconds = Number.NEGATIVE_INFINITY;
  readonly #parts = new Map<string, Part>();
  /** Of all groups of the parts, ready or not: counting them for each change would go through every group. */
  #containers = 0;
  readonly #departed = new Departed();
  #retired = false;
  #steps: Step[] = [];
  #stale = true;
  #groupsVersion: object | undefined;
  #answer: Answer | undefined;
  #pieces: Answer["pieces"] | undefined;

  constructor(
    readonly question: Question,
    private readonly source: Source,
    readonly codec: AnswerCodec,
  ) {
    this.log = new ChangeLog(source.cursor().revision);
    this.advance();
  }

  /** As of the newest view. */
  answer(): Answer {
    this.advance();
    const version = this.source.groupsVersion();
    // Where nothing matches, what is near is told: that changes with groups that are not its own.
    if (this.#parts.size === 0 && version !== this.#groupsVersion) this.#answer = undefined;
    this.#groupsVersion = version;
    this.#answer ??= this.#assembled();
    return this.#answer;
  }

  isAbout(ref: GroupRef): boolean {
    return isMeant(this.question.target, ref);
  }

  /** A revision touched these groups of it. */
  note(step: Step): void {
    if (this.#stale) return;
    this.#steps.push(step);
    // Worked out as one.
    if (this.#steps.length > this.log.most) this.miss();
  }

  /** Something was not followed step by step: it is worked out whole when it is next needed. */
  miss(): void {
    this.#steps = [];
    this.#stale = true;
  }

  /** Takes every step that is there. True when what is sent has changed. */
  advance(): boolean {
    if (this.#stale) return this.#workOut();
    if (this.#steps.length === 0) return false;
    const before = this.log.end;
    for (const step of this.#steps.splice(0)) this.#take(step);
    return this.log.end !== before;
  }

  /** Undefined: it was never in the answer. Where that is not known, it has been there from the beginning. */
  presence(ref: ContainerRef): Presence | undefined {
    if (!this.isAbout(ref)) return undefined;
    if (this.#retired) return { entered: 0n, told: this.source.cursor().revision };
    this.advance();
    const member = this.#parts.get(groupOrder(ref))?.members.get(ref.name);
    const before = this.#departed.presence(containerId(ref));
    if (member === undefined) return before;
    return { entered: before?.entered ?? member.entered, told: member.changed };
  }

  /** Nobody will ask again, and what it knows is given up; readers of old may still ask what they were told. */
  retire(): void {
    this.#retired = true;
    this.miss();
    this.#parts.clear();
    this.#containers = 0;
    this.#departed.clear();
    this.log.restart(this.source.cursor().revision);
    this.#answer = undefined;
    this.#pieces = undefined;
  }

  /** About how many bytes it holds, with its answer as it is sent. */
  weight(): number {
    let bytes = this.log.bytes;
    for (const { members } of this.#parts.values()) {
      for (const { piece } of members.values()) bytes += MEMBER_BYTES + SENT_COPIES * piece.bytes.length;
    }
    return bytes;
  }

  #take({ view, cursor, touched }: Step): void {
    this.#departed.reached(cursor.revision);
    const differences = touched.map((ref) => this.#replace(ref, view.group(ref), cursor.revision));
    const put = differences.flatMap((difference) => difference.put);
    const removed = differences.flatMap((difference) => difference.removed);
    if (put.length + removed.length === 0) return;
    const [groups, containers] = [this.#parts.size, this.#containers];
    this.log.fit(containers);
    this.log.add(cursor, this.codec.change({ cursor, put, removed, groups, containers }));
  }

  /** From the newest view alone; what was in between is not known. */
  #workOut(): boolean {
    this.#stale = false;
    this.#steps = [];
    const { revision } = this.source.cursor();
    this.#departed.reached(revision);
    const groups = this.source.select(this.question);
    const present = new Set(groups.map(({ ref }) => groupOrder(ref)));
    const lost = [...this.#parts].filter(([order]) => !present.has(order)).map(([, { group }]) => group.ref);
    const differences = [
      ...lost.map((ref) => this.#replace(ref, undefined, revision)),
      ...groups.map((group) => this.#replace(group.ref, group, revision)),
    ];
    const changed = differences.some(({ put, removed }) => put.length + removed.length > 0);
    this.log.fit(this.#containers);
    if (changed) this.log.restart(revision);
    else this.log.forget(revision);
    return changed;
  }

  #replace(ref: GroupRef, group: GroupEntry | undefined, revision: bigint): Difference {
    const order = groupOrder(ref);
    const before = this.#parts.get(order);
    if (group === before?.group) return NOTHING;
    const after = group === undefined ? undefined : partOf(group, before, this, revision);
    if (after === undefined) this.#parts.delete(order);
    else this.#parts.set(order, after);
    this.#containers += sizeOf(after) - sizeOf(before);
    const difference = differenceOf(before, after);
    this.#answer = undefined;
    if (difference.put.length + difference.removed.length > 0) this.#pieces = undefined;
    for (const gone of difference.removed) this.#left(gone, before, revision);
    return difference;
  }

  #left(ref: ContainerRef, before: Part | undefined, revision: bigint): void {
    const entered = before?.members.get(ref.name)?.entered ?? 0n;
    this.#departed.left(containerId(ref), { entered, told: revision });
  }

  #assembled(): Answer {
    const inOrder = [...this.#parts].sort(([a], [b]) => byText(a, b)).map(([, part]) => part);
    this.#pieces ??= inOrder.flatMap(({ members }) => [...members.values()].map(({ piece }) => piece));
    return {
      pieces: this.#pieces,
      ready: this.#pieces.filter(({ ready }) => ready).length,
      groups: inOrder.map(({ group }) => group),
      containers: this.#containers,
      view: this.source.view(),
    };
  }
}

const sizeOf = (part: Part | undefined): number => part?.group.containers.length ?? 0;

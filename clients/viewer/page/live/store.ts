// All that the page knows of the fleet, kept up to date by one stream. Snapshot, then deltas, painted at most each 250 ms.

import { batch, type ReadonlySignal, signal } from "@preact/signals";
import type { ContainerRow, Delta, GroupRow, HostRow, Snapshot, Truth } from "../../wire.js";
import type { News } from "./news.js";
import { groupNews, hostNews } from "./news.js";
import { Pending, type PendingChange } from "./pending.js";
import { Rows } from "./rows.js";
import type { ServerEvent } from "./sse.js";

const PAINT_EACH = 250;

export interface StoreWishes {
  now(): number;
  after(milliseconds: number, run: () => void): () => void;
  /** The gateway's clock, each time that it is told. */
  clock(now: number): void;
  news(news: readonly News[]): void;
  /** Changes since that time were missed. */
  missed(since: number): void;
  /** The page's files are of another build than those that are served. */
  updated(): void;
}

export class LiveStore {
  readonly groups = new Rows<GroupRow>((row) => row.id, { service: (row) => `${row.ns} ${row.service}` });
  readonly containers = new Rows<ContainerRow>((row) => row.id, { group: (row) => row.group, host: (row) => row.host });
  readonly hosts = new Rows<HostRow>((row) => row.name);
  readonly #wishes: StoreWishes;
  readonly #pending = new Pending();
  readonly #namespaces = signal<readonly string[]>([]);
  readonly #truth = signal<Truth | null>(null);
  readonly #loaded = signal(false);
  readonly #shownTruth = signal<Truth | null>(null);
  readonly #pausedAt = signal(0);
  readonly #waiting = signal(0);
  /** A snapshot that came while the rows stand still. */
  #held: Snapshot | undefined;
  #build = "";
  #painted = 0;
  #cancelPaint: (() => void) | undefined;

  constructor(wishes: StoreWishes) {
    this.#wishes = wishes;
  }

  get namespaces(): ReadonlySignal<readonly string[]> {
    return this.#namespaces;
  }

  /** The newest; null until something was told. */
  get truth(): ReadonlySignal<Truth | null> {
    return this.#truth;
  }

  /** That of the rows that are shown: as it was when a person stopped them. */
  get shownTruth(): ReadonlySignal<Truth | null> {
    return this.#shownTruth;
  }

  /** A snapshot has been read, and the gateway had read everything. */
  get loaded(): ReadonlySignal<boolean> {
    return this.#loaded;
  }

  /** Up to when the rows are known that a person has stopped; 0 while they follow. */
  get pausedAt(): ReadonlySignal<number> {
    return this.#pausedAt;
  }

  /** How many rows have changed since they were stopped; Infinity: all were read anew. */
  get waiting(): ReadonlySignal<number> {
    return this.#waiting;
  }

  /** Nothing of the rows changes from now on. @param at up to when they are known, by the gateway's clock; above 0 */
  pause(at: number): void {
    this.#cancelPaint?.();
    this.#cancelPaint = undefined;
    this.#pausedAt.value = at;
    this.#waiting.value = this.#pending.size;
  }

  /** Takes all that has changed since the rows were stopped. */
  goOn(): void {
    batch(() => {
      this.#pausedAt.value = 0;
      this.#shownTruth.value = this.#truth.value;
      const held = this.#held;
      if (held !== undefined) this.#show(held);
      this.#paint();
    });
  }

  /** Takes an event of the stream. @throws SyntaxError for one that is not JSON. */
  receive({ name, data }: ServerEvent): void {
    if (name === "snapshot") this.#restart(JSON.parse(data) as Snapshot);
    else if (name === "delta") this.#add(JSON.parse(data) as Delta);
    else if (name === "truth" || name === "ping") this.#hearTruth(JSON.parse(data) as Truth);
  }

  /** What waits to be painted is not older than this any more. */
  #hearTruth(truth: Truth): void {
    this.#pending.hear(truth);
    this.#tellTruth(truth);
  }

  #restart(snapshot: Snapshot): void {
    this.#cancelPaint?.();
    this.#cancelPaint = undefined;
    this.#pending.clear();
    const isHeld = this.#pausedAt.value > 0 && this.#build !== "";
    batch(() => {
      this.#tellTruth(snapshot.truth);
      if (isHeld) this.#hold(snapshot);
      else this.#show(snapshot);
    });
    if (snapshot.missedSince > 0) this.#wishes.missed(snapshot.missedSince);
    if (this.#build !== "" && snapshot.build !== this.#build) this.#wishes.updated();
    this.#build = snapshot.build;
  }

  #hold(snapshot: Snapshot): void {
    this.#held = snapshot;
    this.#waiting.value = Number.POSITIVE_INFINITY;
  }

  #show(snapshot: Snapshot): void {
    this.#held = undefined;
    this.#waiting.value = 0;
    this.#namespaces.value = snapshot.namespaces;
    this.groups.replace(snapshot.groups);
    this.containers.replace(snapshot.containers);
    this.hosts.replace(snapshot.hosts);
    this.#loaded.value = isWhole(this.#truth.value ?? snapshot.truth);
    this.#painted = this.#wishes.now();
  }

  #add(delta: Delta): void {
    this.#pending.add(delta);
    if (this.#pausedAt.value > 0) {
      if (this.#held === undefined) this.#waiting.value = this.#pending.size;
      this.#tellTruth(delta.truth);
      return;
    }
    if (this.#cancelPaint !== undefined) return;
    const due = this.#painted + PAINT_EACH - this.#wishes.now();
    if (due <= 0) this.#paint();
    else this.#cancelPaint = this.#wishes.after(due, () => this.#paint());
  }

  #paint(): void {
    this.#cancelPaint?.();
    this.#cancelPaint = undefined;
    this.#painted = this.#wishes.now();
    this.#waiting.value = 0;
    if (this.#pending.isEmpty) return;
    const change = this.#pending.take();
    const news = this.#newsOf(change);
    batch(() => {
      if (change.namespaces !== null) this.#namespaces.value = change.namespaces;
      this.groups.change(change.groups.put, change.groups.gone);
      this.containers.change(change.containers.put, change.containers.gone);
      this.hosts.change(change.hosts.put, change.hosts.gone);
      if (change.truth !== null) this.#tellTruth(change.truth);
    });
    if (news.length > 0) this.#wishes.news(news);
  }

  #newsOf({ groups, hosts }: PendingChange): News[] {
    return [
      ...groups.put.map((row) => groupNews(this.groups.get(row.id), row)),
      ...hosts.put.map((row) => hostNews(this.hosts.get(row.name), row)),
    ].filter(({ polite, urgent }) => polite !== "" || urgent !== "");
  }

  #tellTruth(truth: Truth): void {
    this.#wishes.clock(truth.now);
    batch(() => {
      this.#truth.value = truth;
      if (this.#pausedAt.value === 0) this.#shownTruth.value = truth;
      if (this.#build !== "" && isWhole(truth)) this.#loaded.value = true;
    });
  }
}

const isWhole = ({ state }: Truth): boolean => state !== "reading";

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
  readonly #paused = signal(false);
  readonly #waiting = signal(0);
  #build = "";
  #painted = 0;
  #cancelPaint: (() => void) | undefined;

  constructor(wishes: StoreWishes) {
    this.#wishes = wishes;
  }

  get namespaces(): ReadonlySignal<readonly string[]> {
    return this.#namespaces;
  }

  /** Null until something was told. */
  get truth(): ReadonlySignal<Truth | null> {
    return this.#truth;
  }

  /** A snapshot has been read, and the gateway had read everything. */
  get loaded(): ReadonlySignal<boolean> {
    return this.#loaded;
  }

  /** A person has stopped the rows; `waiting` counts those that have changed meanwhile. */
  get paused(): ReadonlySignal<boolean> {
    return this.#paused;
  }

  get waiting(): ReadonlySignal<number> {
    return this.#waiting;
  }

  pause(paused: boolean): void {
    this.#paused.value = paused;
    if (!paused) this.#paint();
  }

  /** Takes an event of the stream. @throws SyntaxError for one that is not JSON. */
  receive({ name, data }: ServerEvent): void {
    if (name === "snapshot") this.#restart(JSON.parse(data) as Snapshot);
    else if (name === "delta") this.#add(JSON.parse(data) as Delta);
    else if (name === "truth" || name === "ping") this.#tellTruth(JSON.parse(data) as Truth);
  }

  #restart(snapshot: Snapshot): void {
    this.#cancelPaint?.();
    this.#cancelPaint = undefined;
    this.#pending.clear();
    batch(() => {
      this.#waiting.value = 0;
      this.#namespaces.value = snapshot.namespaces;
      this.groups.replace(snapshot.groups);
      this.containers.replace(snapshot.containers);
      this.hosts.replace(snapshot.hosts);
      this.#loaded.value = isWhole(snapshot.truth);
      this.#tellTruth(snapshot.truth);
    });
    this.#painted = this.#wishes.now();
    if (snapshot.missedSince > 0) this.#wishes.missed(snapshot.missedSince);
    if (this.#build !== "" && snapshot.build !== this.#build) this.#wishes.updated();
    this.#build = snapshot.build;
  }

  #add(delta: Delta): void {
    this.#pending.add(delta);
    if (this.#paused.value) {
      this.#waiting.value = this.#pending.size;
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
      if (this.#build !== "" && isWhole(truth)) this.#loaded.value = true;
    });
  }
}

const isWhole = ({ state }: Truth): boolean => state !== "reading";

// A program that follows discovery, and takes what it is told for true. It comes back to another server when its own falls
// silent, and acknowledges what it has taken.

import type { Follower } from "../../../src/model/discovery.js";
import type { Cursor } from "../../../src/model/history.js";
import type { Milliseconds } from "../../../src/model/instant.js";
import { groupRef } from "../../../src/model/reference.js";
import { type Message, readMessage } from "./codec.js";
import type { Judge } from "./judge.js";
import type { Seeded } from "./seeded.js";
import type { Server } from "./server.js";
import type { Scheduled } from "./timeline.js";
import type { World } from "./world.js";

/** A watch says something every 15 s. */
const SILENT_AFTER: Milliseconds = 20_000;
const TRY_AGAIN: Milliseconds = 500;

type Watch = {
  readonly server: Server;
  readonly id: string;
  follower: Follower | undefined;
  isOver: boolean;
  openedAt: Milliseconds | undefined;
};

export class Client {
  readonly #world: World;
  readonly #judge: Judge;
  readonly #chance: Seeded;
  readonly #name: string;
  readonly #service: string;
  readonly #endpoints = new Map<string, boolean>();
  #watch: Watch | undefined;
  #lastId = "";
  #watches = 0;
  #cursor: Cursor | undefined;
  #heardAt: Milliseconds = 0;
  #last: Milliseconds = 0;
  #next: Scheduled | undefined;

  constructor(name: string, service: string, parts: { world: World; judge: Judge; chance: Seeded }) {
    this.#name = name;
    this.#service = service;
    this.#world = parts.world;
    this.#judge = parts.judge;
    this.#chance = parts.chance;
  }

  /** Names of what it would send requests to. */
  get ready(): readonly string[] {
    return [...this.#endpoints].filter(([, ready]) => ready).map(([name]) => name);
  }

  /** Since when it has followed the server that it follows now, if it would send requests there. */
  holdsSince(name: string): Milliseconds | undefined {
    const watch = this.#watch;
    return watch?.isOver === false && this.#endpoints.get(name) === true ? watch.openedAt : undefined;
  }

  /** Looks after its watch: soon where it has none, else when it has been silent for too long. */
  run(): void {
    const { timeline } = this.#world;
    const watch = this.#watch;
    const silentAt = this.#heardAt + SILENT_AFTER;
    if (watch === undefined || watch.isOver || timeline.now >= silentAt) this.#connect();
    const isFollowing = this.#watch?.isOver === false;
    this.#lookAfter(isFollowing ? Math.max(TRY_AGAIN, this.#heardAt + SILENT_AFTER - timeline.now) : TRY_AGAIN);
  }

  #lookAfter(length: Milliseconds): void {
    const { timeline } = this.#world;
    timeline.cancel(this.#next);
    this.#next = timeline.after(length, () => this.run());
  }

  #connect(): void {
    if (this.#watch !== undefined) this.#leave(this.#watch);
    const server = this.#chance.pick(this.#world.alive.filter((one) => !one.isStopping && !one.hasEnded));
    if (server === undefined) return;
    const id = `${server.serverId}-${this.#name}-${++this.#watches}`;
    const watch: Watch = { server, id, follower: undefined, isOver: false, openedAt: undefined };
    this.#watch = watch;
    this.#heardAt = this.#world.timeline.now;
    server.process.deliver(() => this.#follow(watch));
    for (const ends of [server.onStop, server.onEnd, server.onCut]) ends.add(() => this.#leave(watch));
  }

  /** In the server's process. */
  #follow(watch: Watch): void {
    if (watch.isOver) return;
    const { server, id } = watch;
    const question = {
      target: { kind: "group", ref: groupRef(this.#service, ["dev"]) },
      ...{ port: "", includeNotReady: false },
    } as const;
    const sink = { write: (bytes: Uint8Array) => this.#sent(watch, bytes), flushed: () => true };
    try {
      watch.follower = server.answers.follow(question, sink, this.#cursor);
      const watcher = { watchId: id, watcherId: this.#name, acknowledges: true, lastWatchId: this.#lastId, peer: "p" };
      server.catalog.book.opened(watcher, watch.follower);
      watch.openedAt = this.#world.timeline.now;
      this.#lastId = id;
    } catch {
      // It has not read the store yet.
      watch.isOver = true;
    }
  }

  #leave(watch: Watch): void {
    if (watch.isOver) return;
    watch.isOver = true;
    if (watch === this.#watch) this.#lookAfter(this.#chance.between(20, TRY_AGAIN));
    watch.server.process.deliver(() => {
      watch.follower?.close();
      watch.server.catalog.book.closed(watch.id, "broken");
    });
  }

  /** One connection keeps the order of what it carries. */
  #sent(watch: Watch, bytes: Uint8Array): boolean {
    const { timeline } = this.#world;
    this.#last = Math.max(this.#last, timeline.now + this.#chance.between(0.2, 5));
    timeline.after(this.#last - timeline.now, () => {
      if (watch.isOver || watch.server.process.state === "dead") return;
      this.#heardAt = timeline.now;
      this.#take(watch, readMessage(bytes));
    });
    return true;
  }

  #take(watch: Watch, message: Message): void {
    const { revision, epoch } = message.cursor;
    if (this.#cursor !== undefined && this.#cursor.epoch === epoch && revision < this.#cursor.revision) {
      if (message.kind !== "snapshot") this.#wrong(`went back from ${this.#cursor.revision} to ${revision}`);
    }
    if (message.kind === "snapshot") this.#endpoints.clear();
    for (const { name, ready } of message.put) this.#endpoints.set(name, ready);
    for (const name of message.removed) this.#endpoints.delete(name);
    this.#cursor = message.cursor;
    this.#compare(Number(revision));
    const { timeline } = this.#world;
    timeline.after(this.#chance.between(1, 30), () => {
      if (watch.isOver) return;
      watch.server.process.deliver(() => watch.server.catalog.book.acknowledged(watch.id, message.cursor));
    });
  }

  #compare(revision: number): void {
    if (this.#judge.isRestored) return;
    const there = this.#judge.store.toldAt(revision, this.#service);
    const shown = this.ready;
    const wrong = shown.find((name) => there.get(name) !== true);
    const missing = [...there].find(([name, ready]) => ready && this.#endpoints.get(name) !== true);
    if (wrong !== undefined) this.#wrong(`holds ${wrong} at revision ${revision}, where it is not ready`);
    if (missing !== undefined) this.#wrong(`does not hold ${missing[0]} at revision ${revision}`);
  }

  #wrong(text: string): void {
    this.#judge.violated("watch", `${this.#name}: ${text}`);
  }
}

// Keeps the rows true: follows what the servers tell of themselves, asks for what they do not, and begins anew after a
// time without server or store.

import { listHosts, listNamespaces } from "../../cli/lists.js";
import type { Connection } from "../../connect.js";
import type { Event } from "../../gen/theseus/v1/rollout.js";
import type { GetServerStatusResponse } from "../../gen/theseus/v1/theseus_service.js";
import { pause } from "../../pause.js";
import type { Blindness } from "./blindness.js";
import { type FeedListener, followContainers } from "./containers-feed.js";
import { followEvents } from "./events-feed.js";
import type { Fleet } from "./fleet.js";
import type { GroupReader } from "./group-reader.js";
import type { TruthKeeper } from "./truth-keeper.js";

const STATUS_EVERY = 1_000;
const HOSTS_EVERY = 2_000;
/** What takes long is asked for seldom: at most this part of the time. */
const COST = 30;
const NAMESPACES_EVERY = 5_000;
const RELIST_EVERY = 15_000;
/** A little more than the server takes to say that its store does not answer. */
const STATUS_PATIENCE = 4_000;
/** For a watch to go on once a server answers. */
const FOLLOWING_PATIENCE = 20_000;

export interface KeeperParts {
  readonly connection: Connection;
  readonly fleet: Fleet;
  readonly truth: TruthKeeper;
  readonly blindness: Blindness;
  readonly reader: () => GroupReader;
  readonly truthChanged: () => void;
  /** What is told of containers next is of this revision of the store. */
  readonly reached: (revision: bigint) => void;
  /** A call to a server failed. */
  readonly failed: () => void;
  /** Some time has passed. */
  readonly swept: () => void;
}

export class Keeper {
  /** Once everything was read for the first time. */
  readonly loaded: Promise<void>;
  /** Once it is known how things stand. */
  readonly known: Promise<void>;
  readonly #parts: KeeperParts;
  #isLoaded: () => void = () => undefined;
  #isKnown: () => void = () => undefined;
  #look: (() => void) | undefined;
  /** Pending while the watch is broken. */
  #following: Promise<void> = Promise.resolve();
  #follows: () => void = () => undefined;
  /** Since everything was read. */
  #hasBroken = true;
  #heardAt = Date.now();
  /** A server with many containers works long for a list of its hosts. */
  #hostsTook = 0;
  #readingDue = false;
  readonly #doneAt = new Map<string, number>();

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.loaded = new Promise((resolve) => {
      this.#isLoaded = resolve;
    });
    this.known = new Promise((resolve) => {
      this.#isKnown = resolve;
    });
    this.#broke();
  }

  /** Something failed: how things stand is asked at once. */
  look(): void {
    this.#look?.();
  }

  /** Until the signal says so. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { connection, reader } = this.#parts;
    await Promise.all([
      followContainers(connection, this.#listener(), signal),
      reader().run(signal),
      this.#followEvents(signal),
      this.#rounds(signal),
    ]);
  }

  #listener(): FeedListener {
    const { fleet, reached } = this.#parts;
    return {
      all: (containers, revision) => {
        reached(revision);
        fleet.watchedAll(containers);
        this.#heard();
        this.#doneAt.delete("groups");
        this.look();
      },
      some: (put, removed, revision) => {
        reached(revision);
        fleet.watchedSome(put, removed);
        this.#heard();
      },
      none: () => this.#heard(),
      broke: (wasSilent) => {
        this.#parts.blindness.lost("watch", wasSilent ? this.#heardAt : Date.now());
        this.#broke();
        this.look();
      },
    };
  }

  #heard(): void {
    this.#heardAt = Date.now();
    this.#parts.blindness.found("watch", this.#heardAt);
    this.#follows();
  }

  #broke(): void {
    this.#hasBroken = true;
    this.#follows();
    this.#following = new Promise((resolve) => {
      this.#follows = resolve;
    });
  }

  /** How things stand, and what is asked for now and then. */
  async #rounds(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const began = performance.now();
      await this.#round(signal);
      const rest = Math.max(100, began + STATUS_EVERY - performance.now());
      await this.#pause(rest, signal);
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { truth, truthChanged } = this.#parts;
    try {
      const status = await this.#status(signal);
      const isBack = truth.truth.state !== "ok" && status.storeReachable;
      if (isBack) await this.#comeBack(status, signal);
      else if (truth.told(status, true)) truthChanged();
      this.#noteTruth();
      if (!isBack && status.storeReachable) void this.#readDue(signal);
    } catch {
      if (signal.aborted) return;
      this.#parts.failed();
      if (truth.away()) truthChanged();
      this.#noteTruth();
    }
    this.#isKnown();
    this.#parts.swept();
  }

  #status(signal: AbortSignal): Promise<GetServerStatusResponse> {
    return this.#parts.connection.theseus.getServerStatus({}, { signal, deadline: STATUS_PATIENCE });
  }

  /** All is read before anything is said to be well. */
  async #comeBack(status: GetServerStatusResponse, signal: AbortSignal): Promise<void> {
    const { truth, truthChanged } = this.#parts;
    if (!truth.wasRead && truth.told(status, false)) truthChanged();
    const isRead = await this.#readAnew(signal);
    // What the server said of itself before that may hold no more.
    if (truth.told(isRead ? await this.#status(signal) : status, isRead)) truthChanged();
    if (isRead) this.#isLoaded();
  }

  /** What a server tells without its store is of an earlier time. */
  #noteTruth(): void {
    const { truth, blindness } = this.#parts;
    const { state, asOf, now } = truth.truth;
    if (state === "ok") blindness.found("truth", now);
    else blindness.lost("truth", asOf);
  }

  /** Where the watch has gone on all the while, only what no watch tells is behind: that comes soon. */
  async #readAnew(signal: AbortSignal): Promise<boolean> {
    const hasBroken = this.#hasBroken;
    this.#hasBroken = false;
    if (!hasBroken) this.#doneAt.clear();
    else if (!(await this.#readAll(signal))) this.#hasBroken = true;
    return !this.#hasBroken;
  }

  /** False: a server that answers cannot tell it all. */
  async #readAll(signal: AbortSignal): Promise<boolean> {
    const late = new AbortController();
    const own = AbortSignal.any([signal, late.signal]);
    const tooLate = pause(FOLLOWING_PATIENCE, own);
    const followed = Promise.race([this.#following, tooLate.then(() => Promise.reject(new Error("no watch")))]);
    try {
      await Promise.all([this.#groups(own), this.#hosts(own), this.#namespaces(own), followed]);
      return true;
    } catch {
      return false;
    } finally {
      // What one of them left under way would else be asked for once more each second by a server that cannot tell it.
      late.abort();
      await followed.catch(() => undefined);
    }
  }

  async #readDue(signal: AbortSignal): Promise<void> {
    if (this.#readingDue) return;
    this.#readingDue = true;
    const due = [
      ["hosts", Math.max(HOSTS_EVERY, COST * this.#hostsTook), () => this.#hosts(signal)],
      ["namespaces", NAMESPACES_EVERY, () => this.#namespaces(signal)],
      ["groups", RELIST_EVERY, () => this.#groups(signal)],
    ] as const;
    try {
      for (const [name, every, read] of due) {
        const last = this.#doneAt.get(name);
        // A tick earlier than that is not a second earlier.
        if (last === undefined || performance.now() - last >= every - STATUS_EVERY / 2) await read();
      }
    } catch {
      // The next look says what is wrong.
    }
    this.#readingDue = false;
  }

  async #groups(signal: AbortSignal): Promise<void> {
    await this.#parts.reader().relist(signal);
    this.#doneAt.set("groups", performance.now());
  }

  async #hosts(signal: AbortSignal): Promise<void> {
    const { connection, fleet } = this.#parts;
    const began = performance.now();
    const { items } = await listHosts({ ...connection, call: { signal } });
    fleet.readHosts(items);
    this.#hostsTook = performance.now() - began;
    this.#doneAt.set("hosts", performance.now());
  }

  async #namespaces(signal: AbortSignal): Promise<void> {
    const { connection, fleet } = this.#parts;
    const { items } = await listNamespaces({ ...connection, call: { signal } });
    fleet.readNamespaces(["default", ...items.map(({ name }) => name)]);
    this.#doneAt.set("namespaces", performance.now());
  }

  async #followEvents(signal: AbortSignal): Promise<void> {
    const { connection, reader, truth } = this.#parts;
    await Promise.race([this.loaded, aborted(signal)]);
    const happened = ({ group, host }: Event) => {
      if (group !== undefined) reader().touch(group);
      // A host fell silent, or is back.
      else if (host !== "") this.#doneAt.delete("hosts");
    };
    await followEvents(connection, { happened, broke: () => this.look() }, () => truth.truth.asOf, signal);
  }

  async #pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#look = () => woken.abort();
    await pause(milliseconds, AbortSignal.any([signal, woken.signal])).catch(() => undefined);
    this.#look = undefined;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

// Keeps the rows true: follows what the servers tell of themselves, asks for what they do not, and begins anew after a
// time without server or store. What is not known to be true any more is not said to be well.

import type { Connection } from "../../connect.js";
import type { Event } from "../../gen/theseus/v1/rollout.js";
import type { GetServerStatusResponse } from "../../gen/theseus/v1/theseus_service.js";
import { pause } from "../../pause.js";
import type { Blindness } from "./blindness.js";
import { type FeedListener, followContainers } from "./containers-feed.js";
import { followEvents } from "./events-feed.js";
import type { Fleet } from "./fleet.js";
import { Following } from "./following.js";
import type { GroupReader } from "./group-reader.js";
import { Lists } from "./lists.js";
import { ownEnd } from "./own-end.js";
import type { TruthKeeper } from "./truth-keeper.js";

const STATUS_EVERY = 1_000;
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
  /** Some time has passed. */
  readonly swept: () => void;
  /** Milliseconds of a clock that only goes on. */
  readonly now: () => number;
}

export class Keeper {
  /** Once everything was read for the first time. */
  readonly loaded: Promise<void>;
  /** Once it is known how things stand. */
  readonly known: Promise<void>;
  readonly #parts: KeeperParts;
  readonly #following: Following;
  readonly #lists: Lists;
  #isLoaded: () => void = () => undefined;
  #isKnown: () => void = () => undefined;
  #look: (() => void) | undefined;
  /** All was read, and nothing has kept it from being true since. */
  #isWhole = false;
  /** Since when a server answers that reads its store; undefined: none does. */
  #answersSince: number | undefined;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#following = new Following({ steady: parts.now, wall: Date.now });
    this.#lists = new Lists(parts);
    this.loaded = new Promise((resolve) => {
      this.#isLoaded = resolve;
    });
    this.known = new Promise((resolve) => {
      this.#isKnown = resolve;
    });
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
    const { fleet, reached, blindness } = this.#parts;
    return {
      all: (containers, revision) => {
        reached(revision);
        fleet.watchedAll(containers);
        this.#heard();
        this.#lists.isDue("groups");
        this.look();
      },
      some: (put, removed, revision) => {
        reached(revision);
        fleet.watchedSome(put, removed);
        this.#heard();
      },
      none: () => this.#heard(),
      broke: (wasSilent, why) => {
        blindness.lost("watch", this.#following.broke(wasSilent, why));
        this.look();
      },
    };
  }

  #heard(): void {
    this.#parts.blindness.found("watch", this.#following.heard());
  }

  /** How things stand, and what is asked for now and then. */
  async #rounds(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { now } = this.#parts;
      const began = now();
      await this.#round(signal);
      const rest = Math.max(100, began + STATUS_EVERY - now());
      await this.#pause(rest, signal);
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { truth, truthChanged, swept } = this.#parts;
    try {
      const status = await this.#status(signal);
      if (status.storeReachable) await this.#answered(status, signal);
      else this.#away(() => this.#tell(status, false));
    } catch {
      if (signal.aborted) return;
      this.#away(() => truth.away() && truthChanged());
    }
    this.#noteTruth();
    this.#isKnown();
    swept();
  }

  #status(signal: AbortSignal): Promise<GetServerStatusResponse> {
    return this.#parts.connection.theseus.getServerStatus({}, { signal, deadline: STATUS_PATIENCE });
  }

  #away(say: () => void): void {
    this.#answersSince = undefined;
    this.#isWhole = false;
    say();
  }

  async #answered(status: GetServerStatusResponse, signal: AbortSignal): Promise<void> {
    this.#answersSince ??= this.#parts.now();
    // A server that answers may refuse to be followed: until it does not, its rows are of before.
    const isLost = this.#following.isLost(this.#answersSince);
    if (isLost) this.#isWhole = false;
    else if (!this.#isWhole) {
      await this.#comeBack(status, signal);
      return;
    }
    this.#tell(status, this.#isWhole);
    void this.#lists.readDue(signal);
  }

  #tell(status: GetServerStatusResponse, isRead: boolean): void {
    const { truth, truthChanged } = this.#parts;
    const { why, upTo } = this.#following;
    const unfollowed = isRead || why === "" ? [] : [`the viewer cannot follow the containers: ${why}`];
    if (truth.told(status, isRead, { upTo, problems: [...unfollowed, ...this.#lists.problems] })) truthChanged();
  }

  /** All is read before anything is said to be well. */
  async #comeBack(status: GetServerStatusResponse, signal: AbortSignal): Promise<void> {
    if (!this.#parts.truth.wasRead) this.#tell(status, false);
    const isRead = await this.#readAnew(signal);
    // What the server said of itself before that may hold no more.
    const now = await this.#status(signal);
    this.#isWhole = isRead && now.storeReachable;
    this.#tell(now, isRead);
    if (this.#isWhole) this.#isLoaded();
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
    const following = this.#following;
    const hasBroken = following.hasBroken;
    following.hasBroken = false;
    if (!hasBroken) this.#lists.isDue();
    else if (!(await this.#readAll(signal))) following.hasBroken = true;
    return !following.hasBroken;
  }

  /** False: a server that answers cannot tell it all. */
  async #readAll(signal: AbortSignal): Promise<boolean> {
    const { own, leave } = ownEnd(signal);
    const tooLate = pause(FOLLOWING_PATIENCE, own.signal);
    const followed = Promise.race([this.#following.goesOn, tooLate.then(() => Promise.reject(new Error("no watch")))]);
    try {
      await Promise.all([this.#lists.readAll(own.signal), followed]);
      return true;
    } catch {
      return false;
    } finally {
      leave();
      // What one of them left under way would else be asked for once more each second by a server that cannot tell it.
      own.abort();
      await followed.catch(() => undefined);
    }
  }

  async #followEvents(signal: AbortSignal): Promise<void> {
    const { connection, reader, truth } = this.#parts;
    await Promise.race([this.loaded, aborted(signal)]);
    const happened = ({ group, host }: Event) => {
      if (group !== undefined) reader().touch(group);
      // A host fell silent, or is back.
      else if (host !== "") this.#lists.isDue("hosts");
    };
    await followEvents(connection, { happened, broke: () => this.look() }, () => truth.truth.asOf, signal);
  }

  async #pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    const { own, leave } = ownEnd(signal);
    this.#look = () => own.abort();
    await pause(milliseconds, own.signal).catch(() => undefined);
    this.#look = undefined;
    leave();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type AnswererDeps, answerDrains } from "../../../src/catalog/answerer.js";
import type { Shelved } from "../../../src/catalog/drain-shelf.js";
import type { Listener } from "../../../src/catalog/listeners.js";
import type { Unanswered, WatchBook } from "../../../src/model/discovery.js";
import type { DrainAnswer } from "../../../src/model/drain.js";
import type { Cursor } from "../../../src/model/history.js";
import { groupRef } from "../../../src/model/reference.js";
import type { AnsweredDrain, DrainStore, Written } from "../../../src/model/store.js";
import { ManualClock, settle } from "../../support/manual-clock.js";
import { LogBook } from "../grpc/rig.js";

const GROUP = groupRef("web", ["dev"]);

function watcher(watcherId: string, more: Partial<Unanswered> = {}): Unanswered {
  const own = { watchId: `s.${watcherId}`, watcherId, acknowledges: true, lastWatchId: "", peer: "10.0.0.1:1" };
  return { ...own, connected: true, acknowledged: undefined, ...more };
}

/** A mirror with one drain at most, a book that says what the test wants, and a store that writes down. */
class Rig {
  readonly clock = new ManualClock();
  readonly log = new LogBook();
  readonly written: {
    readonly at: number;
    readonly drain: AnsweredDrain;
    readonly answer: DrainAnswer;
    former: bigint;
  }[] = [];
  awaited: readonly Unanswered[] = [];
  asked = 0;
  /** What becomes of the next writes. */
  outcome: (() => Promise<Written | undefined>) | undefined;
  #drains: readonly Shelved[] = [];
  #cursor: Cursor = { epoch: "e1", revision: 10n };
  #revision = 100n;
  readonly #changed = new Set<Listener>();
  readonly #watched = new Set<() => void>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor() {
    const store: DrainStore = {
      answerDrain: async (drain, answer, former) => {
        this.written.push({ at: this.clock.monotonic(), drain, answer, former });
        return this.outcome === undefined ? { revision: ++this.#revision } : this.outcome();
      },
    };
    const unanswered = () => {
      this.asked += 1;
      return this.awaited;
    };
    const book = { unanswered, onChange: (listener: () => void) => add(this.#watched, listener) };
    const catalog: AnswererDeps["catalog"] = {
      drains: () => this.#drains,
      cursor: () => this.#cursor,
      onChange: (listener) => add(this.#changed, listener),
      book: book as Partial<WatchBook> as WatchBook,
    };
    const { clock, log } = this;
    this.#running = answerDrains({ catalog, store, serverId: "me", clock, log }, this.#stop.signal);
  }

  /** The drain of that revision stands, with this server's answer. */
  async drain(
    revision: bigint,
    more: { servers?: string[]; answer?: DrainAnswer; written?: bigint } = {},
  ): Promise<void> {
    const { servers = ["me", "other"], answer, written = 0n } = more;
    const drain = {
      revision,
      record: { servers, ackDeadline: 10_000, asked: 0 },
      answers: new Map(answer === undefined ? [] : [["me", answer]]),
    };
    const container = { ...GROUP, name: "a" };
    this.#drains = [{ container, drain, written: new Map(answer === undefined ? [] : [["me", written]]) }];
    await this.tell(GROUP);
  }

  async gone(): Promise<void> {
    this.#drains = [];
    await this.tell(GROUP);
  }

  /** The mirror lists again, in another stretch of history. */
  async restored(): Promise<void> {
    this.#cursor = { epoch: "e2", revision: 5n };
    await this.tell("all");
  }

  async tell(touched: Parameters<Listener>[0]): Promise<void> {
    for (const listener of this.#changed) listener(touched, this.#cursor.revision, true);
    await settle();
  }

  async acknowledge(...left: readonly Unanswered[]): Promise<void> {
    this.awaited = left;
    for (const listener of this.#watched) listener();
    await this.clock.advance(20);
  }

  get answers(): readonly string[] {
    return this.written.map(({ answer }) => answer.awaits.map(({ watcherId }) => watcherId).join(" ") || "nobody");
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.clock.advance(0);
    await this.#running;
  }
}

function add<T>(set: Set<T>, one: T): () => void {
  set.add(one);
  return () => set.delete(one);
}

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.stop());

describe("what a server says of a drain", () => {
  it("is that nobody is waited for, at once and once", async () => {
    await rig.drain(7n);
    expect(rig.written).toEqual([
      {
        at: 0,
        drain: { container: { ...GROUP, name: "a" }, revision: 7n, seen: { epoch: "e1", revision: 10n } },
        answer: { awaits: [] },
        former: 0n,
      },
    ]);
    await rig.clock.advance(60_000);
    await rig.drain(7n, { answer: { awaits: [] }, written: 101n });
    await rig.acknowledge(watcher("late"));
    expect(rig.answers).toEqual(["nobody"]);
  });

  it("is nothing when it was not asked, and the book is not looked at", async () => {
    await rig.drain(7n, { servers: ["other"] });
    await rig.acknowledge();
    await rig.clock.advance(5_000);
    expect([rig.written, rig.asked]).toEqual([[], 0]);
  });

  it("comes with the last acknowledgement, and names nobody who answers soon", async () => {
    rig.awaited = [watcher("w1"), watcher("w2")];
    await rig.drain(7n);
    await rig.acknowledge(watcher("w2"));
    await rig.clock.advance(500);
    expect(rig.answers).toEqual([]);
    await rig.acknowledge();
    expect(rig.answers).toEqual(["nobody"]);
  });

  it("names who is awaited after a second, again only when that changes, and at most once a second", async () => {
    rig.awaited = [watcher("w2"), watcher("w1"), watcher("w3")];
    await rig.drain(7n);
    await rig.clock.advance(5_000);
    expect(rig.answers).toEqual(["w1 w2 w3"]);
    await rig.acknowledge(watcher("w1"), watcher("w2"));
    await rig.acknowledge(watcher("w1"));
    await rig.acknowledge(watcher("w1", { connected: false }));
    await rig.clock.advance(3_000);
    expect(rig.written.map(({ answer }) => answer.awaits)).toEqual([
      ["w1", "w2", "w3"].map((watcherId) => ({ watcherId, peer: "10.0.0.1:1", connected: true })),
      ["w1", "w2"].map((watcherId) => ({ watcherId, peer: "10.0.0.1:1", connected: true })),
      [{ watcherId: "w1", peer: "10.0.0.1:1", connected: false }],
    ]);
    expect((rig.written[2]?.at ?? 0) - (rig.written[1]?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect(rig.written.map(({ former }) => former)).toEqual([0n, 101n, 102n]);
    await rig.acknowledge();
    expect(rig.answers.at(-1)).toBe("nobody");
  });

  it("changes also when only time has passed, as for a watch that broke and a queue that empties", async () => {
    rig.awaited = [watcher("w1")];
    await rig.drain(7n);
    await rig.clock.advance(500);
    rig.awaited = [];
    await rig.clock.advance(200);
    expect(rig.answers).toEqual(["nobody"]);
  });

  it("is said once more in a store that was put back to a time before it", async () => {
    await rig.drain(7n);
    await rig.restored();
    await rig.clock.advance(100);
    expect(rig.written.map(({ drain, former }) => [drain.seen.epoch, former])).toEqual([
      ["e1", 0n],
      ["e2", 0n],
    ]);
  });

  it("is tried again when the store fails, less and less often, and logged once", async () => {
    rig.outcome = () => Promise.reject(new Error("away"));
    await rig.drain(7n);
    await rig.clock.advance(20_000);
    const tries = rig.written.length;
    expect(tries).toBeGreaterThan(5);
    expect(tries).toBeLessThan(20);
    expect(rig.log.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
    rig.outcome = undefined;
    await rig.clock.advance(3_000);
    expect(rig.written).toHaveLength(tries + 1);
  });

  it("is not written over and over when the store does not take it, and no more once the drain is gone", async () => {
    rig.outcome = async () => undefined;
    await rig.drain(7n);
    await rig.clock.advance(1_000);
    const tries = rig.written.length;
    expect(tries).toBeLessThan(10);
    await rig.gone();
    await rig.clock.advance(10_000);
    expect(rig.written).toHaveLength(tries);
  });

  it("is of each drain anew, also of the same container", async () => {
    await rig.drain(7n);
    await rig.drain(9n);
    await rig.clock.advance(20);
    expect(rig.written.map(({ drain }) => drain.revision)).toEqual([7n, 9n]);
  });

  it("costs nothing while nothing leaves", async () => {
    await rig.acknowledge(watcher("w1"));
    await rig.tell(GROUP);
    await rig.clock.advance(60_000);
    expect(rig.asked).toBe(0);
  });
});

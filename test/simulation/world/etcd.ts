// The etcd of a simulated world: the core of the embedded store, whose agreement with etcd the proof `model` holds, over a
// disk in memory. It can be frozen, killed, filled, and put back to a backup. Nobody here knows who asks, but `onCommit`.

import { Compactor } from "../../../src/embedded/compactor.js";
import type { Disk } from "../../../src/embedded/disk.js";
import { EtcdCalls } from "../../../src/embedded/etcd-calls.js";
import { Head } from "../../../src/embedded/head.js";
import type { Version } from "../../../src/embedded/history.js";
import { Journal } from "../../../src/embedded/journal.js";
import { LeaseDesk } from "../../../src/embedded/lease-desk.js";
import type { Leases } from "../../../src/embedded/leases.js";
import { loadStore } from "../../../src/embedded/load.js";
import { DEFAULT_QUOTA, Quota } from "../../../src/embedded/quota.js";
import type { DiskOperation, DiskRecord } from "../../../src/embedded/records.js";
import { refusal } from "../../../src/embedded/refusals.js";
import { tick } from "../../../src/embedded/ticker.js";
import { Visible } from "../../../src/embedded/visible.js";
import type { WatchStream } from "../../../src/embedded/watch-stream.js";
import { createEmbeddedWire } from "../../../src/embedded/wire.js";
import { Writer } from "../../../src/embedded/writer.js";
import type { Milliseconds } from "../../../src/model/instant.js";
import type { EtcdWire } from "../../../src/model/ports.js";
import { Process } from "./process.js";
import { QUIET } from "./quiet.js";
import type { Seeded } from "./seeded.js";
import type { Timeline } from "./timeline.js";

/** One revision, as soon as it is written; `by` is the process that asked for it, undefined: etcd itself. */
export type Commit = {
  readonly revision: number;
  readonly changes: readonly Version[];
  readonly by: string | undefined;
  /** When it was asked for. */
  readonly sentAt: Milliseconds;
};

type Running = {
  readonly process: Process;
  readonly wire: EtcdWire;
  readonly visible: Visible;
  readonly leases: Leases;
  readonly startedAt: Milliseconds;
  readonly quota: FillableQuota;
};

export class Etcd {
  readonly #timeline: Timeline;
  readonly #chance: Seeded;
  #disk = new MemoryDisk();
  #running: Running | undefined;
  #boots = 0;
  #seen = 0;
  #by: string | undefined;
  #sentAt: Milliseconds | undefined;
  onCommit: (commit: Commit) => void = () => undefined;
  /** History is another one from here on: its newest revision, and what is there. */
  onRestore: (revision: number, all: readonly Version[]) => void = () => undefined;
  /** It was killed, or has been frozen for too long: connections break. */
  readonly onBreak = new Set<() => void>();

  constructor(timeline: Timeline, chance: Seeded) {
    this.#timeline = timeline;
    this.#chance = chance;
  }

  /** Undefined while it is down. */
  get wire(): EtcdWire | undefined {
    return this.#running?.wire;
  }

  get isUp(): boolean {
    return this.#running?.process.state === "running";
  }

  get visible(): Visible | undefined {
    return this.#running?.visible;
  }

  /** Its lease was granted or renewed since the store was started, which gives each its whole time anew. */
  wasRenewed(key: string): boolean {
    const { leases, startedAt } = this.#running ?? {};
    const lease = leases?.all().find(({ keys }) => keys.has(key));
    return lease !== undefined && startedAt !== undefined && lease.endsAt > startedAt + lease.ttlSeconds * 1000;
  }

  /** Changes whenever it is started again. */
  get boots(): number {
    return this.#boots;
  }

  async start(): Promise<void> {
    const boot = ++this.#boots;
    const process = new Process(`etcd ${boot}`, this.#timeline);
    const loaded = await loadStore(this.#disk, this.#chance.of(`etcd ${boot}`), this.#timeline.now);
    if (boot === this.#boots) this.#running = this.#build(process, loaded);
  }

  /** Its clients' connections break; what it has acknowledged is on the disk. */
  kill(): void {
    this.#running?.process.kill();
    this.#running = undefined;
    this.#boots++;
    this.breakConnections();
  }

  freeze(): void {
    this.#running?.process.freeze();
  }

  thaw(): void {
    this.#running?.process.thaw();
  }

  fill(isFull: boolean): void {
    if (this.#running !== undefined) this.#running.quota.isFilled = isFull;
  }

  breakConnections(): void {
    for (const broken of [...this.onBreak]) broken();
  }

  /** A backup of now; the answer puts it back, as another history. */
  backUp(): () => Promise<void> {
    const disk = this.#disk.copy();
    return async () => {
      this.kill();
      this.#disk = disk;
      this.#seen = 0;
      await this.start();
      const history = this.#running?.visible.history;
      if (history === undefined) return;
      this.#seen = history.head;
      this.onRestore(history.head, history.find({ first: "", end: undefined, single: false }, history.head).versions);
    };
  }

  /** Carries out what a client sent, as soon as it can: `refused` when it is down. */
  arrive(by: string, run: (wire: EtcdWire) => void, refused: () => void, sentAt = this.#timeline.now): void {
    const running = this.#running;
    if (running === undefined) {
      refused();
      return;
    }
    running.process.deliver(() => {
      this.look();
      this.#by = by;
      this.#sentAt = sentAt;
      run(running.wire);
      this.look();
      this.#by = undefined;
      this.#sentAt = undefined;
    });
  }

  /** Tells of every revision that was not told of. */
  look(): void {
    const history = this.#running?.visible.history;
    if (history === undefined) return;
    while (this.#seen < history.head) {
      const revision = ++this.#seen;
      this.onCommit({
        revision,
        changes: history.changesOf(revision),
        by: this.#by,
        sentAt: this.#sentAt ?? this.#timeline.now,
      });
    }
  }

  #build(process: Process, { history, leases, identity }: Awaited<ReturnType<typeof loadStore>>): Running {
    const { clock } = process;
    const rng = this.#chance.of(`leases ${this.#boots}`);
    const log = QUIET;
    const visible = new Visible(history, identity);
    const quota = new FillableQuota(DEFAULT_QUOTA, history);
    const rollBack = (revision: number): void => {
      history.rollBack(revision);
      history.attachLeases(leases);
    };
    const streams = new Set<WatchStream>();
    const memory = {
      publish: (revision: number) => visible.publish(revision),
      rollBack: () => rollBack(visible.revision),
      repair: async () => undefined,
      lose: () => undefined,
    };
    const journal = new Journal(this.#disk, { clock, log, memory, reopen: async () => this.#disk });
    const writer = new Writer(history, journal, () => rollBack(history.head));
    const head = new Head(history, leases, clock);
    const desk = new LeaseDesk({ leases, head, journal, writer, visible, quota, clock, rng });
    const compactor = new Compactor(visible, journal, quota);
    void tick({ clock, log, leases, desk, journal, streams }, new AbortController().signal);
    const ends = { stop: async () => undefined, release: async () => undefined };
    const parts = { visible, leases, head, journal, writer, compactor, desk, quota, streams };
    const calls = new EtcdCalls({ folder: { path: "memory" }, ...parts, ...ends });
    return { process, wire: createEmbeddedWire(calls), visible, leases, startedAt: this.#timeline.now, quota };
  }
}

class FillableQuota extends Quota {
  isFilled = false;

  override check(cost: number, isLeased: boolean): void {
    if (this.isFilled && cost > 0 && !isLeased) throw refusal("noSpace");
    super.check(cost, isLeased);
  }
}

class MemoryDisk implements Disk {
  readonly #records: Map<string, DiskRecord>;

  constructor(records: ReadonlyMap<string, DiskRecord> = new Map()) {
    this.#records = new Map(records);
  }

  copy(): MemoryDisk {
    return new MemoryDisk(this.#records);
  }

  async write(operations: readonly DiskOperation[]): Promise<void> {
    for (const operation of operations) {
      const id = operation.key.toString("latin1");
      if (operation.type === "put") this.#records.set(id, operation);
      else this.#records.delete(id);
    }
  }

  async *records(): AsyncGenerator<DiskRecord, void, undefined> {
    const inOrder = [...this.#records].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [, record] of inOrder) yield record;
  }

  async close(): Promise<void> {
    // It stays: the next one to open it finds what was written.
  }
}

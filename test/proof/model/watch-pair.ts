// One watch stream on each side, fed with the same requests; what comes of each watch has to be the same on both. How
// events are packed into messages may differ, within etcd's rules.

import type { ClientDuplexStream } from "@grpc/grpc-js";
import type { WatchCreateRequest, WatchRequest, WatchResponse } from "../../../src/embedded/gen/etcd.js";
import { until } from "../../support/until.js";
import { presentable } from "./compared.js";
import type { Pair } from "./sides.js";
import { isIn, type World } from "./world.js";

const COMES_WITHIN_MS = 10_000;

/** What has to come of one watch id: answers to requests, and events of the world's history. */
type Watch = {
  readonly create: WatchCreateRequest;
  readonly from: bigint;
  /** Of the history: events before it came to be are counted from `from`, those from this on belong to no watch. */
  endsAt: number | undefined;
  controls: number;
};

/** Not one watch's: progress notices and refused watches. */
const NOBODY = -1n;

export class WatchPair {
  readonly #world: World;
  readonly #sides: readonly [Follower, Follower];
  readonly #watches = new Map<bigint, Watch>();
  #compared = new Map<bigint, number>();
  #nobodys = 0;

  constructor(world: World, { etcd, embedded }: Pair) {
    this.#world = world;
    this.#sides = [new Follower(etcd.api.watch()), new Follower(embedded.api.watch())];
  }

  /** Ids of watches that are on. */
  get ids(): readonly bigint[] {
    return [...this.#watches].filter(([, { endsAt }]) => endsAt === undefined).map(([id]) => id);
  }

  /** An id of 0 is chosen by the store, equally on both sides. Resolves when both have answered. */
  async create(create: WatchCreateRequest): Promise<void> {
    const seen = this.#sides.map((side) => side.created);
    this.#send({ $case: "createRequest", value: create });
    await this.#until("a watch to be made", () => this.#sides.every((side, at) => side.created > (seen[at] ?? 0)));
    const answer = this.#sides[0].lastCreated;
    if (answer === undefined || answer.canceled) this.#nobodys += 1;
    else this.#watches.set(answer.watchId, this.#begin(create, this.#watches.get(answer.watchId)));
  }

  async cancel(id: bigint): Promise<void> {
    await this.settle();
    const watch = this.#watches.get(id);
    this.#send({ $case: "cancelRequest", value: { watchId: id } });
    if (watch !== undefined && watch.endsAt === undefined) this.#end(watch);
    await this.settle();
  }

  async progress(): Promise<void> {
    await this.settle();
    this.#send({ $case: "progressRequest", value: {} });
    this.#nobodys += 1;
    await this.settle();
  }

  /** Waits until both sides have told all there is to tell, and compares it. */
  async settle(): Promise<void> {
    for (const [id, watch] of this.#watches) await this.#settleOne(id, this.#wanted(watch));
    await this.#settleOne(NOBODY, this.#nobodys);
    for (const side of this.#sides) {
      if (side.faults.length > 0) throw new Error(`a watch stream: ${side.faults.join("; ")}`);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#sides.map((side) => side.close()));
  }

  /** A watch that has ended may have had the id before. */
  #begin(create: WatchCreateRequest, before: Watch | undefined): Watch {
    const from = create.startRevision === 0n ? this.#world.revision + 1n : create.startRevision;
    const watch: Watch = {
      create,
      from,
      endsAt: undefined,
      controls: 1 + (before === undefined ? 0 : this.#wanted(before)),
    };
    if (from < this.#world.compacted) {
      watch.controls += 1;
      watch.endsAt = 0;
    }
    return watch;
  }

  #end(watch: Watch): void {
    watch.controls += 1;
    watch.endsAt = this.#world.history.length;
  }

  #wanted({ create, from, endsAt, controls }: Watch): number {
    const range = { key: create.key.length === 0 ? Buffer.from([0]) : create.key, rangeEnd: create.rangeEnd };
    const told = this.#world.history.slice(0, endsAt).filter(({ revision, type, key }) => {
      const isFiltered = create.filters.includes(type === "put" ? 0 : 1);
      return revision >= from && !isFiltered && isIn(range, key);
    });
    return told.length + controls;
  }

  async #settleOne(id: bigint, wanted: number): Promise<void> {
    const what = `${wanted} items of watch ${id}`;
    const [etcd, embedded] = this.#sides.map((side) => side.itemsOf(id)) as [string[], string[]];
    await this.#until(what, () => etcd.length >= wanted && embedded.length >= wanted);
    for (let at = this.#compared.get(id) ?? 0; at < Math.max(etcd.length, embedded.length); at++) {
      if (etcd[at] === embedded[at]) continue;
      throw new Error(`watch ${id}, item ${at}:\n  etcd     ${etcd[at]}\n  embedded ${embedded[at]}`);
    }
    if (etcd.length > wanted) throw new Error(`${what} were awaited, both told ${etcd.length}: ${etcd.slice(wanted)}`);
    this.#compared.set(id, etcd.length);
  }

  #send(requestUnion: WatchRequest["requestUnion"]): void {
    for (const side of this.#sides) side.send({ requestUnion });
  }

  async #until(what: string, isSo: () => boolean): Promise<void> {
    const seen = () => this.#sides.map((side) => side.summary()).join("\n  embedded ");
    await until(what, isSo, { everyMs: 1, withinMs: COMES_WITHIN_MS }).catch((error: Error) => {
      throw new Error(`${error.message}\n  etcd     ${seen()}`);
    });
  }
}

/** One side's stream. */
class Follower {
  readonly faults: string[] = [];
  created = 0;
  lastCreated: WatchResponse | undefined;
  readonly #stream: ClientDuplexStream<WatchRequest, WatchResponse>;
  readonly #items = new Map<bigint, string[]>();
  readonly #last = new Map<bigint, WatchResponse>();
  #isClosing = false;
  readonly #ended: Promise<void>;

  constructor(stream: ClientDuplexStream<WatchRequest, WatchResponse>) {
    this.#stream = stream;
    stream.on("data", (message: WatchResponse) => this.#take(message));
    stream.on("error", (error) => {
      if (!this.#isClosing) this.faults.push(`the stream ended: ${error.message}`);
    });
    this.#ended = new Promise((resolve) => stream.once("status", () => resolve()));
  }

  send(request: WatchRequest): void {
    this.#stream.write(request);
  }

  itemsOf(id: bigint): string[] {
    const items = this.#items.get(id) ?? [];
    this.#items.set(id, items);
    return items;
  }

  summary(): string {
    const told = [...this.#items].map(([id, items]) => `${id}: ${items.length}, last ${items.at(-1) ?? "nothing"}`);
    return [...told, ...this.faults].join("; ");
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#stream.cancel();
    await this.#ended;
  }

  #take(message: WatchResponse): void {
    const { watchId, events, fragment, ...control } = message;
    const items = this.itemsOf(watchId);
    if (message.created) {
      this.created += 1;
      this.lastCreated = message;
    }
    if (events.length === 0) items.push(presentable(control));
    for (const event of events) items.push(presentable(event));
    if (events.length > 0) this.#checkPacking(message);
  }

  /** A revision comes whole, in one message or in marked fragments; revisions never go back; the header knows them all. */
  #checkPacking(message: WatchResponse): void {
    const before = this.#last.get(message.watchId);
    this.#last.set(message.watchId, message);
    const revisions = message.events.map(({ kv }) => kv?.modRevision ?? 0n);
    const first = revisions[0] ?? 0n;
    const last = revisions.at(-1) ?? 0n;
    if (revisions.some((revision, at) => revision < (revisions[at - 1] ?? 0n))) this.faults.push("revisions go back");
    if ((message.header?.revision ?? 0n) < last) this.faults.push(`header ${message.header?.revision} under ${last}`);
    const lastBefore = before?.events.at(-1)?.kv?.modRevision ?? 0n;
    if (first < lastBefore) this.faults.push(`revision ${first} after ${lastBefore}`);
    if (first === lastBefore && before?.fragment === false) this.faults.push(`revision ${first} in two messages`);
  }
}

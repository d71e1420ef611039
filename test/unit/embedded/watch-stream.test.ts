// Watches of the embedded store: what comes when, in which pieces, and that nothing is kept for a reader that does not read.

import { describe, expect, it } from "@jest/globals";
import { planCompaction } from "../../../src/embedded/compaction.js";
import {
  WatchCreateRequest_FilterType as Filter,
  WatchCreateRequest,
  type WatchResponse,
} from "../../../src/embedded/gen/etcd.js";
import { History } from "../../../src/embedded/history.js";
import { Visible } from "../../../src/embedded/visible.js";
import { WatchStream } from "../../../src/embedded/watch-stream.js";

const ALL = WatchCreateRequest.fromPartial({ key: Buffer.from("a"), rangeEnd: Buffer.from("z") });

class Stage {
  readonly history = new History();
  readonly visible = new Visible(this.history, { clusterId: 1n, memberId: 2n });
  readonly stream = new WatchStream(this.visible, () => undefined);
  readonly #messages = this.stream[Symbol.asyncIterator]();

  put(...keys: readonly string[]): void {
    this.putLarge(keys, 1);
  }

  putLarge(keys: readonly string[], size: number): void {
    for (const key of keys) this.history.put(Buffer.from(key), Buffer.alloc(size, "v"), 0n);
    this.history.finish();
    this.visible.publish(this.history.head);
  }

  remove(key: string): void {
    const found = this.history.at(key, this.history.head);
    if (found !== undefined) this.history.delete(found);
    this.history.finish();
    this.visible.publish(this.history.head);
  }

  compact(revision: number): void {
    const { dropped, left } = planCompaction(this.history, revision);
    this.history.compact(revision, dropped, left);
  }

  create(request: Partial<WatchCreateRequest> = {}): void {
    const value = { ...ALL, ...request };
    this.stream.request({ requestUnion: { $case: "createRequest", value } });
  }

  cancel(watchId: bigint): void {
    this.stream.request({ requestUnion: { $case: "cancelRequest", value: { watchId } } });
  }

  progress(): void {
    this.stream.request({ requestUnion: { $case: "progressRequest", value: {} } });
  }

  async next(): Promise<WatchResponse> {
    const next = await this.#messages.next();
    if (next.done) throw new Error("the stream has ended");
    return next.value;
  }

  async ended(): Promise<boolean> {
    return (await this.#messages.next()).done === true;
  }
}

const revisionsOf = ({ events }: WatchResponse) => events.map(({ kv }) => Number(kv?.modRevision));
const keysOf = ({ events }: WatchResponse) => events.map(({ kv }) => kv?.key.toString());
const headerOf = ({ header }: WatchResponse) => Number(header?.revision);

describe("a watch", () => {
  it("from the present has what comes later, a revision whole and in order", async () => {
    const stage = new Stage();
    stage.put("a");
    stage.create();
    expect(await stage.next()).toMatchObject({ created: true, watchId: 0n });
    const coming = stage.next();
    stage.put("c", "b", "zz");
    const message = await coming;
    expect(keysOf(message)).toEqual(["c", "b"]);
    expect(headerOf(message)).toBe(3);
  });

  it("from an old revision has the past first, several revisions to a message", async () => {
    const stage = new Stage();
    for (let i = 0; i < 2500; i++) stage.put("a");
    stage.create({ startRevision: 100n });
    await stage.next();
    const messages = [await stage.next(), await stage.next(), await stage.next()];
    expect(messages.flatMap(revisionsOf)).toEqual(Array.from({ length: 2402 }, (_, i) => i + 100));
    expect(messages.map(headerOf)).toEqual([1099, 2099, 2501]);
  });

  it("of a revision that has not come yet is silent until then", async () => {
    const stage = new Stage();
    stage.create({ startRevision: 4n });
    await stage.next();
    for (let i = 0; i < 5; i++) stage.put("a");
    expect(revisionsOf(await stage.next())).toEqual([4, 5, 6]);
  });

  it("gives what was there before when it is asked to, as far as that is not compacted", async () => {
    const stage = new Stage();
    stage.put("a");
    stage.put("a");
    stage.remove("a");
    stage.put("a");
    stage.compact(3);
    stage.create({ startRevision: 3n, prevKv: true });
    await stage.next();
    const { events } = await stage.next();
    expect(events.map(({ prevKv }) => prevKv && Number(prevKv.modRevision))).toEqual([undefined, 3, undefined]);
    expect(events[1]).toMatchObject({ type: 1, kv: { version: 0n, createRevision: 0n, modRevision: 4n } });
  });

  it("leaves out what is filtered, and sends no empty message for it", async () => {
    const stage = new Stage();
    stage.create({ filters: [Filter.NOPUT] });
    stage.create({ filters: [Filter.NODELETE] });
    expect([await stage.next(), await stage.next()].map(({ watchId }) => watchId)).toEqual([0n, 1n]);
    stage.put("a");
    stage.remove("a");
    const [one, other] = [await stage.next(), await stage.next()].sort((a, b) => Number(a.watchId - b.watchId));
    expect(one && revisionsOf(one)).toEqual([3]);
    expect(other && revisionsOf(other)).toEqual([2]);
  });

  it("gets a large revision whole, or in fragments when it takes them", async () => {
    const stage = new Stage();
    stage.create();
    stage.create({ fragment: true });
    await stage.next();
    await stage.next();
    const keys = Array.from({ length: 50 }, (_, i) => `a${i}`);
    stage.putLarge(keys, 100_000);
    stage.put("b");
    const messages: WatchResponse[] = [];
    while (messages.flatMap(keysOf).length < 102) messages.push(await stage.next());
    const whole = messages.filter(({ watchId }) => watchId === 0n);
    const pieces = messages.filter(({ watchId }) => watchId === 1n);
    expect(whole.map(keysOf)).toEqual([keys, ["b"]]);
    expect(pieces.flatMap(keysOf)).toEqual([...keys, "b"]);
    expect(pieces.map(({ fragment }) => fragment)).toEqual([true, true, true, false, false]);
  });

  it("behind the compacted revision is cancelled with it, also one that was not read in time", async () => {
    const stage = new Stage();
    for (let i = 0; i < 10; i++) stage.put("a");
    stage.create({ startRevision: 5n });
    stage.compact(8);
    expect(await stage.next()).toMatchObject({ created: true, canceled: false });
    expect(await stage.next()).toMatchObject({ canceled: true, compactRevision: 8n, events: [] });
    stage.create({ startRevision: 8n });
    await stage.next();
    expect(revisionsOf(await stage.next())).toEqual([8, 9, 10, 11]);
  });

  it("has an id of its own, given or free, and no empty range", async () => {
    const stage = new Stage();
    stage.create({ watchId: 1n });
    stage.create();
    stage.create();
    stage.create({ watchId: 1n });
    stage.create({ rangeEnd: Buffer.from("a") });
    const answers = [];
    for (let i = 0; i < 5; i++) answers.push(await stage.next());
    expect(answers.map(({ watchId }) => watchId)).toEqual([1n, 0n, 2n, -1n, -1n]);
    expect(answers.map(({ cancelReason }) => cancelReason)).toEqual([
      ...["", "", ""],
      "mvcc: duplicate watch ID provided on the WatchStream",
      "mvcc: watcher range is empty",
    ]);
  });

  it("says nothing after it was cancelled", async () => {
    const stage = new Stage();
    stage.create();
    stage.create();
    await stage.next();
    await stage.next();
    stage.cancel(7n);
    stage.cancel(0n);
    stage.put("a");
    expect(await stage.next()).toMatchObject({ watchId: 0n, canceled: true, compactRevision: 0n });
    expect(await stage.next()).toMatchObject({ watchId: 1n, events: [{}] });
  });
});

describe("a stream of watches", () => {
  it("tells progress only up to what every watch was sent", async () => {
    const stage = new Stage();
    for (let i = 0; i < 1500; i++) stage.put("a");
    stage.create({ startRevision: 1n });
    await stage.next();
    stage.progress();
    const messages = [await stage.next(), await stage.next(), await stage.next()];
    expect(messages.map(({ watchId }) => watchId)).toEqual([0n, 0n, -1n]);
    expect(messages.map(headerOf)).toEqual([1001, 1501, 1501]);
  });

  it("gives progress notices to watches that want them and have heard nothing", async () => {
    const stage = new Stage();
    stage.create({ progressNotify: true });
    stage.create({});
    await stage.next();
    await stage.next();
    stage.put("zz");
    const next = stage.next();
    await Promise.resolve();
    stage.stream.notifyProgress();
    expect(await next).toMatchObject({ watchId: 0n, header: { revision: 2n }, events: [] });
    stage.put("a");
    await stage.next();
    await stage.next();
    stage.stream.notifyProgress();
    stage.stream.notifyProgress();
    expect(await stage.next()).toMatchObject({ watchId: 0n, header: { revision: 3n }, events: [] });
  });

  it("ends when it is closed, whether it is being read or not", async () => {
    const stage = new Stage();
    stage.create();
    await stage.next();
    const last = stage.ended();
    stage.stream.close();
    expect(await last).toBe(true);
    stage.put("a");
    expect(await stage.ended()).toBe(true);
  });
});

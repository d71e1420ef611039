// One command to both stores: sent, answers compared, the world told. Any difference is an error that names it.

import { PutRequest, WatchCreateRequest } from "../../../src/embedded/gen/etcd.js";
import type { CallName, RequestOf, ResponseOf } from "../../support/etcd-api.js";
import { difference, presentable } from "./compared.js";
import type { Pair } from "./sides.js";
import { WatchPair } from "./watch-pair.js";
import type { World } from "./world.js";

const LOOKED_UP = Buffer.from("looked up");

/** Streams open at a time in one run. */
const STREAMS = 3;

export type Step = {
  readonly kind: string;
  /** As generated, for the report. */
  readonly plan: unknown;
  readonly run: (stage: Stage) => Promise<void>;
};

/** Over the bound for any message the transport refuses, each in its own words. */
function refusal({ code, text }: { readonly code: number; readonly text: string }) {
  return {
    code,
    text: text.replace(/^(?:grpc: r|R)eceived message larger than max \((\d+) vs\.? (\d+)\)$/, "$1 > $2"),
  };
}

/** What the commands of one run act on. */
export class Stage {
  readonly pair: Pair;
  readonly world: World;
  readonly #streams: (WatchPair | undefined)[] = [];

  constructor(pair: Pair, world: World) {
    this.pair = pair;
    this.world = world;
  }

  /** Sends it to both; the answers have to be equal after `normal`. Etcd's answer, unless it refused. */
  async call<N extends CallName>(
    name: N,
    request: RequestOf<N>,
    normal: (response: ResponseOf<N>) => unknown = (response) => response,
  ): Promise<ResponseOf<N> | undefined> {
    const answers = await this.pair.call(name, request);
    const [etcd, embedded] = answers.map((answer) => ("ok" in answer ? { ok: normal(answer.ok) } : refusal(answer)));
    const differs = difference(etcd, embedded);
    if (differs !== undefined) throw new Error(`${name} ${presentable(request)}:${differs}`);
    return "ok" in answers[0] ? answers[0].ok : undefined;
  }

  /** After a change: the revision that the world expects is the one that etcd answered. */
  check(revision: bigint | undefined): void {
    if (revision === this.world.revision) return;
    throw new Error(`this check counts revision ${this.world.revision}, both stores ${revision}`);
  }

  stream(pick: number): WatchPair {
    const at = pick % STREAMS;
    const stream = this.#streams[at] ?? new WatchPair(this.world, this.pair);
    this.#streams[at] = stream;
    return stream;
  }

  /** A watch from the past was made: etcd looks after those ten times a second. */
  hasOldWatch = false;

  /**
   * Ends the difference between watches that have told the past and those that are still to look into it, which a
   * compaction would end: a later watch of that sort has told its event.
   */
  async catchUp(): Promise<void> {
    await this.settle();
    if (!this.hasOldWatch) return;
    this.hasOldWatch = false;
    const response = await this.call("put", PutRequest.fromPartial({ key: LOOKED_UP }));
    this.world.change((world) => world.put(LOOKED_UP, 0n));
    this.check(response?.header?.revision);
    const watch = new WatchPair(this.world, this.pair);
    await watch.create(WatchCreateRequest.fromPartial({ key: LOOKED_UP, startRevision: this.world.revision }));
    await watch.settle();
    await watch.close();
    await this.settle();
  }

  /** Everything that open watches still have to tell is compared. */
  async settle(): Promise<void> {
    for (const stream of this.#streams) await stream?.settle();
  }

  async closeStreams(): Promise<void> {
    await Promise.all(this.#streams.splice(0).map((stream) => stream?.close()));
  }
}

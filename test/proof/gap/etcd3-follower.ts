// The control: the same follower on etcd3's own Watcher, as its documentation shows it.

import { Etcd3, type IKeyValue, type IWatchResponse } from "etcd3";
import { MessageQueue } from "../../../src/etcd/message-queue.js";
import { until } from "../../support/until.js";
import { RANGE } from "./range.js";
import { Follower, type Seen } from "./seen.js";

export class Etcd3Follower extends Follower {
  readonly #client: Etcd3;

  constructor(endpoint: string, name: string) {
    super(name);
    this.#client = new Etcd3({ hosts: endpoint });
  }

  override shown(_: string, modRevision: number, value: string): string {
    return `${modRevision} ${value}`;
  }

  protected override async *follow(signal: AbortSignal): AsyncGenerator<Seen, void, undefined> {
    const seen = new MessageQueue<Seen>();
    const range = { start: RANGE.key, end: RANGE.end };
    const { kvs, header } = await until("a listing", () => this.#list(), { signal });
    const revision = Number(header.revision);
    const entries = new Map(kvs.map((kv) => [kv.key.toString(), this.#shownOf(kv)]));
    seen.push({ kind: "snapshot", revision, epoch: "", entries });
    const watcher = this.#client
      .watch()
      .inRange(range)
      .startRevision(String(revision + 1))
      .watcher();
    watcher.on("data", (answer) => {
      for (const delta of this.#deltas(answer)) seen.push(delta);
    });
    watcher.on("error", (error) => this.complaints.push(`it gave up: ${error.message}`));
    signal.addEventListener("abort", () => seen.end(), { once: true });
    yield* seen;
  }

  override close(): void {
    this.#client.close();
  }

  /** A listing that was cut may be asked for again: nobody would do without that. */
  async #list() {
    return await this.#client
      .getAll()
      .inRange({ start: RANGE.key, end: RANGE.end })
      .exec()
      .catch(() => undefined);
  }

  #shownOf = ({ key, mod_revision, value }: IKeyValue): string =>
    this.shown(key.toString(), Number(mod_revision), value.toString());

  *#deltas({ events }: IWatchResponse): Generator<Seen, void, undefined> {
    const revisions = new Map<number, Map<string, string | undefined>>();
    for (const { type, kv } of events) {
      const revision = Number(kv.mod_revision);
      const changes = revisions.get(revision) ?? new Map<string, string | undefined>();
      changes.set(kv.key.toString(), type === "Put" ? this.#shownOf(kv) : undefined);
      revisions.set(revision, changes);
    }
    for (const [revision, changes] of revisions) yield { kind: "delta", revision, epoch: "", changes };
  }
}

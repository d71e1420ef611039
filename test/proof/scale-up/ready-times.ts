// When endpoints became ready, as etcd itself tells over its own API: never as Theseus tells.

import { Event_EventType, type KeyValue, WatchRequest, type WatchResponse } from "../../../src/embedded/gen/etcd.js";
import { EtcdApiClient } from "../../support/etcd-api.js";
import { until } from "../../support/until.js";

type Info = { readonly state?: string; readonly instance_host?: string; readonly port_mappings?: object };

/** What etcd tells is heard by the machine's one clock. */
export class ReadyTimes {
  /** By the container's name. */
  readonly times = new Map<string, number>();
  /** How often the endpoints that are ready have become other ones. */
  changes = 0;
  readonly #client: EtcdApiClient;
  readonly #prefix: string;
  readonly #ready = new Map<string, string>();
  #failure: Error | undefined;
  #isWatching = false;

  private constructor(endpoint: string, prefix: string) {
    this.#client = new EtcdApiClient(endpoint.replace(/^\w+:\/\//, ""));
    this.#prefix = prefix;
  }

  /** From now on, of what there may be below this group's key. Has to be closed. */
  static async of(endpoint: string, group: string): Promise<ReadyTimes> {
    const times = new ReadyTimes(endpoint, `${group}/containers/`);
    times.#watch();
    await until("etcd's watch", () => times.#isWatching);
    return times;
  }

  /** The names of so many, in the order in which they became ready. */
  async ready(count: number): Promise<readonly string[]> {
    const isReached = () => {
      if (this.#failure !== undefined) throw this.#failure;
      return this.#ready.size >= count;
    };
    await until(`${count} ready below ${this.#prefix}`, isReached, { withinMs: 60_000, everyMs: 5 });
    return [...this.times.keys()];
  }

  close(): void {
    this.#client.close();
  }

  #watch(): void {
    const call = this.#client.watch();
    call.on("error", (error: Error) => {
      this.#failure = error;
    });
    call.on("data", ({ events }: WatchResponse) => {
      const now = Date.now();
      this.#isWatching = true;
      for (const { type, kv } of events) if (kv !== undefined) this.#take(now, kv, type === Event_EventType.DELETE);
    });
    const [key, rangeEnd] = [Buffer.from(this.#prefix), Buffer.from(`${this.#prefix.slice(0, -1)}0`)];
    call.write(WatchRequest.fromPartial({ requestUnion: { $case: "createRequest", value: { key, rangeEnd } } }));
  }

  #take(now: number, { key, value }: KeyValue, isGone: boolean): void {
    const path = Buffer.from(key).toString().slice(this.#prefix.length);
    if (!path.endsWith("/info")) return;
    const name = path.slice(0, -"/info".length);
    const info: Info = isGone ? {} : (JSON.parse(Buffer.from(value).toString()) as Info);
    const place = info.state === "ready" ? JSON.stringify([info.instance_host, info.port_mappings]) : undefined;
    if (place === this.#ready.get(name)) return;
    this.changes += 1;
    if (place === undefined) this.#ready.delete(name);
    else this.#ready.set(name, place);
    if (place !== undefined && !this.times.has(name)) this.times.set(name, now);
  }
}

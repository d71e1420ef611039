// Everything that is written to an etcd, in order and as it comes, as etcdctl tells it, with when it was told here. Shares
// no code with Theseus.

import type { TestEtcd } from "./start-etcd.js";
import type { SeenWrite } from "./store-history.js";
import { until } from "./until.js";
import { watchedStore } from "./watched-store.js";

export type LoggedWrite = SeenWrite & {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The revision that made the key; 0 of a delete. */
  readonly created: number;
};

type RawEvent = {
  readonly type?: number;
  readonly kv: {
    readonly key: string;
    readonly value?: string;
    readonly mod_revision: number;
    readonly create_revision?: number;
  };
};

export class StoreLog {
  readonly writes: LoggedWrite[] = [];
  readonly #stop: () => Promise<void>;

  /** From the store's first revision on. */
  constructor(etcd: TestEtcd) {
    this.#stop = watchedStore(etcd, { prefix: "/", from: ["--rev", "1"] }, (line) => this.#take(line));
  }

  /** The newest revision that was told; 0 before anything was. */
  get revision(): number {
    return this.writes.at(-1)?.revision ?? 0;
  }

  /** The first write after that revision that is meant. */
  first(after: number, isMeant: (write: LoggedWrite) => boolean): LoggedWrite | undefined {
    // Late ones are looked for, so from the end.
    let found: LoggedWrite | undefined;
    for (let i = this.writes.length - 1; i >= 0; i -= 1) {
      const write = this.writes[i];
      if (write === undefined || write.revision <= after) break;
      if (isMeant(write)) found = write;
    }
    return found;
  }

  /** The same, waited for. */
  next(what: string, after: number, isMeant: (write: LoggedWrite) => boolean, withinMs = 20_000): Promise<LoggedWrite> {
    return until(what, () => this.first(after, isMeant), { withinMs, everyMs: 5 });
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  #take(line: string): void {
    const at = Date.now();
    const text = (base64 = "") => Buffer.from(base64, "base64").toString();
    for (const { type, kv } of (JSON.parse(line) as { Events?: readonly RawEvent[] }).Events ?? []) {
      const value = type === 1 ? undefined : text(kv.value);
      const created = type === 1 ? 0 : (kv.create_revision ?? 0);
      this.writes.push({ revision: kv.mod_revision, key: text(kv.key), value, at, created });
    }
  }
}

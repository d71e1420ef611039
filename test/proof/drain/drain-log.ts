// What the store says of drains, as etcdctl tells it, and when it was told here. Shares no code with Theseus.

import type { TestEtcd } from "../../support/start-etcd.js";
import { watchedStore } from "../../support/watched-store.js";

const PREFIX = "/theseus/drains/";

export type SeenAnswer = {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly server: string;
  readonly awaits: readonly { readonly watcher_id: string; readonly peer: string; readonly connected: boolean }[];
};

export type SeenDrain = {
  readonly container: string;
  readonly revision: bigint;
  readonly at: number;
  readonly asked: number;
  readonly servers: readonly string[];
  readonly answers: SeenAnswer[];
  goneAt: number | undefined;
};

type RawEvent = {
  readonly type?: number;
  readonly kv: { readonly key: string; readonly value?: string; readonly mod_revision: number };
};

export class DrainLog {
  readonly drains = new Map<string, SeenDrain>();
  readonly #stop: () => Promise<void>;
  readonly #opened: (drain: SeenDrain) => void;

  /** @param opened is told of each drain when it is first seen. */
  constructor(etcd: TestEtcd, opened: (drain: SeenDrain) => void = () => undefined) {
    this.#opened = opened;
    this.#stop = watchedStore(etcd, { prefix: PREFIX }, (line) => this.#take(line));
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  #take(line: string): void {
    const text = (base64 = "") => Buffer.from(base64, "base64").toString();
    const { Events = [] } = JSON.parse(line) as { Events?: readonly RawEvent[] };
    for (const { type, kv } of Events) {
      const [container = "", server] = text(kv.key).slice(PREFIX.length).split("/").slice(3);
      const value = type === 1 ? undefined : (JSON.parse(text(kv.value)) as object);
      if (server === undefined) this.#takeRecord(container, kv.mod_revision, value);
      else if (value !== undefined) {
        const { awaits } = value as Pick<SeenAnswer, "awaits">;
        this.drains.get(container)?.answers.push({ at: Date.now(), server, awaits });
      }
    }
  }

  #takeRecord(container: string, revision: number, value: object | undefined): void {
    const known = this.drains.get(container);
    if (value === undefined) {
      if (known !== undefined) known.goneAt = Date.now();
      return;
    }
    const { servers, asked } = value as { servers: string[]; asked: string };
    const drain: SeenDrain = {
      ...{ container, servers, revision: BigInt(revision), at: Date.now(), asked: Date.parse(asked) },
      answers: [],
      goneAt: undefined,
    };
    this.drains.set(container, drain);
    this.#opened(drain);
  }
}

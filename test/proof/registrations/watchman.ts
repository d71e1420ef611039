// Who looks all the time: at what each server answers, on the wire, and at what the store holds, by etcdctl. Each wrong
// thing is kept once.

import { type Connection, connect } from "../../../clients/connect.js";
import { systemClock as clock } from "../../../src/system.js";
import type { TestEtcd } from "../../support/start-etcd.js";
import { GROUP, UNDER } from "./guests.js";

/** While the store stands still it answers nobody; then a look is given up after that long. */
const LOOK_WITHIN = "2s";

export type Expected = {
  readonly dying: readonly string[];
  readonly living: readonly string[];
  /** On the clock of performance.now(). */
  graceEnds: number;
};

/** Who is served, by name, as one server says. */
async function servedNames({ discovery }: Connection): Promise<ReadonlySet<string>> {
  const [service = "", label = ""] = GROUP.split("/");
  const target = { $case: "group" as const, value: { service, labels: [label] } };
  const { endpoints } = await discovery.lookup({ target });
  return new Set(endpoints.map(({ container }) => container?.name ?? ""));
}

/** The same, asked once. */
export async function servedBy(address: string): Promise<ReadonlySet<string>> {
  const connection = connect(address);
  return await servedNames(connection).finally(() => connection.close());
}

/** Their names with the state that each record says; undefined: the store does not answer. */
export type StoreLook = { readonly revision: number; readonly states: ReadonlyMap<string, string> };

type RawLook = {
  readonly header: { readonly revision: number };
  readonly kvs?: readonly { readonly key: string; readonly value: string }[];
};

export async function storeLook(etcd: TestEtcd): Promise<StoreLook | undefined> {
  const text = await etcd
    .ctl("--command-timeout", LOOK_WITHIN, "get", "--prefix", UNDER, "-w", "json")
    .catch(() => undefined);
  if (text === undefined) return undefined;
  const { header, kvs = [] } = JSON.parse(text) as RawLook;
  const entries = kvs.map(({ key, value }) => [nameOf(plain(key)), stateOf(plain(value))] as const);
  return { revision: header.revision, states: new Map(entries) };
}

const plain = (base64: string): string => Buffer.from(base64, "base64").toString();
const nameOf = (key: string): string => key.slice(UNDER.length).split("/")[0] ?? "";

/** A record that says nothing is ready. */
export function stateOf(record: string): string {
  return (JSON.parse(record) as { state?: string }).state ?? "ready";
}

export const isServed = (state: string | undefined): boolean => state === "ready" || state === "stale";

abstract class Watchman {
  readonly wrong = new Set<string>();
  readonly #end = new AbortController();
  #work: Promise<void> = Promise.resolve();

  protected start(everyMs: number): void {
    this.#work = (async () => {
      while (!this.#end.signal.aborted) {
        await this.look();
        await clock.sleep(everyMs, this.#end.signal).catch(() => undefined);
      }
    })();
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#work;
  }

  protected abstract look(): Promise<void>;

  /** An answer from before the end of the grace has to name all, one from after it all that live. */
  protected judge(where: string, expected: Expected, has: (name: string) => boolean): void {
    const early = performance.now() < expected.graceEnds ? expected.dying : [];
    for (const name of expected.living) if (!has(name)) this.wrong.add(`${where}: ${name} lives and was withdrawn`);
    for (const name of early) {
      if (!has(name)) this.wrong.add(`${where}: ${name} was withdrawn before its grace was over`);
    }
  }
}

export class ServerWatchman extends Watchman {
  readonly #connection: Connection;
  /** Answers in all, and those that came while the store stood still. */
  looks = 0;
  whilePaused = 0;
  isPaused = false;
  readonly #expected: Expected;
  readonly #where: string;

  constructor(address: string, expected: Expected) {
    super();
    this.#connection = connect(address);
    this.#expected = expected;
    this.#where = `server ${address}`;
    this.start(100);
  }

  override async stop(): Promise<void> {
    await super.stop();
    this.#connection.close();
  }

  protected override async look(): Promise<void> {
    const { isPaused } = this;
    try {
      const names = await servedNames(this.#connection);
      this.looks++;
      if (isPaused && this.isPaused) this.whilePaused++;
      this.judge(this.#where, this.#expected, (name) => names.has(name));
    } catch (error) {
      this.wrong.add(`${this.#where} did not answer: ${String(error)}`);
    }
  }
}

export class StoreWatchman extends Watchman {
  looks = 0;
  /** Of the last look before the grace was over. */
  graceRevision = 0;
  last: StoreLook | undefined;
  readonly #etcd: TestEtcd;
  readonly #expected: Expected;

  constructor(etcd: TestEtcd, expected: Expected) {
    super();
    this.#etcd = etcd;
    this.#expected = expected;
    this.start(100);
  }

  protected override async look(): Promise<void> {
    const look = await storeLook(this.#etcd);
    if (look === undefined) return;
    this.looks++;
    this.last = look;
    if (performance.now() < this.#expected.graceEnds) this.graceRevision = look.revision;
    this.judge("etcd", this.#expected, (name) => isServed(look.states.get(name)));
  }
}

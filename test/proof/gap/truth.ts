// What really happened in the store, told by etcdctl past every proxy: one stretch of history after another, each with
// all its revisions. Shares no code with Theseus.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { TestEtcd } from "../../support/start-etcd.js";
import { RANGE } from "./range.js";

export type Value = { readonly modRevision: number; readonly value: string };
export type State = ReadonlyMap<string, Value>;
export type Revision = { readonly revision: number; readonly changes: ReadonlyMap<string, Value | undefined> };

type RawKeyValue = { readonly key: string; readonly value?: string; readonly mod_revision: number };
type RawEvent = { readonly type?: number; readonly kv: RawKeyValue };

const text = (base64 = ""): string => Buffer.from(base64, "base64").toString();
const valueIn = ({ mod_revision, value }: RawKeyValue): Value => ({ modRevision: mod_revision, value: text(value) });

/** A fresh linearizable read of the range. */
export async function freshRead(etcd: TestEtcd): Promise<{ readonly state: State; readonly revision: number }> {
  const answer = JSON.parse(await etcd.ctl("get", RANGE.key, RANGE.end, "-w", "json")) as {
    readonly header: { readonly revision: number };
    readonly kvs?: readonly RawKeyValue[];
  };
  const state = new Map((answer.kvs ?? []).map((kv) => [text(kv.key), valueIn(kv)]));
  return { state, revision: answer.header.revision };
}

/** One stretch of history from a known state on, recorded as it happens. */
export class Stretch {
  /** The state at `from`; everything up to there has been checked and forgotten. */
  #base: { readonly revision: number; readonly state: State };
  readonly #revisions: Revision[] = [];
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #goWithUs = (): void => void this.#process.kill("SIGKILL");
  #failure = "";

  constructor(etcd: TestEtcd, base: { readonly revision: number; readonly state: State }) {
    this.#base = base;
    const from = ["--rev", String(base.revision + 1), "-w", "json"];
    const watch = ["--endpoints", etcd.endpoint, "watch", RANGE.key, RANGE.end, ...from];
    const [program = "", ...args] = ["etcdctl", ...watch];
    this.#process = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env["PATH"] ?? "", ETCDCTL_API: "3" },
    });
    process.once("exit", this.#goWithUs);
    this.#ended = once(this.#process, "exit").catch(() => undefined);
    this.#process.stderr?.on("data", (said: Buffer) => {
      this.#failure += said.toString();
    });
    if (this.#process.stdout !== null) {
      createInterface({ input: this.#process.stdout }).on("line", (line) => this.#take(line));
    }
  }

  /** The newest revision recorded, or the one it began after. */
  get last(): number {
    return this.#revisions.at(-1)?.revision ?? this.#base.revision;
  }

  get failure(): string {
    return this.#process.exitCode === null ? "" : `etcdctl watch ended: ${this.#failure}`;
  }

  /** All that happened after one revision, up to another. */
  between(after: number, upTo: number): Revision[] {
    return this.#revisions.filter(({ revision }) => revision > after && revision <= upTo);
  }

  stateAt(revision: number): Map<string, Value> {
    const state = new Map(this.#base.state);
    for (const { changes } of this.between(0, revision)) {
      for (const [key, value] of changes) {
        if (value === undefined) state.delete(key);
        else state.set(key, value);
      }
    }
    return state;
  }

  /** Everything up to that revision has been checked. */
  forget(revision: number): void {
    this.#base = { revision, state: this.stateAt(revision) };
    this.#revisions.splice(0, this.between(0, revision).length);
  }

  async stop(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#ended;
    process.off("exit", this.#goWithUs);
  }

  #take(line: string): void {
    const { Events: events = [] } = JSON.parse(line) as { readonly Events?: readonly RawEvent[] };
    for (const { type, kv } of events) {
      const newest = this.#revisions.at(-1);
      const changes = newest?.revision === kv.mod_revision ? newest.changes : new Map<string, Value | undefined>();
      (changes as Map<string, Value | undefined>).set(text(kv.key), type === 1 ? undefined : valueIn(kv));
      if (changes !== newest?.changes) this.#revisions.push({ revision: kv.mod_revision, changes });
    }
  }
}

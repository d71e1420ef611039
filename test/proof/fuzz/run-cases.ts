// Sends cases to one server, many at a time, and keeps what came of each.

import { Caller, type Outcome } from "./caller.js";
import { type Case, makeCase } from "./cases.js";
import type { Asked } from "./services.js";
import { keepTokens } from "./tokens.js";
import type { Tokens } from "./values.js";
import { complaint, isSlow, LONGEST_MS } from "./verdict.js";

export type Run = {
  /** Of each method how often it ended with each code. */
  readonly ends: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly cases: number;
  readonly violations: readonly string[];
};

export type Order = {
  readonly address: string;
  readonly methods: readonly Asked[];
  readonly seed: number;
  readonly cases: number;
  /** Asked between cases; what it says is wrong, and ends the run. */
  readonly trouble: () => string | undefined;
  /** After so many violations no more is sent. */
  readonly most: number;
};

const LANES = 32;
/** Cases in one namespace. */
const ROUND = 1000;
/** A machine may be busy, a request that hangs does so again. */
const TRIES = 2;

/** Until all are sent, or there is trouble, or enough is wrong. */
export async function runCases(order: Order): Promise<Run> {
  const session = new Session(order);
  try {
    await Promise.all(Array.from({ length: LANES }, () => session.lane()));
  } finally {
    session.caller.close();
  }
  const { ends, violations } = session;
  const sent = [...ends.values()].flatMap((codes) => [...codes.values()]).reduce((all, some) => all + some, 0);
  return { ends, cases: sent, violations };
}

class Session {
  readonly caller: Caller;
  readonly ends = new Map<string, Map<string, number>>();
  readonly violations: string[] = [];
  readonly #tokens: Tokens = { cursor: [], watch: [], page: [], recovery: [], namespace: "" };
  readonly #order: Order;
  #next = 0;
  #roundEnds = 0;
  #isOver = false;

  constructor(order: Order) {
    this.#order = order;
    this.caller = new Caller(order.address);
  }

  /** One case after another. */
  async lane(): Promise<void> {
    const { methods, seed, cases, trouble, most } = this.#order;
    while (this.#next < cases && !this.#isOver) {
      if (this.#next >= this.#roundEnds) await this.#moveOn();
      await this.#try(makeCase(this.#next++, seed, { methods, tokens: this.#tokens }));
      const ill = this.#isOver ? undefined : trouble();
      if (ill !== undefined) this.violations.push(ill);
      this.#isOver ||= ill !== undefined || this.violations.length >= most;
    }
  }

  /** A group that is being removed stays so without its engine: after a while every one of a namespace is. */
  async #moveOn(): Promise<void> {
    const method = this.#order.methods.find(({ name }) => name === "CreateNamespace");
    if (method === undefined) throw new Error("nothing creates a namespace");
    this.#roundEnds += ROUND;
    this.#tokens.namespace = `from-${this.#next}`;
    const name = Buffer.from(this.#tokens.namespace);
    const bytes = Buffer.concat([Buffer.from([0x0a, name.length]), name]);
    await this.caller.send({ number: this.#next, method, bytes, reads: true, waits: false });
  }

  async #try(one: Case): Promise<void> {
    const outcome = await this.caller.send(one);
    const { name } = one.method;
    const codes = this.ends.get(name) ?? new Map<string, number>();
    this.ends.set(name, codes.set(outcome.code, (codes.get(outcome.code) ?? 0) + 1));
    if (outcome.answer !== undefined) keepTokens(this.#tokens, name, outcome.answer);
    const wrong = complaint(one, outcome) ?? (isSlow(one, outcome) ? await hangs(this.caller, one) : undefined);
    if (wrong !== undefined) this.violations.push(told(one, outcome, wrong));
  }
}

async function hangs(caller: Caller, one: Case): Promise<string | undefined> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < TRIES; tries++) {
    const { milliseconds } = await caller.send(one);
    fastest = Math.min(fastest, milliseconds);
    if (milliseconds <= LONGEST_MS) return undefined;
  }
  return `it took ${Math.round(fastest)} ms and more, each time`;
}

function told({ number, method, bytes }: Case, { code, text, reason }: Outcome, wrong: string): string {
  const shown =
    bytes.length > 400 ? `${bytes.toString("hex", 0, 400)}... (${bytes.length} bytes)` : bytes.toString("hex");
  return `case ${number}, ${method.name}: ${wrong} (${code} ${reason} ${text}); request ${shown}`;
}

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
};

const LANES = 32;
/** A machine may be busy, a request that hangs does so again. */
const TRIES = 3;
const MOST_VIOLATIONS = 40;

/** Until all are sent or there is trouble. */
export async function runCases(order: Order): Promise<Run> {
  const { address, methods, seed, cases, trouble } = order;
  const caller = new Caller(address);
  const tokens: Tokens = { cursor: [], watch: [], page: [], recovery: [] };
  const ends = new Map<string, Map<string, number>>();
  const violations: string[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < cases && violations.length < MOST_VIOLATIONS) {
      const one = makeCase(next++, seed, { methods, tokens });
      const outcome = await caller.send(one);
      count(ends, one.method.name, outcome.code);
      if (outcome.answer !== undefined) keepTokens(tokens, one.method.name, outcome.answer);
      const wrong = complaint(one, outcome) ?? (isSlow(one, outcome) ? await hangs(caller, one) : undefined);
      if (wrong !== undefined) violations.push(told(one, outcome, wrong));
      const ill = trouble();
      if (ill !== undefined && !violations.includes(ill)) violations.push(ill);
      if (ill !== undefined) return;
    }
  };
  try {
    await Promise.all(Array.from({ length: LANES }, lane));
  } finally {
    caller.close();
  }
  const sent = [...ends.values()].flatMap((codes) => [...codes.values()]).reduce((all, some) => all + some, 0);
  return { ends, cases: sent, violations };
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

function count(ends: Map<string, Map<string, number>>, method: string, code: string): void {
  const codes = ends.get(method) ?? new Map<string, number>();
  ends.set(method, codes.set(code, (codes.get(code) ?? 0) + 1));
}

function told({ number, method, bytes }: Case, { code, text, reason }: Outcome, wrong: string): string {
  const shown =
    bytes.length > 400 ? `${bytes.toString("hex", 0, 400)}... (${bytes.length} bytes)` : bytes.toString("hex");
  return `case ${number}, ${method.name}: ${wrong} (${code} ${reason} ${text}); request ${shown}`;
}

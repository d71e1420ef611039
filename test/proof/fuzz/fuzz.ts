// Whatever is sent to a server, it is answered: with what was asked for, or with what is wrong with it. Never with an
// INTERNAL, never not at all, and never at the price of the server.

import type { Proof, Report, Size } from "../proof.js";
import { startBadServer, type Weakness } from "./bad-server.js";
import { type Run, runCases } from "./run-cases.js";
import { memoryOf, onServer } from "./server.js";
import { type Asked, everyField, everyMethod } from "./services.js";
import { gaps } from "./values.js";
import { unwritten } from "./verdict.js";

const CASES = { small: 2000, full: 100_000, control: 1000 } as const;
const MOST_VIOLATIONS = 40;
const SEED = 20_260_401;
/** In MB, from what it has before: caches and garbage that has not been collected yet. */
const MOST_GROWTH = { small: 200, full: 300 } as const;
const WEAKNESSES: readonly Weakness[] = ["breaks on what it cannot read", "hangs on what it refuses"];

async function check(size: Size): Promise<Report> {
  const methods = everyMethod();
  const unknown = unforeseen(methods);
  if (unknown.length > 0) return { cases: 0, violations: unknown };
  return await onServer(async (server) => {
    const before = memoryOf(server);
    let most = before;
    const trouble = (): string | undefined => {
      if (server.child.hasEnded) return `the server is gone: ${server.child.stderr.slice(-1000)}`;
      most = Math.max(most, memoryOf(server));
      const grown = most - before;
      return grown > MOST_GROWTH[size] ? `the server has grown by more than ${MOST_GROWTH[size]} MB` : undefined;
    };
    const order = { address: server.listeners.grpc, methods, seed: SEED, cases: CASES[size], most: MOST_VIOLATIONS };
    const run = await runCases({ ...order, trouble });
    tell(run);
    console.error(`fuzz: seed ${SEED}, ${run.cases} cases, server ${before} MB before, ${most} MB at most`);
    const few = run.cases < CASES[size] ? [`${run.cases} cases, not ${CASES[size]}`] : [];
    return { cases: run.cases, violations: [...run.violations, ...few, ...neverReached(methods, run)] };
  });
}

/** A method or a field that nobody has thought of here. */
const unforeseen = (methods: readonly Asked[]): string[] => [
  ...gaps(everyField(methods)),
  ...unwritten(methods.map(({ name }) => name)),
];

function tell({ ends }: Run): void {
  for (const [method, codes] of [...ends].sort(([a], [b]) => a.localeCompare(b))) {
    const counts = [...codes].sort(([, a], [, b]) => b - a).map(([code, times]) => `${code} ${times}`);
    console.error(`fuzz: ${method.padEnd(20)} ${counts.join(", ")}`);
  }
}

/** Every method has to have been called, and every one that takes something has to have refused it once. */
function neverReached(methods: readonly Asked[], { ends }: Run): string[] {
  return methods.flatMap(({ name, request }) => {
    if (!ends.has(name)) return [`${name} was never called`];
    const refused = request.fields.length === 0 || ends.get(name)?.has("INVALID_ARGUMENT");
    return refused ? [] : [`${name} has never refused anything`];
  });
}

/** Servers with a weakness, and a field without values: each has to be found. */
async function control(): Promise<Report> {
  const methods = everyMethod();
  const named = gaps(everyField(methods), "asking_host");
  if (named.join() !== "no values for theseus.v1.LookupRequest.asking_host") throw new Error(`named: ${named}`);
  return await onServer(async (server) => {
    const { grpc } = server.listeners;
    const found = await Promise.all(WEAKNESSES.map((weakness) => firstFound(grpc, methods, weakness)));
    return { cases: CASES.control * WEAKNESSES.length, violations: [...found, ...named] };
  });
}

/** Fails when nothing is found. */
async function firstFound(behind: string, methods: readonly Asked[], weakness: Weakness): Promise<string> {
  const bad = await startBadServer(behind, methods, weakness);
  try {
    const unary = methods.filter(({ streams }) => !streams);
    const order = { address: bad.address, methods: unary, seed: SEED, cases: CASES.control, most: 1 };
    const { violations } = await runCases({ ...order, trouble: () => undefined });
    const expected = weakness === "breaks on what it cannot read" ? "INTERNAL" : "each time";
    const found = violations.find((violation) => violation.includes(expected));
    if (found === undefined) throw new Error(`a server that ${weakness} was not found`);
    return found;
  } finally {
    bad.close();
  }
}

export const fuzz: Proof = { name: "fuzz", check, control };

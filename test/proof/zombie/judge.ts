// What a leader that has been followed may still do: nothing that the store takes, and on the engine only what was
// committed before. Judged from the wire and from the store's history.

import type { SeenTxn } from "../../support/etcd-proxy.js";
import type { LoggedWrite } from "../../support/store-log.js";
import { WORK } from "../failover/house.js";
import { type Made, unpaid } from "./paid.js";
import { LEADER, type WiredHouse } from "./wired-house.js";

export type Takeover = {
  /** The server that was followed, and its term. */
  readonly zombie: string;
  readonly term: number;
  /** The successor's, and when it was seen. */
  readonly next: number;
  readonly at: number;
};

export type Verdict = { readonly refused: number; readonly lateCalls: number; readonly violations: readonly string[] };

/** A leader's transaction says so by what it compares; that nothing else of it is taken is judged by what it writes. */
const LEADERS_OWN = /^\/theseus\/hosts\//;
const CONFIG = /^(\/namespaces\/[^/]+)?\/services\/[^/]+\/[^/]+\/config$/;
const isLeaders = (key: string): boolean => WORK.test(key) || LEADERS_OWN.test(key);

/** How what the store took of a leader that was followed begins, by its keys alone. */
export const TAKEN = "in another's term ";

export function judge(
  house: WiredHouse,
  takeovers: readonly Takeover[],
  madeOf: (id: string) => Made | undefined,
): Verdict {
  const seen = takeovers.map((takeover) => ofOne(house, takeover, madeOf));
  return {
    refused: seen.reduce((sum, { refused }) => sum + refused, 0),
    lateCalls: seen.reduce((sum, { lateCalls }) => sum + lateCalls, 0),
    violations: [...seen.flatMap(({ violations }) => violations), ...wrongTerms(house)],
  };
}

function ofOne(house: WiredHouse, takeover: Takeover, madeOf: (id: string) => Made | undefined): Verdict {
  const { zombie, term, next, at } = takeover;
  const member = house.members.find(({ id }) => id === zombie);
  const end = endOf(takeover, house);
  const txns = member?.etcd.txns ?? [];
  const late = txns.filter((txn) => txn.term === BigInt(term) && (txn.outcome?.revision ?? 0n) >= BigInt(next));
  const accepted = late.filter(({ outcome }) => outcome?.succeeded === true);
  // Also those that were held on their way.
  const calls = (member?.engine.calls ?? []).filter(
    ({ passedAt }) => passedAt !== undefined && passedAt > at && passedAt < end.at,
  );
  const facts = { writes: house.log.writes, before: next, madeOf };
  const revisionOf = ({ keys, outcome }: SeenTxn) => `${outcome?.revision}, after ${next}: ${keys.join(" ")}`;
  return {
    refused: late.length - accepted.length,
    lateCalls: calls.length,
    violations: [
      ...accepted.map((txn) => `of term ${term} at ${revisionOf(txn)}`),
      ...takenBetween(txns, house, [next, end.revision]).map((txn) => `${TAKEN}at ${revisionOf(txn)}`),
      ...calls.flatMap((call) => unpaid(call, facts)).map((text) => `not paid for: ${text}`),
    ],
  };
}

/** What only a leader writes, whatever it compares. @param between revisions, the first and the last left out. */
function takenBetween(
  txns: readonly SeenTxn[],
  { log }: WiredHouse,
  [from, to]: readonly [number, number],
): readonly SeenTxn[] {
  const isRolledBack = (at: number) =>
    log.writes.some(({ revision, key, value }) => revision === at && CONFIG.test(key) && isByTheseus(value));
  return txns.filter(({ keys, outcome }) => {
    const at = Number(outcome?.revision ?? 0n);
    if (outcome?.succeeded !== true || at <= from || at >= to) return false;
    return keys.some(isLeaders) || isRolledBack(at);
  });
}

function isByTheseus(value: string | undefined): boolean {
  return value !== undefined && (JSON.parse(value) as { change?: { actor?: string } }).change?.actor === "theseus";
}

/** From then on what it does is of another term of its own. */
function endOf({ zombie, next }: Takeover, { log }: WiredHouse): { readonly revision: number; readonly at: number } {
  const isAgain = ({ key, value }: LoggedWrite) => key === LEADER && value === zombie;
  return log.first(next - 1, isAgain) ?? { revision: Number.POSITIVE_INFINITY, at: Number.POSITIVE_INFINITY };
}

/** Along the store's revisions terms never go back, and each is one server's. */
function wrongTerms({ members }: WiredHouse): string[] {
  const accepted = members
    .flatMap(({ id, etcd }) => etcd.txns.map((txn) => ({ ...txn, id })))
    .filter(({ term, outcome }) => term !== undefined && outcome?.succeeded === true)
    .sort((a, b) => Number((a.outcome?.revision ?? 0n) - (b.outcome?.revision ?? 0n)));
  const violations: string[] = [];
  const owners = new Map<bigint, string>();
  let newest = 0n;
  for (const { term = 0n, outcome, id } of accepted) {
    if (term < newest) violations.push(`a write of term ${term} at ${outcome?.revision}, after one of ${newest}`);
    if ((owners.get(term) ?? id) !== id) violations.push(`term ${term} is of ${id} and of ${owners.get(term)}`);
    owners.set(term, id);
    newest = term > newest ? term : newest;
  }
  return violations;
}

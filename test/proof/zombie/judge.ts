// What a leader that has been followed may still do: nothing that the store takes, and on the engine only what was
// committed before. Judged from the wire and from the store's history.

import type { LoggedWrite } from "../../support/store-log.js";
import type { WiredHouse } from "./wired-house.js";

export type Takeover = {
  /** The server that was followed, and its term. */
  readonly zombie: string;
  readonly term: number;
  /** The successor's, and when it was seen. */
  readonly next: number;
  readonly at: number;
};

export type Verdict = { readonly refused: number; readonly lateCalls: number; readonly violations: readonly string[] };

/** @param nameOf the name of a container that was ever made, by its id. */
export function judge(
  house: WiredHouse,
  takeovers: readonly Takeover[],
  nameOf: (id: string) => string | undefined,
): Verdict {
  const seen = takeovers.map((takeover) => ofOne(house, takeover, nameOf));
  return {
    refused: seen.reduce((sum, { refused }) => sum + refused, 0),
    lateCalls: seen.reduce((sum, { lateCalls }) => sum + lateCalls, 0),
    violations: [...seen.flatMap(({ violations }) => violations), ...wrongTerms(house)],
  };
}

function ofOne(house: WiredHouse, takeover: Takeover, nameOf: (id: string) => string | undefined): Verdict {
  const { zombie, term, next, at } = takeover;
  const member = house.members.find(({ id }) => id === zombie);
  const txns = (member?.etcd.txns ?? []).filter((txn) => txn.term === BigInt(term));
  const late = txns.filter(({ outcome }) => outcome !== undefined && outcome.revision >= BigInt(next));
  const accepted = late.filter(({ outcome }) => outcome?.succeeded === true);
  const calls = (member?.engine.calls ?? []).filter((call) => call.at > at && call.at < endOf(takeover, house));
  const strays = calls.flatMap(({ method, path }) => {
    const name = /\/create\?.*name=([^&]+)/.exec(path)?.[1] ?? nameOf(/[0-9a-f]{64}/.exec(path)?.[0] ?? "");
    return name === undefined || isCommitted(house.log.writes, name, next) ? [] : [`${method} ${path} of ${name}`];
  });
  return {
    refused: late.length - accepted.length,
    lateCalls: calls.length,
    violations: [
      ...accepted.map(
        ({ keys, outcome }) => `of term ${term} at ${outcome?.revision}, after ${next}: ${keys.join(" ")}`,
      ),
      ...strays.map((text) => `without an intent of its term: ${text}`),
    ],
  };
}

/** From then on what it does is of another term of its own. */
function endOf({ zombie, next }: Takeover, { log }: WiredHouse): number {
  const isAgain = ({ key, value }: LoggedWrite) => key === "/theseus/leader" && value === zombie;
  return log.first(next, isAgain)?.at ?? Number.POSITIVE_INFINITY;
}

function isCommitted(writes: readonly LoggedWrite[], name: string, before: number): boolean {
  return writes.some(
    ({ key, revision, value }) => revision < before && value !== undefined && key.endsWith(`/containers/${name}`),
  );
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

// What was sent to a store and what it acknowledged, and the history that the store tells afterwards, held against each
// other. Every write says in its first key's value who it is.

import type { Event, TxnRequest } from "../../../src/embedded/gen/etcd.js";
import { PutRequest, TxnRequest as Txn, WatchCreateRequest } from "../../../src/embedded/gen/etcd.js";
import type { EtcdApiClient } from "../../support/etcd-api.js";
import { until } from "../../support/until.js";

/** Undefined: the key is deleted. */
type Change = { readonly key: string; readonly value: string | undefined };
export type Sent = {
  readonly id: string;
  readonly changes: readonly Change[];
  /** Set when the store has said so. */
  revision?: bigint;
};

export class Ledger {
  readonly #sent = new Map<string, Sent>();
  readonly #byRevision = new Map<bigint, Sent>();
  /** Up to here a history was found right. */
  #checked = 1n;

  get acknowledged(): number {
    return this.#byRevision.size;
  }

  get unacknowledged(): number {
    return this.#sent.size - this.#byRevision.size;
  }

  send(sent: Sent): void {
    this.#sent.set(sent.id, sent);
  }

  acknowledge(sent: Sent, revision: bigint): void {
    sent.revision = revision;
    this.#byRevision.set(revision, sent);
  }

  /** The whole history is to be looked at again. */
  beginAgain(): void {
    this.#checked = 1n;
  }

  /**
   * Every acknowledged write (of those revisions, if given) stands at its revision with its changes; nothing else stands
   * anywhere but writes that were sent, each whole and once. What was found right before is not looked at again.
   */
  async violationsOf(api: EtcdApiClient, only?: ReadonlySet<bigint>): Promise<string[]> {
    const { head, events } = await readHistory(api, this.#checked + 1n);
    const violations: string[] = [];
    const seen = new Set<string>();
    for (let revision = this.#checked + 1n; revision <= head; revision++) {
      violations.push(...this.#violationsAt(revision, events.get(revision) ?? [], seen));
    }
    for (const [revision, { id }] of this.#byRevision) {
      const isMeant = only === undefined || only.has(revision);
      if (isMeant && revision > head) violations.push(`${id} is lost, acknowledged as ${revision}`);
    }
    if (violations.length === 0) this.#checked = head;
    return violations;
  }

  #violationsAt(revision: bigint, events: readonly Event[], seen: Set<string>): string[] {
    const found = events.map(({ type, kv }): string =>
      shown(kv?.key.toString() ?? "", type === 1 ? undefined : kv?.value.toString()),
    );
    const id = events[0]?.kv?.value.toString().split(" ")[0] ?? "";
    const sent = this.#sent.get(id);
    const acknowledged = this.#byRevision.get(revision);
    if (acknowledged !== undefined && acknowledged !== sent)
      return [`${acknowledged.id} is lost, acknowledged as ${revision}; ${id} is there`];
    if (sent === undefined) return [`revision ${revision} was never sent: ${found.join(", ")}`];
    if (sent.revision !== undefined && sent.revision !== revision)
      return [`${id} was acknowledged as ${sent.revision} and stands at ${revision}`];
    if (seen.has(id)) return [`${id} stands twice, again at ${revision}`];
    seen.add(id);
    const wanted = sent.changes.map(({ key, value }) => shown(key, value));
    return wanted.join() === found.join() ? [] : [`${id} is ${found.join(", ")} and not ${wanted.join(", ")}`];
  }
}

const shown = (key: string, value: string | undefined): string => `${key}=${value ?? "(deleted)"}`;

type History = { readonly head: bigint; readonly events: ReadonlyMap<bigint, readonly Event[]> };

/** Everything from that revision to the present one, as a watch tells it. */
async function readHistory(api: EtcdApiClient, from: bigint): Promise<History> {
  const { header } = await api.must("leaseLeases", {});
  const head = header?.revision ?? 0n;
  const events = new Map<bigint, Event[]>();
  if (head < from) return { head, events };
  const stream = api.watch();
  const failures: Error[] = [];
  stream.on("error", (error) => failures.push(error));
  stream.on("data", (response: { events: Event[] }) => {
    for (const event of response.events) {
      const revision = event.kv?.modRevision ?? 0n;
      events.set(revision, [...(events.get(revision) ?? []), event]);
    }
  });
  const everything = { key: Buffer.from([0]), rangeEnd: Buffer.from([0]) };
  const create = WatchCreateRequest.fromPartial({ ...everything, startRevision: from });
  stream.write({ requestUnion: { $case: "createRequest", value: create } });
  try {
    await until(`the history up to ${head}`, () => events.has(head) || failures.length > 0, { everyMs: 2 });
  } finally {
    stream.cancel();
  }
  return { head, events };
}

/** As one transaction: its changes in their order. */
export function requestOf({ changes }: Sent): TxnRequest {
  const success = changes.map(({ key, value }) => {
    if (value === undefined) {
      const range = { key: Buffer.from(key), rangeEnd: Buffer.alloc(0), prevKv: false };
      return { request: { $case: "requestDeleteRange" as const, value: range } };
    }
    const put = PutRequest.fromPartial({ key: Buffer.from(key), value: Buffer.from(value) });
    return { request: { $case: "requestPut" as const, value: put } };
  });
  return Txn.fromPartial({ success });
}

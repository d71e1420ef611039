// Deletes configs that are past their bounds, and notes the removal of groups whose keys another hand has deleted.
// Swept rather than trimmed by each writer, so that a change of a group costs one key more and not two.

import { type HistoryRecord, newestFirst, pastKeeping } from "../model/history.js";
import type { Instant } from "../model/instant.js";
import type { EtcdWire, KeyValue } from "../model/ports.js";
import type { Fence } from "../model/store.js";
import { Complaints } from "./complaints.js";
import { historyCodec } from "./config-codec.js";
import { deletions } from "./deletions.js";
import { encode } from "./json-codec.js";
import { below, groupKey, HISTORY_PREFIX, historyKey } from "./keys.js";
import { parseKey } from "./parse-key.js";
import type { Parts } from "./parts.js";
import { rangeAll, readKeys } from "./ranges.js";
import { groupCodec } from "./record-codec.js";
import { readStored } from "./stored.js";
import { Transaction } from "./transaction.js";

/** Groups looked at together. */
const AT_ONCE = 100;

type Group = { readonly namespace: string; readonly uid: string; readonly revisions: number[] };
/** The newest record of a group; undefined when it cannot be understood. */
type Newest = { readonly group: Group; readonly kv: KeyValue; readonly record: HistoryRecord | undefined };

export class HistorySweep {
  readonly #wire: EtcdWire;
  readonly #complaints: Complaints;

  constructor({ wire, log }: Pick<Parts, "wire" | "log">) {
    this.#wire = wire;
    this.#complaints = new Complaints(log);
  }

  /** @param commit says false when the transaction was refused: then the rest waits for the next sweep. */
  async run(fence: Fence, now: Instant, commit: (txn: Transaction) => Promise<boolean>): Promise<void> {
    const groups = await this.#groups();
    for (let at = 0; at < groups.length; at += AT_ONCE) {
      if (fence.end?.aborted) return;
      const newest = await this.#newest(groups.slice(at, at + AT_ONCE));
      const lost = await this.#lost(newest);
      const old = newest.flatMap((one) => past(one, lost.has(one), now));
      // Deletes apart from the rest: a full store takes only those.
      for (const txn of [...deletions(fence, old), ...notes(fence, lost, now)]) {
        if (fence.end?.aborted || !(await commit(txn))) return;
      }
    }
  }

  async #groups(): Promise<Group[]> {
    const { kvs } = await rangeAll(this.#wire, below(HISTORY_PREFIX), { keysOnly: true });
    const groups = new Map<string, Group>();
    for (const kv of kvs) {
      const key = parseKey(kv.key);
      if (key?.kind !== "history") {
        this.#complaints.once(kv, "it is no key of a config revision");
        continue;
      }
      const { namespace, groupUid: uid, configRevision } = key;
      const id = historyKey(namespace, uid, 0);
      const group = groups.get(id) ?? { namespace, uid, revisions: [] };
      group.revisions.push(configRevision);
      groups.set(id, group);
    }
    return [...groups.values()];
  }

  async #newest(groups: readonly Group[]): Promise<Newest[]> {
    const keyed = groups.map((group) => {
      const [revision = 0] = newestFirst(group.revisions);
      return { group, key: historyKey(group.namespace, group.uid, revision) };
    });
    const { values } = await readKeys(
      this.#wire,
      keyed.map(({ key }) => key),
    );
    return keyed.flatMap(({ group, key }) => {
      const kv = values.get(key);
      return kv === undefined ? [] : [{ group, kv, record: this.#decoded(kv) }];
    });
  }

  #decoded(kv: KeyValue): HistoryRecord | undefined {
    const stored = readStored(historyCodec, kv);
    if (!("problem" in stored)) return stored.value;
    this.#complaints.once(kv, stored.problem);
    return undefined;
  }

  /** Those whose group key is not there any more although nothing says that they were removed. */
  async #lost(newest: readonly Newest[]): Promise<ReadonlySet<Newest>> {
    const keyed = newest.flatMap((one) => {
      const key = one.record?.removed === undefined ? this.#groupKey(one) : undefined;
      return key === undefined ? [] : [{ one, key }];
    });
    const keys = [...new Set(keyed.map(({ key }) => key))];
    const { values } = await readKeys(this.#wire, keys);
    return new Set(keyed.filter(({ one, key }) => !mayBe(values.get(key), one.group.uid)).map(({ one }) => one));
  }

  /** Undefined when the record does not say, or says what is no name. */
  #groupKey({ group, kv, record }: Newest): string | undefined {
    if (record === undefined) return undefined;
    try {
      return groupKey({ namespace: group.namespace, service: record.service, labels: record.labels });
    } catch (error) {
      this.#complaints.once(kv, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }
}

/** False only if that is certainly not the key of the group with this uid. */
function mayBe(stored: KeyValue | undefined, uid: string): boolean {
  if (stored === undefined) return false;
  const group = readStored(groupCodec, stored);
  return "problem" in group || group.value.uid === uid;
}

function past({ group, record }: Newest, lost: boolean, now: Instant): string[] {
  const removedAt = lost ? now : record?.removed?.at;
  return pastKeeping({ revisions: group.revisions, removedAt }, now).map((revision) =>
    historyKey(group.namespace, group.uid, revision),
  );
}

function notes(fence: Fence, lost: ReadonlySet<Newest>, at: Instant): Transaction[] {
  const txn = new Transaction().fenced(fence);
  for (const { kv, record } of lost) {
    if (record === undefined) continue;
    txn.unchanged(kv.key, kv.modRevision);
    txn.put(kv.key, encode(historyCodec, { ...record, removed: { at } }, kv.value));
  }
  return txn.writes.length === 0 ? [] : [txn];
}

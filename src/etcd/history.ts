// The configs that a group has had: each written in the transaction of the config that it records, so that none can be
// missing, and read newest first.

import type { GroupChange } from "../model/change.js";
import type { ConfigRecord } from "../model/group.js";
import { type HistoryRecord, newestFirst, REVISIONS_KEPT } from "../model/history.js";
import type { Instant } from "../model/instant.js";
import type { EtcdWire, KeyValue } from "../model/ports.js";
import { type GroupRef, groupId } from "../model/reference.js";
import { Complaints } from "./complaints.js";
import { historyCodec } from "./config-codec.js";
import { encode } from "./json-codec.js";
import { below, configKey, groupKey, historyKey, historyPrefix, isSegment } from "./keys.js";
import { parseKey } from "./parse-key.js";
import type { Parts } from "./parts.js";
import { rangeAll, readKeys } from "./ranges.js";
import { groupCodec } from "./record-codec.js";
import { mustRead, readStored } from "./stored.js";
import type { Transaction } from "./transaction.js";

/** A group by the name and the uid that its history is kept under. */
export type Owner = { readonly ref: GroupRef; readonly uid: string };
/** A config, and its history record as it is stored by now. */
export type Recorded = { readonly record: ConfigRecord; readonly stored: KeyValue | undefined };

/** The record of a new config. */
export function addHistory(txn: Transaction, { ref, uid }: Owner, record: ConfigRecord): void {
  const key = historyKey(ref.namespace, uid, record.configRevision);
  txn.put(key, encode(historyCodec, historyOf(ref, record)));
}

/** What the store has recorded of this config; a group older than history has nothing. */
export async function readRecorded(wire: EtcdWire, { ref, uid }: Owner, record: ConfigRecord): Promise<Recorded> {
  const { kvs } = await wire.range({ key: historyKey(ref.namespace, uid, record.configRevision) });
  return { record, stored: kvs[0] };
}

/**
 * The record of the present config with what has become known of it, or made if it is missing. The transaction has to
 * compare the config key: every writer of the record writes that too.
 */
export function addPresent(
  txn: Transaction,
  { ref, uid }: Owner,
  { record, stored }: Recorded,
  removedAt?: Instant,
): void {
  const former = stored === undefined ? undefined : readStored(historyCodec, stored);
  const known = former === undefined || "problem" in former ? undefined : former.value;
  // Who asked for the removal stands in the config where who asked for the config was.
  const asked = record.removing === undefined ? {} : { asked: record.change };
  const next: HistoryRecord = {
    ...historyOf(ref, record),
    ...(known !== undefined && { change: known.change }),
    ...(removedAt !== undefined && { removed: { at: removedAt, ...asked } }),
  };
  const key = historyKey(ref.namespace, uid, record.configRevision);
  txn.put(key, encode(historyCodec, next, stored?.value));
}

function historyOf({ service, labels }: GroupRef, record: ConfigRecord): HistoryRecord {
  const { config, configRevision, change, pin } = record;
  return { service, labels, config, configRevision, change, ...(pin !== undefined && { pin }) };
}

/** The config revisions recorded under that uid, newest first. */
async function recordedRevisions(wire: EtcdWire, namespace: string, uid: string): Promise<number[]> {
  const { kvs } = await rangeAll(wire, below(historyPrefix(namespace, uid)), { keysOnly: true });
  return newestFirst(
    kvs.flatMap(({ key }) => {
      const parsed = parseKey(key);
      return parsed?.kind === "history" ? [parsed.configRevision] : [];
    }),
  );
}

/** Of the groups to be created that have a key but no config: their numbers go on where their history ends. */
export async function readLastRevisions(
  wire: EtcdWire,
  changes: readonly GroupChange[],
  found: ReadonlyMap<string, KeyValue>,
): Promise<ReadonlyMap<string, number>> {
  const last = new Map<string, number>();
  for (const { kind, ref } of changes) {
    const group = kind === "create" && !found.has(configKey(ref)) ? found.get(groupKey(ref)) : undefined;
    if (group === undefined) continue;
    const { uid } = mustRead(groupCodec, group).value;
    const [revision = 0] = await recordedRevisions(wire, ref.namespace, uid);
    last.set(groupId(ref), revision);
  }
  return last;
}

export class HistoryReader {
  readonly #wire: EtcdWire;
  readonly #complaints: Complaints;

  constructor({ wire, log }: Pick<Parts, "wire" | "log">) {
    this.#wire = wire;
    this.#complaints = new Complaints(log);
  }

  async knows(namespace: string, uid: string): Promise<boolean> {
    if (!isSegment(namespace) || !isSegment(uid)) return false;
    const { kvs } = await this.#wire.range({ ...below(historyPrefix(namespace, uid)), limit: 1, keysOnly: true });
    return kvs.length > 0;
  }

  /** The newest ones that are kept; there may be more until the leader has swept. */
  async read(namespace: string, uid: string): Promise<readonly HistoryRecord[]> {
    if (!isSegment(namespace) || !isSegment(uid)) return [];
    const revisions = (await recordedRevisions(this.#wire, namespace, uid)).slice(0, REVISIONS_KEPT);
    const keys = revisions.map((revision) => historyKey(namespace, uid, revision));
    const { values } = await readKeys(this.#wire, keys);
    return keys.flatMap((key) => {
      const kv = values.get(key);
      return (kv === undefined ? undefined : this.#decoded(kv)) ?? [];
    });
  }

  #decoded(kv: KeyValue): HistoryRecord | undefined {
    const stored = readStored(historyCodec, kv);
    if (!("problem" in stored)) return stored.value;
    this.#complaints.once(kv, stored.problem);
    return undefined;
  }
}

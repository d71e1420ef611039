// The one record of what waits for a person's word: written by the leader, and by whoever passes a word on.

import { TheseusError } from "../model/errors.js";
import type { KeyValue } from "../model/ports.js";
import { NOTHING_TO_RECOVER, type RecoveryRecord, unknownGroup } from "../model/recovery.js";
import { formatGroup, type GroupRef } from "../model/reference.js";
import type { Versioned } from "../model/store.js";
import { Complaints } from "./complaints.js";
import { decode, encode } from "./json-codec.js";
import { RECOVERY_KEY } from "./keys.js";
import type { Parts } from "./parts.js";
import { recoveryCodec } from "./recovery-codec.js";
import type { Transaction } from "./transaction.js";

export class RecoveryReader {
  readonly #wire: Parts["wire"];
  readonly #complaints: Complaints;

  constructor({ wire, log }: Pick<Parts, "wire" | "log">) {
    this.#wire = wire;
    this.#complaints = new Complaints(log);
  }

  async read(): Promise<Versioned<RecoveryRecord> | undefined> {
    const { kvs } = await this.#wire.range({ key: RECOVERY_KEY });
    const [kv] = kvs;
    if (kv === undefined) return undefined;
    const decoded = decode(recoveryCodec, kv.value);
    if ("problem" in decoded) this.#complaints.once(kv, decoded.problem);
    return { value: recordIn(kv), modRevision: kv.modRevision };
  }
}

/** The leader makes it anew from what it sees, so that a broken value is as good as none. */
export function recordIn(kv: KeyValue | undefined): RecoveryRecord {
  const decoded = kv === undefined ? { value: NOTHING_TO_RECOVER } : decode(recoveryCodec, kv.value);
  return "value" in decoded ? decoded.value : NOTHING_TO_RECOVER;
}

export function putRecovery(txn: Transaction, record: RecoveryRecord, modRevision: bigint): Transaction {
  txn.unchanged(RECOVERY_KEY, modRevision);
  return record.items.length === 0 ? txn.remove(RECOVERY_KEY) : txn.put(RECOVERY_KEY, encode(recoveryCodec, record));
}

/** STORE_DAMAGED where containers run of a group of that name that the store does not know, now or when this is committed. */
export function refuseOverUnknown(
  txn: Transaction,
  ref: GroupRef,
  { uid, stored }: { readonly uid: string | undefined; readonly stored: KeyValue | undefined },
): void {
  const unknown = unknownGroup(recordIn(stored), ref).filter(({ groupUid }) => groupUid !== uid);
  if (unknown.length > 0) {
    throw new TheseusError("STORE_DAMAGED", {
      what: `${formatGroup(ref)} has containers that the store does not know`,
      why: [
        "the store was restored from an older backup; another group of that name would be made over them",
        unknown.map(({ name }) => name).join(", "),
      ],
      now: "nothing was changed; the containers run on",
      next: ["theseus recover"],
      group: ref,
    });
  }
  txn.unchanged(RECOVERY_KEY, stored?.modRevision ?? 0n);
}

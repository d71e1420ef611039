// Evidence of containers that failed: written once for each, a few for each slot and group, read newest first, and gone with
// the last of what is kept of its group.

import { type Evidence, makingRoom } from "../model/evidence.js";
import type { EtcdWire, KeyValue } from "../model/ports.js";
import type { Fence, FencedResult, GroupKey, SeenGroup } from "../model/store.js";
import { Complaints } from "./complaints.js";
import { deletions } from "./deletions.js";
import { fenceReads, isInOffice } from "./epochs.js";
import { evidenceCodec } from "./evidence-codec.js";
import { encode } from "./json-codec.js";
import {
  below,
  containerKey,
  EVIDENCE_PREFIX,
  type EvidenceKey,
  evidenceKey,
  evidencePrefix,
  HISTORY_PREFIX,
  isSegment,
  SLOTS_PREFIX,
} from "./keys.js";
import { parseKey } from "./parse-key.js";
import type { Parts } from "./parts.js";
import { rangeAll } from "./ranges.js";
import { readStored } from "./stored.js";
import { Transaction } from "./transaction.js";

type Kept = EvidenceKey & { readonly key: string };

export class EvidenceBook {
  readonly #wire: EtcdWire;
  readonly #complaints: Complaints;

  constructor({ wire, log }: Pick<Parts, "wire" | "log">) {
    this.#wire = wire;
    this.#complaints = new Complaints(log);
  }

  /** The key is new, so that of two that write at once only one does; a store that was put back has no such intent. */
  async keep(
    fence: Fence,
    { ref, uid, intents }: SeenGroup,
    evidence: Evidence,
    spared: readonly string[],
  ): Promise<FencedResult> {
    const { namespace } = ref;
    const { container: name } = evidence;
    const { kept, revision } = await this.#list({ namespace, uid });
    if (kept.some(({ container }) => container === name)) return { ok: true, revision };
    const key = evidenceKey(namespace, uid, evidence);
    const txn = new Transaction().fenced(fence).unchanged(key, 0n).put(key, encode(evidenceCodec, evidence));
    txn.unchanged(containerKey({ ...ref, name }), intents.get(name)?.modRevision ?? 0n);
    for (const old of makingRoom(kept, evidence, spared)) txn.remove(old.key);
    const result = await txn.commit(this.#wire, fenceReads(fence));
    if (result.succeeded) return { ok: true, revision: result.revision };
    return { ok: false, why: isInOffice(fence, result.results) ? "stale" : "fenced" };
  }

  async read(
    { namespace, uid }: GroupKey,
    container?: string,
  ): Promise<{ readonly evidence: readonly Evidence[]; readonly revision: bigint }> {
    if (!isSegment(namespace) || !isSegment(uid)) return { evidence: [], revision: 0n };
    if (container !== undefined) return this.#readOne({ namespace, uid }, container);
    const { kvs, revision } = await rangeAll(this.#wire, below(evidencePrefix(namespace, uid)));
    return { evidence: newestFirst(kvs).flatMap((kv) => this.#decoded(kv) ?? []), revision };
  }

  async #readOne(
    group: GroupKey,
    container: string,
  ): Promise<{ readonly evidence: readonly Evidence[]; readonly revision: bigint }> {
    const { kept, revision } = await this.#list(group);
    const found = kept.find((one) => one.container === container);
    if (found === undefined) return { evidence: [], revision };
    const { kvs } = await this.#wire.range({ key: found.key });
    return { evidence: kvs.flatMap((kv) => this.#decoded(kv) ?? []), revision };
  }

  /** A group without a config in the history and without slots is gone for good. */
  async forget(fence: Fence): Promise<readonly Transaction[]> {
    const { kvs } = await rangeAll(this.#wire, below(EVIDENCE_PREFIX), { keysOnly: true });
    if (kvs.length === 0) return [];
    const known = new Set([...(await this.#owners(HISTORY_PREFIX)), ...(await this.#owners(SLOTS_PREFIX))]);
    const orphans = kvs.filter((kv) => {
      const owner = ownerOf(kv.key);
      if (owner === undefined) this.#complaints.once(kv, "it is no key of an evidence");
      return owner !== undefined && !known.has(owner);
    });
    return deletions(
      fence,
      orphans.map(({ key }) => key),
    );
  }

  async #owners(prefix: string): Promise<readonly string[]> {
    const { kvs } = await rangeAll(this.#wire, below(prefix), { keysOnly: true });
    return kvs.flatMap(({ key }) => ownerOf(key) ?? []);
  }

  /** Newest first. */
  async #list({ namespace, uid }: GroupKey): Promise<{ readonly kept: readonly Kept[]; readonly revision: bigint }> {
    const { kvs, revision } = await rangeAll(this.#wire, below(evidencePrefix(namespace, uid)), { keysOnly: true });
    const kept = newestFirst(kvs).flatMap(({ key }) => {
      const parsed = parseKey(key);
      return parsed?.kind === "evidence" ? [{ ...parsed, key }] : [];
    });
    return { kept, revision };
  }

  #decoded(kv: KeyValue): Evidence | undefined {
    const stored = readStored(evidenceCodec, kv);
    if (!("problem" in stored)) return stored.value;
    this.#complaints.once(kv, stored.problem);
    return undefined;
  }
}

/** By when they were written; a store that was copied has them in the order of their keys. */
function newestFirst(kvs: readonly KeyValue[]): readonly KeyValue[] {
  return [...kvs].sort((a, b) => Number(b.modRevision - a.modRevision));
}

function ownerOf(key: string): string | undefined {
  const parsed = parseKey(key);
  switch (parsed?.kind) {
    case "evidence":
    case "history":
      return `${parsed.namespace}/${parsed.groupUid}`;
    case "slots":
      return `${parsed.namespace}/${parsed.id}`;
    default:
      return undefined;
  }
}

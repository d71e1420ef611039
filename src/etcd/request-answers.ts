// One effect and one answer per request id: the answer is stored in the transaction of the effect.

import type { ChangeContext, ChangeResult, RequestIdentity } from "../model/change.js";
import type { Instant } from "../model/instant.js";
import type { EtcdWire, KeyValue } from "../model/ports.js";
import { decode, encode } from "./json-codec.js";
import { below, REQUESTS_PREFIX, requestKey } from "./keys.js";
import { rangeAll } from "./ranges.js";
import { requestCodec } from "./record-codec.js";
import { requestIdReused } from "./refusals.js";
import { mustRead } from "./stored.js";
import type { Transaction } from "./transaction.js";

/** The key of the answer; nothing for a request that is not protected. */
export function answerKeys({ namespace, requestId }: RequestIdentity): string[] {
  return requestId === "" ? [] : [requestKey(namespace, requestId)];
}

/** The answer given before. REQUEST_ID_REUSED when that was to another request. */
export function formerAnswer(found: ReadonlyMap<string, KeyValue>, request: RequestIdentity): ChangeResult | undefined {
  const [key] = answerKeys(request);
  const stored = key === undefined ? undefined : found.get(key);
  if (stored === undefined) return undefined;
  const { value, modRevision } = mustRead(requestCodec, stored);
  if (value.digest !== request.digest) throw requestIdReused(request.requestId);
  const groups = value.groups.map(({ configRevision, ...ref }) => ({ ref, configRevision }));
  return { revision: modRevision, replayed: true, groups };
}

/** Stores the answer with the effect; the transaction fails when another try of the same request came first. */
export function addAnswer(txn: Transaction, context: ChangeContext, groups: ChangeResult["groups"]): void {
  const [key] = answerKeys(context);
  if (key === undefined) return;
  const answered = groups.map(({ ref, configRevision }) => ({
    namespace: ref.namespace,
    service: ref.service,
    labels: ref.labels,
    configRevision,
  }));
  const { digest, change } = context;
  txn.unchanged(key, 0n).put(key, encode(requestCodec, { digest, time: change.time, groups: answered }));
}

/** Keys of the answers given before then, and of those that can be given to nobody. */
export async function answersBefore(wire: EtcdWire, then: Instant): Promise<string[]> {
  const { kvs } = await rangeAll(wire, below(REQUESTS_PREFIX));
  const old = kvs.filter(({ value }) => {
    const decoded = decode(requestCodec, value);
    return "problem" in decoded || decoded.value.time < then;
  });
  return old.map(({ key }) => key);
}

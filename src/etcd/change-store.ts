// Changes that people and programs ask for: read what they depend on, decide, write all in one transaction, and again
// from the start when somebody else wrote in between.

import type { ChangeContext, ChangeResult, GroupChange, RequestIdentity } from "../model/change.js";
import { TheseusError } from "../model/errors.js";
import type { Event } from "../model/event.js";
import { DEFAULT_NAMESPACE } from "../model/names.js";
import type { RecoveryRecord } from "../model/recovery.js";
import { formatGroup, type GroupRef, groupId, type ServiceRef } from "../model/reference.js";
import type { ChangeStore } from "../model/store.js";
import { clusterEvent, eventsOf } from "./change-events.js";
import { configRecordCodec } from "./config-codec.js";
import { addEvents } from "./events.js";
import { addChange, type Found, keysOfChange } from "./group-change.js";
import { readLastRevisions } from "./history.js";
import { encode } from "./json-codec.js";
import { below, configKey, groupKey, namespaceKey, RECOVERY_KEY, serviceKey } from "./keys.js";
import type { Parts } from "./parts.js";
import { readKeys } from "./ranges.js";
import { createdCodec, groupCodec } from "./record-codec.js";
import { putRecovery, recordIn } from "./recovery.js";
import {
  contended,
  namespaceExists,
  namespaceNotEmpty,
  noSuchNamespace,
  noSuchService,
  serviceNotEmpty,
} from "./refusals.js";
import { addAnswer, answerKeys, formerAnswer } from "./request-answers.js";
import { mustRead } from "./stored.js";
import { Transaction } from "./transaction.js";

/** Tries against other writers of the same keys; each loss means that somebody else's change was stored. */
const TRIES = 10;

type Proposal = { readonly txn: Transaction; readonly groups: ChangeResult["groups"] };

export class EtcdChangeStore implements ChangeStore {
  readonly #parts: Pick<Parts, "wire" | "rng">;

  constructor(parts: Pick<Parts, "wire" | "rng">) {
    this.#parts = parts;
  }

  async changeGroups(changes: readonly GroupChange[], context: ChangeContext): Promise<ChangeResult> {
    requireDifferent(changes);
    const what = changes.map(({ ref }) => formatGroup(ref)).join(", ");
    const { wire, rng } = this.#parts;
    return this.#commit({ what, keys: changes.flatMap(keysOfChange) }, context, async (found) => {
      const txn = new Transaction();
      const lastRevisions = await readLastRevisions(wire, changes, found);
      const events: Event[] = [];
      const making = { change: context.change, newUid: () => rng.hex(8), lastRevisions };
      const groups = changes.flatMap((change) => {
        const written = addChange(txn, change, found, making);
        events.push(...eventsOf(change, written, found, context.change));
        return change.kind === "keep" ? [] : [written];
      });
      addEvents(txn, events, rng);
      return { txn, groups };
    });
  }

  async createNamespace(name: string, context: ChangeContext): Promise<ChangeResult> {
    if (name === DEFAULT_NAMESPACE) throw namespaceExists(name);
    const key = namespaceKey(name);
    return this.#commit({ what: `namespace ${name}`, keys: [key] }, context, (found) => {
      if (found.has(key)) throw namespaceExists(name);
      const value = encode(createdCodec, { created: context.change.time });
      const txn = new Transaction().unchanged(key, 0n).put(key, value);
      return this.#told(txn, { kind: "namespace-created", text: `namespace ${name}` }, context);
    });
  }

  async removeNamespace(name: string, context: ChangeContext): Promise<ChangeResult> {
    if (name === DEFAULT_NAMESPACE) throw namespaceNotEmpty(name, "the namespace default always exists");
    const key = namespaceKey(name);
    const inside = below(`${key}/`);
    return this.#commit({ what: `namespace ${name}`, keys: [key] }, context, async (found) => {
      if (!found.has(key)) throw noSuchNamespace(name);
      const { kvs } = await this.#parts.wire.range({ ...inside, limit: 1, keysOnly: true });
      if (kvs.length > 0) throw namespaceNotEmpty(name, "there are services in it");
      const txn = new Transaction().exists(key).empty(inside).remove(key);
      return this.#told(txn, { kind: "namespace-removed", text: `namespace ${name}` }, context);
    });
  }

  async removeEmptyService(service: ServiceRef, context: ChangeContext): Promise<ChangeResult> {
    const key = serviceKey(service);
    const inside = below(`${key}/`);
    return this.#commit({ what: `service ${service.service}`, keys: [key] }, context, async (found) => {
      const { kvs } = await this.#parts.wire.range({ ...inside, limit: 1, keysOnly: true });
      if (kvs.length > 0) throw serviceNotEmpty(service);
      if (!found.has(key)) throw noSuchService(service);
      return { txn: new Transaction().exists(key).empty(inside).remove(key), groups: [] };
    });
  }

  async giveWord(give: (record: RecoveryRecord) => RecoveryRecord, context: ChangeContext): Promise<ChangeResult> {
    return this.#commit({ what: "what is to be recovered", keys: [RECOVERY_KEY] }, context, (found) => {
      const stored = found.get(RECOVERY_KEY);
      const next = give(recordIn(stored));
      const txn = putRecovery(new Transaction(), next, stored?.modRevision ?? 0n);
      return this.#told(txn, { kind: "recovery-decided", text: context.change.command }, context);
    });
  }

  async formerAnswer(request: RequestIdentity): Promise<ChangeResult | undefined> {
    if (request.requestId === "") return undefined;
    const { values } = await readKeys(this.#parts.wire, answerKeys(request));
    return formerAnswer(values, request);
  }

  async readConfig(group: GroupRef) {
    const [own, config] = [groupKey(group), configKey(group)];
    const { values, revision } = await readKeys(this.#parts.wire, [own, config]);
    const [ownStored, configStored] = [values.get(own), values.get(config)];
    if (ownStored === undefined || configStored === undefined) return undefined;
    const { uid } = mustRead(groupCodec, ownStored).value;
    return { uid, record: mustRead(configRecordCodec, configStored).value, revision };
  }

  /** A change that is not one of a group. */
  #told(txn: Transaction, what: Pick<Event, "kind" | "text">, { change }: ChangeContext): Proposal {
    addEvents(txn, [clusterEvent(what, change)], this.#parts.rng);
    return { txn, groups: [] };
  }

  async #commit(
    on: { readonly what: string; readonly keys: readonly string[] },
    context: ChangeContext,
    propose: (found: Found) => Proposal | Promise<Proposal>,
  ): Promise<ChangeResult> {
    const keys = [...new Set([...on.keys, ...answerKeys(context)])];
    for (let tried = 0; tried < TRIES; tried++) {
      const { values } = await readKeys(this.#parts.wire, keys);
      const former = formerAnswer(values, context);
      if (former !== undefined) return former;
      const { txn, groups } = await propose(values);
      addAnswer(txn, context, groups);
      const { succeeded, revision } = await txn.commit(this.#parts.wire);
      if (succeeded) return { revision, replayed: false, groups };
    }
    throw contended(on.what);
  }
}

function requireDifferent(changes: readonly GroupChange[]): void {
  const seen = new Set<string>();
  for (const { ref } of changes) {
    if (seen.has(groupId(ref))) {
      throw new TheseusError("INVALID_REQUEST", {
        what: `${formatGroup(ref)} is named twice in one change`,
        now: "nothing was changed",
        group: ref,
      });
    }
    seen.add(groupId(ref));
  }
}

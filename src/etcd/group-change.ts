// One change of one group, from what is stored to what is to be stored. Reads and writes nothing itself.

import type { GroupChange } from "../model/change.js";
import type { Change, ConfigRecord, GroupConfig } from "../model/group.js";
import { carriedPin } from "../model/group-status.js";
import type { Instant } from "../model/instant.js";
import { DEFAULT_NAMESPACE } from "../model/names.js";
import type { KeyValue } from "../model/ports.js";
import { type GroupRef, groupId, type ServiceRef } from "../model/reference.js";
import { steered } from "../model/steering.js";
import type { Versioned } from "../model/store.js";
import { configRecordCodec } from "./config-codec.js";
import { addHistory } from "./history.js";
import { encode } from "./json-codec.js";
import { configKey, groupKey, namespaceKey, RECOVERY_KEY, serviceKey } from "./keys.js";
import { createdCodec, groupCodec } from "./record-codec.js";
import { refuseOverUnknown } from "./recovery.js";
import { configConflict, groupExists, groupRemoving, noSuchGroup, noSuchNamespace } from "./refusals.js";
import { mustRead, rewrite } from "./stored.js";
import type { Transaction } from "./transaction.js";

/** The stored keys that the change depends on, at one revision. */
export type Found = ReadonlyMap<string, KeyValue>;
export type Written = { readonly ref: GroupRef; readonly configRevision: number };
export type Making = {
  readonly change: Change;
  readonly newUid: () => string;
  /** Group id -> the last config revision of a group that lost its config. */
  readonly lastRevisions: ReadonlyMap<string, number>;
};

/** Every key whose value decides about the change. */
export function keysOfChange(change: GroupChange): string[] {
  const { ref } = change;
  if (change.kind !== "create") return [groupKey(ref), configKey(ref)];
  const namespace = ref.namespace === DEFAULT_NAMESPACE ? [] : [namespaceKey(ref.namespace)];
  return [groupKey(ref), configKey(ref), serviceKey(ref), RECOVERY_KEY, ...namespace];
}

/**
 * Adds the compares and writes of the change. GROUP_EXISTS, NO_SUCH_GROUP, NO_SUCH_NAMESPACE, GROUP_REMOVING, CONFLICT,
 * STORE_DAMAGED.
 */
export function addChange(txn: Transaction, change: GroupChange, found: Found, making: Making): Written {
  switch (change.kind) {
    case "create":
      return addCreate(txn, change, found, making);
    case "replace":
      return addReplace(txn, change, found, making);
    case "restart":
      return addRestart(txn, change, found, making);
    case "steer":
      return addSteering(txn, change, found, making);
    case "keep":
      txn.unchanged(configKey(change.ref), changeable(change.ref, change.from, found).modRevision);
      return { ref: change.ref, configRevision: change.from };
    case "remove":
      return addRemove(txn, change, found, making);
  }
}

function addCreate(
  txn: Transaction,
  { ref, config, pin }: Extract<GroupChange, { kind: "create" }>,
  found: Found,
  { change, newUid, lastRevisions }: Making,
): Written {
  requireNamespace(txn, ref.namespace, found);
  const stored = found.get(configKey(ref));
  if (stored !== undefined) {
    throw mustRead(configRecordCodec, stored).value.removing === undefined ? groupExists(ref) : groupRemoving(ref);
  }
  addService(txn, ref, found, change.time);
  // A group key without a config is a group whose config was deleted by hand: it keeps its uid, and so its containers.
  const group = found.get(groupKey(ref));
  txn.unchanged(groupKey(ref), group?.modRevision ?? 0n).unchanged(configKey(ref), 0n);
  const uid = group === undefined ? newUid() : mustRead(groupCodec, group).value.uid;
  refuseOverUnknown(txn, ref, { uid: group === undefined ? undefined : uid, stored: found.get(RECOVERY_KEY) });
  if (group === undefined) txn.put(groupKey(ref), encode(groupCodec, { uid, created: change.time }));
  const configRevision = (lastRevisions.get(groupId(ref)) ?? 0) + 1;
  const record = { config, configRevision, change, ...(pin !== undefined && { pin }) };
  txn.put(configKey(ref), encode(configRecordCodec, record));
  addHistory(txn, { ref, uid }, record);
  return { ref, configRevision };
}

function addReplace(
  txn: Transaction,
  { ref, config: asked, from, madeFrom, pin: given }: Extract<GroupChange, { kind: "replace" }>,
  found: Found,
  { change }: Making,
): Written {
  const present = changeable(ref, from, found);
  const config = keepInstances(asked, present.value.config);
  const pin = given ?? carriedPin(present.value, config);
  // A restart that came after the revision that is gone back to is undone with it.
  const isUndone = (present.value.restart ?? 0) > (madeFrom ?? Number.POSITIVE_INFINITY);
  const restart = isUndone ? undefined : present.value.restart;
  return addRevision(txn, ref, found, {
    ...{ config, configRevision: from + 1, change },
    ...(pin !== undefined && { pin }),
    ...(restart !== undefined && { restart }),
  });
}

function addRestart(
  txn: Transaction,
  { ref, from, wait }: Extract<GroupChange, { kind: "restart" }>,
  found: Found,
  { change }: Making,
): Written {
  const { config, pin } = changeable(ref, from, found).value;
  const configRevision = from + 1;
  return addRevision(txn, ref, found, {
    ...{ config, configRevision, change, restart: configRevision },
    ...(wait !== undefined && { restartWait: wait }),
    ...(pin !== undefined && { pin }),
  });
}

function addSteering(
  txn: Transaction,
  { ref, from, act, promotions }: Extract<GroupChange, { kind: "steer" }>,
  found: Found,
  { change }: Making,
): Written {
  const present = changeable(ref, from, found);
  const steering = steered(present.value.steering, act, change, promotions);
  if (steering === present.value.steering) txn.unchanged(configKey(ref), present.modRevision);
  else putConfig(txn, ref, { ...present.value, steering }, present);
  return { ref, configRevision: from };
}

function changeable(ref: GroupRef, from: number, found: Found): Versioned<ConfigRecord> {
  const present = presentConfig(ref, found);
  if (present.value.removing !== undefined) throw groupRemoving(ref);
  if (present.value.configRevision !== from) throw configConflict(ref, from, present.value);
  return present;
}

/** In place of the present one; what was asked of the rollout of that goes with it. */
function addRevision(txn: Transaction, ref: GroupRef, found: Found, next: ConfigRecord): Written {
  putConfig(txn, ref, next, presentConfig(ref, found));
  const group = found.get(groupKey(ref));
  // Without a group key there is no uid to keep its history under; who deletes it by hand loses that.
  if (group !== undefined) {
    txn.unchanged(groupKey(ref), group.modRevision);
    addHistory(txn, { ref, uid: mustRead(groupCodec, group).value.uid }, next);
  }
  return { ref, configRevision: next.configRevision };
}

/** Asking for the removal of what is being removed is no error; asking for the volumes too adds them. */
function addRemove(
  txn: Transaction,
  { ref, from, volumes }: Extract<GroupChange, { kind: "remove" }>,
  found: Found,
  { change }: Making,
): Written {
  const present = presentConfig(ref, found);
  const record = present.value;
  if (record.configRevision !== from) throw configConflict(ref, from, record);
  if (record.removing === undefined || (volumes && !record.removing.volumes)) {
    putConfig(txn, ref, { ...record, change, removing: { volumes } }, present);
  }
  return { ref, configRevision: record.configRevision };
}

/** An absent number of instances keeps the present one. */
function keepInstances(config: GroupConfig, present: GroupConfig): GroupConfig {
  if (config.instances !== undefined || present.instances === undefined) return config;
  return { ...config, instances: present.instances };
}

function presentConfig(ref: GroupRef, found: Found): Versioned<ConfigRecord> {
  const stored = found.get(configKey(ref));
  if (stored === undefined) throw noSuchGroup(ref);
  return mustRead(configRecordCodec, stored);
}

function putConfig(txn: Transaction, ref: GroupRef, next: ConfigRecord, present: Versioned<ConfigRecord>): void {
  txn.unchanged(configKey(ref), present.modRevision);
  txn.put(configKey(ref), rewrite(configRecordCodec, next, present));
}

/** Written with the first group of a service; where it is there it has to stay until this is committed. */
export function addService(txn: Transaction, ref: ServiceRef, found: Found, created: Instant): void {
  const key = serviceKey(ref);
  if (found.has(key)) txn.exists(key);
  else txn.unchanged(key, 0n).put(key, encode(createdCodec, { created }));
}

/** NO_SUCH_NAMESPACE, also if it is removed before this is committed. */
export function requireNamespace(txn: Transaction, namespace: string, found: Found): void {
  if (namespace === DEFAULT_NAMESPACE) return;
  const key = namespaceKey(namespace);
  if (!found.has(key)) throw noSuchNamespace(namespace);
  txn.exists(key);
}

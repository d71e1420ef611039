// Where a registration may go: each rule is looked at, and compared in the transaction that relies on it.

import type { ContainerRef } from "../model/reference.js";
import { configRecordCodec } from "./config-codec.js";
import { configKey, containerKey, namespaceKey } from "./keys.js";
import { containerTaken, groupNotOpen, noSuchNamespace } from "./refusals.js";
import type { Found } from "./registration-record.js";
import { mustRead } from "./stored.js";
import type { Transaction } from "./transaction.js";

/** NO_SUCH_NAMESPACE */
export function requireNamespaceKey(
  txn: Transaction,
  name: string,
  { hasNamespace }: Pick<Found, "hasNamespace">,
): void {
  if (!hasNamespace) throw noSuchNamespace(name);
  txn.exists(namespaceKey(name));
}

/** CONTAINER_EXISTS for the name of a managed one. */
export function requireUnmanaged(txn: Transaction, container: ContainerRef, { intent }: Pick<Found, "intent">): void {
  if (intent !== undefined) throw containerTaken(container, "managed by Theseus");
  txn.unchanged(containerKey(container), 0n);
}

/** GROUP_CLOSED: a group with a config takes others only if it says `open: true`; one without a config takes anybody. */
export function requireOpen(txn: Transaction, container: ContainerRef, { config }: Pick<Found, "config">): void {
  txn.unchanged(configKey(container), config?.modRevision ?? 0n);
  if (config !== undefined && mustRead(configRecordCodec, config).value.config.open !== true) {
    throw groupNotOpen(container);
  }
}

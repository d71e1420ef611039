// The seed's etcd driver, the methods about services and groups; those about containers are in container-directory.ts.

import type { ChangeContext } from "../model/change.js";
import { isReason } from "../model/errors.js";
import type { Change, ConfigRecord, GroupConfig } from "../model/group.js";
import type { LabelSet } from "../model/labels.js";
import { DEFAULT_NAMESPACE } from "../model/names.js";
import { type ContainerRef, formatGroup, type GroupRef, groupId, type ServiceRef } from "../model/reference.js";
import type { ChangeStore, ServiceDirectory, Written } from "../model/store.js";
import { configRecordCodec } from "./config-codec.js";
import type { ContainerDirectory } from "./container-directory.js";
import { addService, requireNamespace } from "./group-change.js";
import { addGroupRemoval, readSurroundings } from "./group-removal.js";
import {
  below,
  configKey,
  containersPrefix,
  groupKey,
  namespaceKey,
  type ParsedKey,
  serviceKey,
  servicesPrefix,
} from "./keys.js";
import { parseKey } from "./parse-key.js";
import type { Parts } from "./parts.js";
import { rangeAll, readKeys, readTogether } from "./ranges.js";
import { contended, groupHasContainers, noSuchGroup, serviceNotEmpty } from "./refusals.js";
import { mustRead } from "./stored.js";
import { Transaction } from "./transaction.js";

const TRIES = 10;

export class EtcdServiceDirectory implements Omit<ServiceDirectory, keyof ContainerDirectory> {
  readonly #parts: Pick<Parts, "wire" | "clock">;
  readonly #changes: ChangeStore;

  constructor(parts: Pick<Parts, "wire" | "clock">, changes: ChangeStore) {
    this.#parts = parts;
    this.#changes = changes;
  }

  /** NO_SUCH_NAMESPACE. A service that is there already is no error. */
  async createService(service: ServiceRef): Promise<Written> {
    const namespace = service.namespace === DEFAULT_NAMESPACE ? [] : [namespaceKey(service.namespace)];
    for (let tried = 0; tried < TRIES; tried++) {
      const { values } = await readKeys(this.#parts.wire, [serviceKey(service), ...namespace]);
      const txn = new Transaction();
      requireNamespace(txn, service.namespace, values);
      addService(txn, service, values, this.#parts.clock.now());
      const { succeeded, revision } = await txn.commit(this.#parts.wire);
      if (succeeded) return { revision };
    }
    throw contended(`service ${service.service}`);
  }

  async createGroup(group: GroupRef, config: GroupConfig, change: Change): Promise<Written> {
    return this.#changes.changeGroups([{ kind: "create", ref: group, config }], unprotected(group, change));
  }

  async removeService(service: ServiceRef): Promise<Written> {
    const key = serviceKey(service);
    const txn = new Transaction().empty(below(`${key}/`)).remove(key);
    const { succeeded, revision } = await txn.commit(this.#parts.wire);
    if (!succeeded) throw serviceNotEmpty(service);
    return { revision };
  }

  async removeGroup(group: GroupRef): Promise<Written> {
    for (let tried = 0; tried < TRIES; tried++) {
      const around = await readSurroundings(this.#parts.wire, group);
      if (around.containers > 0) throw groupHasContainers(group, around.containers);
      const txn = new Transaction().empty(below(containersPrefix(group)));
      addGroupRemoval(txn, group, around, this.#parts.clock.now());
      const { succeeded, revision } = await txn.commit(this.#parts.wire);
      if (succeeded) return { revision };
    }
    throw contended(formatGroup(group));
  }

  async serviceExists(service: ServiceRef): Promise<boolean> {
    return this.#any(serviceKey(service));
  }

  async groupExists(group: GroupRef): Promise<boolean> {
    return this.#any(groupKey(group));
  }

  async getServiceNames(namespace: string): Promise<string[]> {
    const parsed = await this.#parsedBelow(servicesPrefix(namespace));
    return [...new Set(parsed.flatMap((key) => ("ref" in key ? [key.ref.service] : [])))].sort();
  }

  async getServiceGroups(service: ServiceRef): Promise<LabelSet[]> {
    const groups = new Map<string, LabelSet>();
    for (const key of await this.#parsedBelow(`${serviceKey(service)}/`)) {
      if ("ref" in key && "labels" in key.ref) groups.set(groupId(key.ref), key.ref.labels);
    }
    return sortedByKey(groups);
  }

  async getServiceContainers(service: ServiceRef): Promise<ContainerRef[]> {
    const containers = new Map<string, ContainerRef>();
    for (const key of await this.#parsedBelow(`${serviceKey(service)}/`)) {
      if (key.kind === "intent" || key.kind === "info") containers.set(`${groupId(key.ref)}/${key.ref.name}`, key.ref);
    }
    return sortedByKey(containers);
  }

  async getGroupConfig(group: GroupRef): Promise<ConfigRecord> {
    const { kvs } = await this.#parts.wire.range({ key: configKey(group) });
    const [stored] = kvs;
    if (stored === undefined) throw noSuchGroup(group);
    return mustRead(configRecordCodec, stored).value;
  }

  async setGroupConfig(group: GroupRef, config: GroupConfig, change: Change, from?: number): Promise<Written> {
    for (let tried = 0; tried < TRIES; tried++) {
      const { configRevision } = await this.getGroupConfig(group);
      const replace = { kind: "replace", ref: group, config, from: from ?? configRevision } as const;
      try {
        return await this.#changes.changeGroups([replace], unprotected(group, change));
      } catch (error) {
        if (from !== undefined || !isReason(error, "CONFLICT")) throw error;
      }
    }
    throw contended(formatGroup(group));
  }

  async getGroupContainerNames(group: GroupRef): Promise<string[]> {
    const parsed = await this.#parsedBelow(containersPrefix(group));
    return [...new Set(parsed.flatMap((key) => ("ref" in key && "name" in key.ref ? [key.ref.name] : [])))].sort();
  }

  /** True for the key itself, and for anything below it that another hand has written. */
  async #any(key: string): Promise<boolean> {
    const inside = { ...below(`${key}/`), limit: 1, keysOnly: true };
    const { found } = await readTogether(this.#parts.wire, [{ key, keysOnly: true }, inside]);
    return found.flat().length > 0;
  }

  async #parsedBelow(prefix: string): Promise<ParsedKey[]> {
    const { kvs } = await rangeAll(this.#parts.wire, below(prefix), { keysOnly: true });
    return kvs.flatMap((kv) => parseKey(kv.key) ?? []);
  }
}

/** A change that no request id protects: sent again, it is done again. */
const unprotected = ({ namespace }: GroupRef, change: Change): ChangeContext => ({
  namespace,
  requestId: "",
  digest: "",
  change,
});

const sortedByKey = <T>(values: ReadonlyMap<string, T>): T[] =>
  [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);

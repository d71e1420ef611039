// The seed's etcd driver, the methods about single containers. Records of others have no lease and are theirs.

import type { ContainerInfo } from "../model/container.js";
import type { EtcdWire, KeyValue } from "../model/ports.js";
import { type ContainerRef, formatGroup } from "../model/reference.js";
import type { ServiceDirectory, Versioned, Written } from "../model/store.js";
import { configRecordCodec } from "./config-codec.js";
import { infoCodec } from "./container-codec.js";
import { configKey, containerKey, infoKey } from "./keys.js";
import { readKeys } from "./ranges.js";
import { containerExists, contended, groupClosed, groupNotOpen, noSuchContainer } from "./refusals.js";
import { mustRead, readStored, rewrite } from "./stored.js";
import { Transaction } from "./transaction.js";

const TRIES = 10;

type Methods =
  | "containerExists"
  | "getContainerInfo"
  | "setContainerInfo"
  | "registerContainer"
  | "deregisterContainer";

type Stored = { readonly intent?: KeyValue; readonly info?: KeyValue; readonly config?: KeyValue };

export class ContainerDirectory implements Pick<ServiceDirectory, Methods> {
  readonly #wire: EtcdWire;

  constructor(wire: EtcdWire) {
    this.#wire = wire;
  }

  async containerExists(container: ContainerRef): Promise<boolean> {
    const { intent, info } = await this.#read(container);
    return intent !== undefined || info !== undefined;
  }

  async getContainerInfo(container: ContainerRef): Promise<ContainerInfo> {
    const { info } = await this.#read(container);
    if (info === undefined) throw noSuchContainer(container);
    return mustRead(infoCodec, info).value;
  }

  async setContainerInfo(container: ContainerRef, info: ContainerInfo): Promise<Written> {
    return this.#commit(container, (txn, stored) => {
      if (stored.intent === undefined && stored.info === undefined) throw noSuchContainer(container);
      putInfo(txn, container, info, stored);
    });
  }

  async registerContainer(container: ContainerRef, info: ContainerInfo): Promise<Written> {
    return this.#commit(container, (txn, stored) => {
      if (stored.intent !== undefined || stored.info !== undefined) throw containerExists(container);
      requireOpen(txn, container, stored.config);
      putInfo(txn, container, { ...info, origin: "registered" }, stored);
    });
  }

  async deregisterContainer(container: ContainerRef): Promise<Written> {
    return this.#commit(container, (txn, stored) => {
      if (stored.intent !== undefined) throw groupClosed(container, `${container.name} is managed by Theseus`);
      if (stored.info === undefined) throw noSuchContainer(container);
      txn.unchanged(infoKey(container), stored.info.modRevision).remove(infoKey(container));
    });
  }

  async #read(container: ContainerRef): Promise<Stored> {
    const keys = [containerKey(container), infoKey(container), configKey(container)] as const;
    const { values } = await readKeys(this.#wire, keys);
    const [intent, info, config] = keys.map((key) => values.get(key));
    return { ...(intent && { intent }), ...(info && { info }), ...(config && { config }) };
  }

  /** Read, decide, write if nothing changed in between; again until it is stored or refused. */
  async #commit(container: ContainerRef, add: (txn: Transaction, stored: Stored) => void): Promise<Written> {
    for (let tried = 0; tried < TRIES; tried++) {
      const stored = await this.#read(container);
      const txn = new Transaction().unchanged(containerKey(container), stored.intent?.modRevision ?? 0n);
      add(txn, stored);
      const { succeeded, revision } = await txn.commit(this.#wire);
      if (succeeded) return { revision };
    }
    throw contended(`${formatGroup(container)} ${container.name}`);
  }
}

/** A value that cannot be understood is replaced whole. */
function putInfo(txn: Transaction, container: ContainerRef, info: ContainerInfo, stored: Stored): void {
  const key = infoKey(container);
  const former = stored.info === undefined ? undefined : readStored(infoCodec, stored.info);
  const known: Versioned<ContainerInfo> | undefined = former === undefined || "problem" in former ? undefined : former;
  txn.unchanged(key, stored.info?.modRevision ?? 0n).put(key, rewrite(infoCodec, info, known));
}

/** A group with a config takes others only if it says `open: true`; one without a config takes anybody. */
function requireOpen(txn: Transaction, container: ContainerRef, config: KeyValue | undefined): void {
  txn.unchanged(configKey(container), config?.modRevision ?? 0n);
  if (config !== undefined && mustRead(configRecordCodec, config).value.config.open !== true) {
    throw groupNotOpen(container);
  }
}

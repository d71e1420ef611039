// An embedded store of a test's own in this process, served as etcd's API on loopback; nothing left behind by stop().

import { join } from "node:path";
import type { EmbeddedStore } from "../../src/embedded/api.js";
import { type EtcdApi, serveEtcdApi } from "../../src/embedded/serve.js";
import { openEmbeddedStore } from "../../src/embedded/store.js";
import { createLogger } from "../../src/log.js";
import type { Logger } from "../../src/model/ports.js";
import { systemClock, systemRng } from "../../src/system.js";
import { freePort } from "./free-port.js";
import { makeFolder, type TemporaryFolder } from "./temporary-folder.js";

export type ServedStoreOptions = {
  /** What is served instead of the store itself. */
  readonly instead?: (store: EmbeddedStore) => EmbeddedStore;
};

export class ServedStore {
  readonly #folder: TemporaryFolder;
  /** "host:port", the same after a restart. */
  readonly address: string;
  readonly #port: number;
  readonly #options: ServedStoreOptions;
  readonly #log: Logger = createLogger({ level: "error", form: "line" });
  #store: EmbeddedStore | undefined;
  #api: EtcdApi | undefined;

  private constructor(folder: TemporaryFolder, port: number, options: ServedStoreOptions) {
    this.#folder = folder;
    this.#port = port;
    this.address = `127.0.0.1:${port}`;
    this.#options = options;
  }

  static async start(options: ServedStoreOptions = {}): Promise<ServedStore> {
    const served = new ServedStore(await makeFolder("embedded"), await freePort(), options);
    try {
      await served.#open();
      return served;
    } catch (error) {
      await served.stop();
      throw error;
    }
  }

  async restart(): Promise<void> {
    await this.#close();
    await this.#open();
  }

  async stop(): Promise<void> {
    await this.#close();
    await this.#folder.remove();
  }

  async #open(): Promise<void> {
    const parts = { folder: join(this.#folder.path, "data"), clock: systemClock, rng: systemRng, log: this.#log };
    const store = await openEmbeddedStore(parts);
    this.#store = store;
    const { instead = (one) => one } = this.#options;
    this.#api = await serveEtcdApi(instead(store), { host: "127.0.0.1", port: this.#port }, this.#log);
  }

  async #close(): Promise<void> {
    await this.#api?.close();
    await this.#store?.close();
    this.#api = undefined;
    this.#store = undefined;
  }
}

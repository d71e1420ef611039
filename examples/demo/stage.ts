// What the demo plays on, and how it is cleared away: an etcd, a server and three images of its own. Knows nothing of
// what is shown.

import { randomBytes } from "node:crypto";
import { importBusyboxImage, removeImage } from "../../test/support/images.js";
import { ObservedEngine } from "../../test/support/observed-engine.js";
import { startEtcd, type TestEtcd } from "../../test/support/start-etcd.js";
import { type RunningServer, startServer } from "../../test/support/theseus.js";

/** The web server of the images also answers here: for a second named port. */
const ADMIN_PORT = 9000;

/** Image names that nobody else has. */
export type Images = { readonly web: string; readonly newWeb: string; readonly api: string };

export class Stage {
  readonly engine = new ObservedEngine();
  readonly images: Images;
  readonly #services: readonly string[];
  #etcd: TestEtcd | undefined;
  #server: RunningServer | undefined;

  constructor(services: readonly string[]) {
    const name = `theseus-demo-${randomBytes(4).toString("hex")}`;
    this.images = { web: `${name}/web:1`, newWeb: `${name}/web:2`, api: `${name}/api:1` };
    this.#services = services;
  }

  /** Whatever happens, strike() afterwards. */
  async setUp(signal: AbortSignal): Promise<RunningServer> {
    await this.#makeImages(signal);
    this.#etcd = await startEtcd({ detached: true });
    signal.throwIfAborted();
    this.#server = await startServer({ etcd: this.#etcd.endpoint, signal });
    return this.#server;
  }

  /** Theseus removes its groups; what is left over of this cluster is removed here. @returns what was left over. */
  async strike(): Promise<readonly string[]> {
    try {
      await this.#removeGroups();
      const left = await this.#leftOver();
      for (const container of left) await this.engine.remove(container.id);
      return left.map((container) => container.name);
    } finally {
      await this.#etcd?.stop();
      for (const tag of Object.values(this.images)) await removeImage(this.engine.socket, tag);
    }
  }

  async #makeImages(signal: AbortSignal): Promise<void> {
    const twoPorts = ["/bin/sh", "-c", `HTTP_PORT=${ADMIN_PORT} /serve.sh & exec /serve.sh`];
    const { web, newWeb, api } = this.images;
    await importBusyboxImage(this.engine.socket, web, { version: "1", command: twoPorts });
    await importBusyboxImage(this.engine.socket, newWeb, { version: "2", command: twoPorts });
    await importBusyboxImage(this.engine.socket, api, { version: "1" });
    signal.throwIfAborted();
  }

  async #removeGroups(): Promise<void> {
    for (const service of this.#services) await this.#server?.theseus(["remove", service, "--all-groups", "--yes"]);
    await this.#server?.child.stop();
  }

  /** By the id of the cluster that this server made in its store: never anybody else's. */
  async #leftOver() {
    if (this.#server === undefined || this.#etcd === undefined) return [];
    const record = await this.#etcd.ctl("get", "/theseus/cluster", "--print-value-only");
    const { cluster_id: cluster } = JSON.parse(record || "{}") as { cluster_id?: string };
    return cluster === undefined ? [] : await this.engine.containers(["theseus.cluster", cluster]);
  }
}

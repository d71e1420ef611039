// What the demo plays on, and how it is cleared away: a server with its own store in a temporary folder, and three images.
// Knows nothing of what is shown.

import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importBusyboxImage, removeImage } from "../../test/support/images.js";
import { ObservedEngine } from "../../test/support/observed-engine.js";
import { type RunningServer, startServer } from "../../test/support/theseus.js";
import { until } from "../../test/support/until.js";

/** The web server of the images also answers here: for a second named port. */
const ADMIN_PORT = 9000;

/** Image names that nobody else has. */
export type Images = { readonly web: string; readonly newWeb: string; readonly api: string };

export class Stage {
  readonly engine = new ObservedEngine();
  readonly images: Images;
  readonly #services: readonly string[];
  #folder: string | undefined;
  #server: RunningServer | undefined;
  #cluster: string | undefined;

  constructor(services: readonly string[]) {
    const name = `theseus-demo-${randomBytes(4).toString("hex")}`;
    this.images = { web: `${name}/web:1`, newWeb: `${name}/web:2`, api: `${name}/api:1` };
    this.#services = services;
  }

  /** Whatever happens, strike() afterwards. */
  async setUp(signal: AbortSignal): Promise<RunningServer> {
    await this.#makeImages(signal);
    this.#folder = await mkdtemp(join(tmpdir(), "theseus-demo-"));
    this.#server = await startServer({ store: ["--dev", "--data", this.#folder], signal });
    this.#cluster = await until("the cluster's id", () => this.#clusterId(), { signal });
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
      if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
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

  async #clusterId(): Promise<string | undefined> {
    const { stdout } = (await this.#server?.theseus(["server", "status", "-o", "json"])) ?? { stdout: "" };
    const { clusterId } = JSON.parse(stdout || "{}") as { clusterId?: string };
    return clusterId || undefined;
  }

  /** By the id of the cluster that this server made in its store: never anybody else's. */
  async #leftOver() {
    return this.#cluster === undefined ? [] : await this.engine.containers(["theseus.cluster", this.#cluster]);
  }
}

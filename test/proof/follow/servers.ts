// Servers of one store, each behind a proxy that cuts its connections to etcd, and each killed and started when asked.

import type { TestEtcd } from "../../support/start-etcd.js";
import { type RunningServer, startServer } from "../../support/theseus.js";
import { type Cuts, CuttingProxy } from "../gap/cutting-proxy.js";

type Facts = {
  readonly etcd: TestEtcd;
  readonly cuts: Cuts;
  readonly head: () => number;
  readonly chance: () => number;
};

/** A server that its watchers find again wherever it comes back. */
export class WatchedServer {
  readonly proxy: CuttingProxy;
  #running: RunningServer | undefined;
  #address = "127.0.0.1:9";

  private constructor(proxy: CuttingProxy) {
    this.proxy = proxy;
  }

  static async start({ etcd, ...facts }: Facts): Promise<WatchedServer> {
    const server = new WatchedServer(await CuttingProxy.start({ targetPort: etcd.port, ...facts }));
    await server.begin();
    return server;
  }

  get address(): string {
    return this.#address;
  }

  async begin(): Promise<void> {
    const flags = ["--leader-ttl", "2", "--listen-http", "off"];
    this.#running = await startServer({ etcd: `http://${this.proxy.endpoint}`, flags });
    this.#address = this.#running.listeners.grpc;
  }

  async kill(): Promise<void> {
    await this.#running?.child.kill9();
  }

  async close(): Promise<void> {
    await this.kill();
    await this.proxy.close();
  }
}

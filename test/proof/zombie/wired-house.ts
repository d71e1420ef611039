// Servers that reach etcd and Docker only through proxies of their own, so that it is seen who wrote what in which term.

import { EngineProxy } from "../../support/engine-proxy.js";
import { EtcdProxy } from "../../support/etcd-proxy.js";
import { StoreLog } from "../../support/store-log.js";
import { startTcpProxy, type TcpProxy } from "../../support/tcp-proxy.js";
import type { ServerOptions } from "../../support/theseus.js";
import { until } from "../../support/until.js";
import { join, type Member } from "../drain/scene.js";
import type { Stage } from "../stage.js";

export const LEADER = "/theseus/leader";

/** It reaches the proxy before etcd through its link. */
export type Wired = Member & { readonly etcd: EtcdProxy; readonly engine: EngineProxy; readonly link: TcpProxy };
export type ServerParts = Pick<ServerOptions, "env" | "bin">;

export class WiredHouse {
  readonly log: StoreLog;
  readonly members: Wired[] = [];
  readonly #stage: Stage;
  readonly #close: (() => unknown)[] = [];

  private constructor(stage: Stage) {
    this.#stage = stage;
    this.log = new StoreLog(stage.etcd);
  }

  static async open(stage: Stage, size: number, more: ServerParts = {}): Promise<WiredHouse> {
    const house = new WiredHouse(stage);
    try {
      await Promise.all(Array.from({ length: size }, () => house.#add(more)));
      return house;
    } catch (error) {
      await house.close();
      throw error;
    }
  }

  /** Who leads, and the revision that made its key. */
  async leader(after = 0): Promise<{ readonly member: Wired; readonly term: number; readonly at: number }> {
    const isElected = () => {
      const key = this.log.writes.findLast((write) => write.key === LEADER);
      const member = this.members.find(({ id }) => id === key?.value);
      return key === undefined || member === undefined || key.revision <= after
        ? undefined
        : { member, term: key.revision, at: key.at };
    };
    return await until("one of the servers to lead", isElected, { everyMs: 5 });
  }

  /** After the stage has been struck: until then its servers speak through here. */
  async close(): Promise<void> {
    await this.log.stop();
    for (const close of this.#close) await close();
  }

  async #add(more: ServerParts): Promise<void> {
    const etcd = await EtcdProxy.start(this.#stage.etcd.port);
    this.#close.push(() => etcd.close());
    const engine = await EngineProxy.start(this.#stage.engine.socket);
    this.#close.push(() => engine.close());
    const link = await startTcpProxy(Number(new URL(etcd.endpoint).port));
    this.#close.push(() => link.close());
    const flags = ["--etcd", `http://127.0.0.1:${link.port}`, "--docker", `unix://${engine.socket}`];
    this.members.push({ ...(await join(this.#stage, flags, more)), etcd, engine, link });
  }
}

export function freeze({ server }: Member): void {
  if (server.child.pid !== undefined) process.kill(server.child.pid, "SIGSTOP");
}

export function thaw({ server }: Member): void {
  if (server.child.pid !== undefined && !server.child.hasEnded) process.kill(server.child.pid, "SIGCONT");
}

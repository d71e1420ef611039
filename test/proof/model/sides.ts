// The two stores that get the same commands: an etcd of its own, and another one, the embedded store as a rule.

import type { EmbeddedStore } from "../../../src/embedded/api.js";
import { type Answer, type CallName, EtcdApiClient, type RequestOf, type ResponseOf } from "../../support/etcd-api.js";
import { ServedStore } from "../../support/served-store.js";
import { startEtcd } from "../../support/start-etcd.js";
import { until } from "../../support/until.js";

/** One store behind a client. */
export interface Side {
  readonly api: EtcdApiClient;
  /** On the same data and address; resolves when it answers. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export type StartSide = () => Promise<Side>;

export class Pair {
  readonly etcd: Side;
  readonly embedded: Side;

  private constructor(etcd: Side, embedded: Side) {
    this.etcd = etcd;
    this.embedded = embedded;
  }

  static async start(startEmbedded: StartSide): Promise<Pair> {
    const etcd = await startEtcdSide();
    try {
      return new Pair(etcd, await startEmbedded());
    } catch (error) {
      await etcd.stop();
      throw error;
    }
  }

  async call<N extends CallName>(
    name: N,
    request: RequestOf<N>,
  ): Promise<readonly [Answer<ResponseOf<N>>, Answer<ResponseOf<N>>]> {
    return await Promise.all([this.etcd.api.call(name, request), this.embedded.api.call(name, request)]);
  }

  async stop(): Promise<void> {
    await Promise.all([this.etcd.stop(), this.embedded.stop()]);
  }
}

export const startEtcdSide: StartSide = async () => {
  const etcd = await startEtcd();
  const api = new EtcdApiClient(`127.0.0.1:${etcd.port}`);
  return {
    api,
    restart: async () => {
      await etcd.restart();
      await answering(api);
    },
    stop: async () => {
      api.close();
      await etcd.stop();
    },
  };
};

export const startEmbeddedSide: StartSide = async () => await embeddedSide();

/** @param instead what is served instead of the store itself. */
export async function embeddedSide(instead?: (store: EmbeddedStore) => EmbeddedStore): Promise<Side> {
  const served = await ServedStore.start(instead === undefined ? {} : { instead });
  const api = new EtcdApiClient(served.address);
  return {
    api,
    restart: async () => {
      await served.restart();
      await answering(api);
    },
    stop: async () => {
      api.close();
      await served.stop();
    },
  };
}

/** The connection is made anew by itself, but a call in between would be refused. */
export async function answering(api: EtcdApiClient): Promise<void> {
  await until("the store to answer again", async () => "ok" in (await api.call("status", {})));
}

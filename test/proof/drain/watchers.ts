// Watchers behind one channel that goes round the servers: each of their calls lands anywhere, so that most
// acknowledgements reach a server that the watch is not of. What was said is written down with the time.

import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import {
  AcknowledgeRequest,
  AcknowledgeResponse,
  DiscoveryServiceService,
} from "../../../clients/gen/theseus/v1/discovery_service.js";
import { until } from "../../support/until.js";
import { Watching } from "../../support/watching.js";

const CALL_MS = 500;
const ROUND_ROBIN = JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }], methodConfig: [] });
const { path } = DiscoveryServiceService.acknowledge;

/** One acknowledgement that a server has taken. */
export type Said = {
  /** When it was sent, in milliseconds since 1970. */
  readonly at: number;
  readonly revision: bigint;
  /** The server that the watch was of, and the address that took it. */
  readonly server: string;
  readonly peer: string;
};

export type Target = { readonly service: string; readonly labels: string[] };

/** A program that watches for ever, and says some time after each message that it has taken it. */
export class Watcher {
  readonly said: Said[] = [];
  onMessage: () => unknown = () => undefined;
  readonly #client: Client;
  readonly #target: Target;
  readonly #pauseMs: () => number;
  #watching: Watching;
  #heard = 0;
  #isOver = false;

  constructor(
    readonly name: string,
    client: Client,
    target: Target,
    pauseMs: () => number,
  ) {
    this.#client = client;
    this.#target = target;
    this.#pauseMs = pauseMs;
    this.#watching = this.#watch({});
    void this.#follow();
  }

  /** The server that it watches at. */
  get server(): string {
    return this.#watching.watchId.split(".")[0] ?? "";
  }

  get isWatching(): boolean {
    return this.#watching.messages.length > 0 && this.#watching.ended === undefined;
  }

  get names(): readonly string[] {
    return this.#watching.names;
  }

  get revision(): bigint {
    return this.#watching.revision;
  }

  stop(): void {
    this.#isOver = true;
    this.#watching.cancel();
  }

  #watch(more: object): Watching {
    const target = { $case: "group", value: this.#target };
    return new Watching(this.#client, { target, acknowledges: true, watcherId: this.name, ...more });
  }

  async #follow(): Promise<void> {
    while (!this.#isOver) {
      const { messages, ended, watchId, cursor } = this.#watching;
      if (messages.length > this.#heard) {
        this.#heard = messages.length;
        void this.#say(watchId, cursor, this.#watching.revision);
        this.onMessage();
      }
      if (ended !== undefined && !this.#isOver) {
        this.#heard = 0;
        this.#watching = this.#watch({ cursor, lastWatchId: watchId });
      }
      await pause(5);
    }
  }

  /** Until a server has taken it, or it is known to be for nobody. Said for the watch that it has by then. */
  async #say(heardBy: string, cursor: string, revision: bigint): Promise<void> {
    if (heardBy === "" || cursor === "") return;
    await pause(this.#pauseMs());
    for (let tries = 0; tries < 20 && !this.#isOver; tries++) {
      const at = Date.now();
      const watchId = this.#watching.watchId || heardBy;
      const peer = await this.#acknowledge({ watchId, cursor });
      if (peer !== undefined) {
        this.said.push({ at, revision, peer, server: watchId.split(".")[0] ?? "" });
        return;
      }
      await pause(50);
    }
  }

  /** Who took it; undefined: nobody. */
  #acknowledge(request: { readonly watchId: string; readonly cursor: string }): Promise<string | undefined> {
    return new Promise((resolve) => {
      const call = this.#client.makeUnaryRequest(
        path,
        (value: AcknowledgeRequest) => Buffer.from(AcknowledgeRequest.encode(value).finish()),
        (bytes: Buffer) => AcknowledgeResponse.decode(bytes),
        AcknowledgeRequest.fromPartial(request),
        { deadline: Date.now() + CALL_MS },
        (error: ServiceError | null) => resolve(error === null ? call.getPeer() : undefined),
      );
    });
  }
}

const OPTIONS = {
  "grpc.use_local_subchannel_pool": 1,
  "grpc.enable_http_proxy": 0,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 500,
};

/** One channel over all of these addresses, in turn. */
export function channelOver(addresses: readonly string[]): Client {
  return new Client(`ipv4:${addresses.join(",")}`, credentials.createInsecure(), {
    ...OPTIONS,
    "grpc.service_config": ROUND_ROBIN,
  });
}

/** One channel to the first of these addresses that takes a connection. */
export function firstOf(addresses: readonly string[]): Client {
  return new Client(`ipv4:${addresses.join(",")}`, credentials.createInsecure(), OPTIONS);
}

/** So many, and at least one at each of these servers. */
export async function openWatchers(
  client: Client,
  { target, count, servers }: { readonly target: Target; readonly count: number; readonly servers: readonly string[] },
): Promise<Watcher[]> {
  const watchers: Watcher[] = [];
  const add = async () => {
    const watcher = new Watcher(`round-${watchers.length}`, client, target, () => 20 + Math.random() * 150);
    watchers.push(watcher);
    await until("a watch to begin", () => watcher.isWatching);
  };
  await until(
    "watches at all servers",
    async () => {
      await add();
      return watchers.length >= count && servers.every((id) => watchers.some(({ server }) => server === id));
    },
    { everyMs: 1 },
  );
  return watchers;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

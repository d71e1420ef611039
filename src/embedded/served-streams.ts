// The two streams of etcd's API: watches, and keepalives of leases. A stream is read and written only as fast as its
// client reads; must not know how the store keeps anything.

import { once, setMaxListeners } from "node:events";
import type { handleBidiStreamingCall, ServerDuplexStream } from "@grpc/grpc-js";
import type { Logger } from "../model/ports.js";
import { CODE, type EmbeddedStore, EtcdRefusal } from "./api.js";
import type { LeaseKeepAliveRequest, LeaseKeepAliveResponse, WatchRequest, WatchResponse } from "./gen/etcd.js";
import { statusOf } from "./served-calls.js";

/** Every open stream of one server. */
export class OpenStreams {
  readonly #store: EmbeddedStore;
  readonly #log: Logger;
  readonly #stopping = new AbortController();

  constructor(store: EmbeddedStore, log: Logger) {
    this.#store = store;
    this.#log = log;
    // Every open stream listens.
    setMaxListeners(0, this.#stopping.signal);
  }

  readonly watch: handleBidiStreamingCall<WatchRequest, WatchResponse> = (call) => {
    const stream = new OpenStream(call, this.#stopping.signal, this.#log);
    void pour(this.#store, stream);
  };

  readonly keepAlive: handleBidiStreamingCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> = (call) => {
    const stream = new OpenStream(call, this.#stopping.signal, this.#log);
    stream.onRequest(async ({ id }) => await stream.send(await this.#store.leaseKeepAlive(id)));
    stream.onLastRequest(() => stream.end());
  };

  /** Ends all of them with UNAVAILABLE, and every later one. */
  end(): void {
    this.#stopping.abort();
  }
}

/** As in etcd, the client's last request ends nothing: it watches on until it goes away. */
async function pour(store: EmbeddedStore, stream: OpenStream<WatchRequest, WatchResponse>): Promise<void> {
  try {
    const watch = store.watch();
    stream.onRequest(async (request) => watch.request(request));
    stream.onOver(() => watch.close());
    for await (const response of watch) await stream.send(response);
    stream.fail(stopped());
  } catch (error) {
    stream.fail(error);
  }
}

const stopped = (): EtcdRefusal => new EtcdRefusal(CODE.unavailable, "etcdserver: server stopped");

/** One stream of one client, until the client goes away or the server stops. */
class OpenStream<Q, A> {
  readonly #call: ServerDuplexStream<Q, A>;
  readonly #over = new AbortController();
  readonly #log: Logger;

  constructor(call: ServerDuplexStream<Q, A>, stopping: AbortSignal, log: Logger) {
    this.#call = call;
    this.#log = log;
    const stop = (): void => this.fail(stopped());
    call.once("cancelled", () => this.#over.abort());
    this.onOver(() => stopping.removeEventListener("abort", stop));
    if (stopping.aborted) stop();
    else stopping.addEventListener("abort", stop, { once: true });
  }

  /** One after the other: the next request is read when this one is answered, and never while the client does not read. */
  onRequest(answer: (request: Q) => Promise<void>): void {
    const take = async (request: Q): Promise<void> => {
      if (this.#over.signal.aborted) return;
      this.#call.pause();
      try {
        await answer(request);
        await this.#drained();
        this.#call.resume();
      } catch (error) {
        this.fail(error);
      }
    };
    this.#call.on("data", (request: Q) => void take(request));
  }

  onLastRequest(listener: () => void): void {
    this.#call.once("end", listener);
  }

  onOver(listener: () => void): void {
    const { signal } = this.#over;
    if (signal.aborted) listener();
    else signal.addEventListener("abort", listener, { once: true });
  }

  /** Resolves when the client can take more. */
  async send(response: A): Promise<void> {
    if (this.#over.signal.aborted) return;
    this.#call.write(response);
    await this.#drained();
  }

  end(): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#call.end();
  }

  /** Nothing once the stream is over. */
  fail(error: unknown): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#call.emit("error", statusOf(error, { method: this.#call.getPath(), log: this.#log }));
  }

  async #drained(): Promise<void> {
    const { signal } = this.#over;
    if (signal.aborted || !this.#call.writableNeedDrain) return;
    await once(this.#call, "drain", { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}

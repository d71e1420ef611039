// watchService(): the states of a service, one after another, for as long as somebody asks for the next one.

import { type Connection, type ConnectOptions, connect, partsOf } from "./connect.js";
import { TheseusClientError } from "./errors.js";
import { Follower, type WatchOptions } from "./follower.js";
import type { ServiceState } from "./watch-fold.js";
import { targetOf, type WatchTarget } from "./watch-target.js";

export interface WatchServiceOptions extends WatchOptions {
  /** Ends the watch without an error. */
  readonly signal?: AbortSignal;
  /** For the connection that is made when only addresses are given. */
  readonly connection?: ConnectOptions;
}

export interface ServiceWatch extends AsyncIterableIterator<ServiceState, undefined> {
  /** Milliseconds since the newest state was last known to be the store's; grows while servers or store are away. */
  age(): number | undefined;
  next(): Promise<IteratorResult<ServiceState, undefined>>;
  return(): Promise<IteratorResult<ServiceState, undefined>>;
}

/**
 * Whole states, each the newest when it is asked for: what came in between is left out. Begins with the present one. Goes
 * on by itself after every break, at any of the servers. Asking for the next state says that the last one was taken.
 * Ends with the signal or with return(); throws TheseusClientError when no server will ever answer.
 */
export function watchService(
  server: string | readonly string[] | Connection,
  target: WatchTarget,
  options: WatchServiceOptions = {},
): ServiceWatch {
  const { signal, connection: connectOptions, ...watchOptions } = options;
  const isOwn = typeof server === "string" || !("discovery" in server);
  const connection = isOwn ? connect(server, connectOptions) : server;
  const follower = new Follower(partsOf(connection), targetOf(target), watchOptions);
  const close = () => {
    signal?.removeEventListener("abort", close);
    follower.close();
    if (isOwn) connection.close();
  };
  signal?.addEventListener("abort", close, { once: true });
  if (signal?.aborted) close();
  return iterate(follower, close);
}

const DONE = { done: true, value: undefined } as const;

function iterate(follower: Follower, close: () => void): ServiceWatch {
  let given: ServiceState | undefined;
  let isOver = false;
  const next = async (): Promise<IteratorResult<ServiceState, undefined>> => {
    if (isOver) return DONE;
    if (given !== undefined) follower.taken(given);
    try {
      given = await follower.changed(given);
      return { done: false, value: given };
    } catch (error) {
      isOver = true;
      close();
      if (error instanceof TheseusClientError && error.reason === "CANCELLED") return DONE;
      throw error;
    }
  };
  const watch: ServiceWatch = {
    next,
    return: async () => {
      close();
      return DONE;
    },
    age: () => follower.age(),
    [Symbol.asyncIterator]: () => watch,
  };
  return watch;
}

// The servers that a connection may use: one channel each, kept for the life of the connection, tried in turn.

import { isIPv6 } from "node:net";
import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  connectivityState,
  credentials as grpcCredentials,
} from "@grpc/grpc-js";

const DEFAULT_PORT = 7700;

/** Made for servers that restart: reconnect soon, notice a silent peer, and never go through an HTTP proxy. */
const CHANNEL_OPTIONS: ChannelOptions = {
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 5_000,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.min_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 2_000,
  "grpc.max_receive_message_length": 64 * 1024 * 1024,
  "grpc.enable_http_proxy": 0,
  "grpc.enable_channelz": 0,
  "grpc.enable_retries": 0,
};

export interface Endpoint {
  readonly address: string;
  readonly client: Client;
}

/** "host", "host:port", "::1", "[::1]:7700", several separated by commas, or a list of them. Port 7700 where none is named. */
export function parseAddresses(text: string | readonly string[]): string[] {
  const parts = (typeof text === "string" ? [text] : text).flatMap((part) => part.split(","));
  const addresses = parts.map((part) => part.trim()).filter((part) => part !== "");
  if (addresses.length === 0) throw new TypeError("connect needs at least one address, like 127.0.0.1:7700");
  return addresses.map(withPort);
}

function withPort(address: string): string {
  if (isIPv6(address)) return `[${address}]:${DEFAULT_PORT}`;
  return /:\d+$/.test(address) ? address : `${address}:${DEFAULT_PORT}`;
}

export class Addresses {
  readonly #endpoints: readonly Endpoint[];
  #current = 0;

  constructor(addresses: readonly string[], credentials?: ChannelCredentials, options?: ChannelOptions) {
    const all = { ...CHANNEL_OPTIONS, ...options };
    const trust = credentials ?? grpcCredentials.createInsecure();
    this.#endpoints = addresses.map((address) => ({ address, client: new Client(address, trust, all) }));
  }

  get count(): number {
    return this.#endpoints.length;
  }

  current(): Endpoint {
    const endpoint = this.#endpoints[this.#current % this.#endpoints.length];
    if (endpoint === undefined) throw new RangeError("no addresses");
    return endpoint;
  }

  /** The one in use did not answer: the next call goes to the next one. */
  moveOn(from: Endpoint): void {
    if (this.current() === from) this.#current = (this.#current + 1) % this.#endpoints.length;
  }

  close(): void {
    for (const { client } of this.#endpoints) client.close();
  }
}

/**
 * Resolves true as soon as the channel is connected or known to be broken (a call then fails at once, with the cause),
 * and false when neither is known after `limit` milliseconds: the peer takes the connection and never speaks.
 */
export async function settled(endpoint: Endpoint, limit: number): Promise<boolean> {
  const channel = endpoint.client.getChannel();
  const until = Date.now() + limit;
  let state = channel.getConnectivityState(true);
  while (state === connectivityState.IDLE || state === connectivityState.CONNECTING) {
    const from = state;
    const changed = await new Promise<boolean>((resolve) => {
      channel.watchConnectivityState(from, until, (error) => resolve(error === undefined));
    });
    if (!changed) return false;
    state = channel.getConnectivityState(true);
  }
  return true;
}

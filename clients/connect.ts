// connect(): typed clients of both services over the generated definitions. One channel per address for the life
// of the connection, never one per call.

import type { ChannelCredentials, ChannelOptions } from "@grpc/grpc-js";
import { Addresses, parseAddresses } from "./addresses.js";
import { type CallOptions, type ConnectionParts, callUnary, type Patience } from "./call.js";
import { DISCOVERY_METHODS, type Method, type StreamMethod, THESEUS_METHODS } from "./methods.js";
import type { Fields } from "./partial.js";
import { callStream, type StreamOptions } from "./stream.js";

export interface ConnectOptions extends Partial<Patience> {
  /** Default: plain text. */
  readonly credentials?: ChannelCredentials;
  /** Besides those that this package sets. */
  readonly channelOptions?: ChannelOptions;
}

type Clients<Methods> = {
  readonly [Name in keyof Methods]: Methods[Name] extends StreamMethod<infer Request, infer Response>
    ? (request: Fields<Request>, options?: StreamOptions) => AsyncIterable<Response>
    : Methods[Name] extends Method<infer Request, infer Response>
      ? (request: Fields<Request>, options?: CallOptions) => Promise<Response>
      : never;
};

export type DiscoveryClient = Clients<typeof DISCOVERY_METHODS>;
export type TheseusClient = Clients<typeof THESEUS_METHODS>;

export interface Connection {
  readonly discovery: DiscoveryClient;
  readonly theseus: TheseusClient;
  /** Ends the channels; calls that are under way fail. */
  close(): void;
}

const PATIENCE: Patience = { deadline: 10_000, connectTimeout: 4_000, retryFor: 10_000 };

/**
 * Opens nothing yet: channels connect on the first call. Several addresses (a list, or one text with commas) are
 * tried in turn. Every call rejects with TheseusClientError.
 * @throws TypeError when there is no address.
 */
export function connect(address: string | readonly string[], options: ConnectOptions = {}): Connection {
  const { credentials, channelOptions, ...patience } = options;
  const addresses = new Addresses(parseAddresses(address), credentials, channelOptions);
  const at = { addresses, patience: { ...PATIENCE, ...patience } };
  const connection = {
    discovery: clients(DISCOVERY_METHODS, at),
    theseus: clients(THESEUS_METHODS, at),
    close: () => addresses.close(),
  };
  PARTS.set(connection, at);
  return connection;
}

const PARTS = new WeakMap<Connection, ConnectionParts>();

/** @throws TypeError for what connect() has not made. */
export function partsOf(connection: Connection): ConnectionParts {
  const parts = PARTS.get(connection);
  if (parts === undefined) throw new TypeError("a connection is what connect() has made");
  return parts;
}

function clients<Methods extends Record<string, unknown>>(methods: Methods, at: ConnectionParts): Clients<Methods> {
  const entries = Object.entries(methods).map(([name, value]) => {
    const method = value as Method<unknown, unknown> | StreamMethod<unknown, unknown>;
    const call = (request: Fields<unknown>, options?: CallOptions) =>
      "streams" in method
        ? callStream(at, method, method.complete(request), options)
        : callUnary(at, method, method.complete(request), options);
    return [name, call];
  });
  return Object.fromEntries(entries) as Clients<Methods>;
}

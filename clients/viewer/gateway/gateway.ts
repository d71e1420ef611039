// The gateway: one connection to the servers, the rows made of what they tell, and the page and its stream for browsers.
// Builds its parts and keeps them going; what each does, it must not know.

import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { type Connection, connect } from "../../connect.js";
import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import { type Count, counted } from "./counted.js";
import { Secrets } from "./details.js";
import { detailHandlers } from "./details-api.js";
import { Files } from "./files.js";
import { GroupReader } from "./group-reader.js";
import { healthHandlers } from "./health-api.js";
import { createHttp, type Handler } from "./http.js";
import { Keeper } from "./keeper.js";
import { logsHandler } from "./log-api.js";
import { lookupHandler } from "./lookup-api.js";
import { createMemory } from "./memory.js";
import { statsHandler } from "./stats-api.js";
import { Stream } from "./stream.js";
import { streamHandler } from "./stream-handler.js";
import { TruthKeeper } from "./truth-keeper.js";

export interface GatewayOptions {
  /** host:port, several with commas. */
  readonly server: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** Names besides its own that it may be asked under. */
  readonly allowHosts: readonly string[];
  /** With index.html and assets/. */
  readonly bundle: string;
  readonly log: (line: string) => void;
}

export interface Gateway {
  /** With the port that was really bound. */
  readonly address: { readonly host: string; readonly port: number };
  close(): Promise<void>;
}

/** Long enough for a server that is being restarted; what fails is asked for again. */
const PATIENCE = { deadline: 8_000, connectTimeout: 2_000, retryFor: 0 };
const MESSAGE_BYTES = 64 * 1024 * 1024;

/** Listens at once, whether or not a server answers. @throws node's own error when it cannot listen. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const files = new Files(options.bundle);
  const channelOptions = { "grpc.max_receive_message_length": MESSAGE_BYTES };
  const failures = { count: 0 };
  const connection = counted(connect(options.server, { ...PATIENCE, channelOptions }), failures);
  const parts = build(connection, files, failures);
  const http = createHttp({ files, handlers: parts.handlers, allowHosts: options.allowHosts, log: options.log });
  const stop = new AbortController();
  const close = async () => {
    stop.abort();
    parts.stream.close();
    connection.close();
    http.closeAllConnections();
    await new Promise<void>((resolve) => http.close(() => resolve()));
  };
  try {
    await new Promise<void>((resolve, reject) => {
      http.once("error", reject);
      http.listen(options.listen, resolve);
    });
  } catch (error) {
    parts.stream.close();
    connection.close();
    throw error;
  }
  http.on("error", (error) => options.log(`the listener failed: ${error.message}`));
  const running = parts.keeper.run(stop.signal);
  const { port } = http.address() as AddressInfo;
  return { address: { host: options.listen.host, port }, close: () => close().then(() => running) };
}

function build(connection: Connection, files: Files, failures: Count) {
  const truth = new TruthKeeper(Date.now);
  const memory = createMemory();
  const { fleet, book, recorder, blindness } = memory;
  const told = () => truth.truth;
  const instance = randomBytes(6).toString("hex");
  const stream = new Stream({ fleet, truth: told, instance, build: () => files.bundle().build });
  const keeper: Keeper = new Keeper({
    ...{ connection, fleet, truth, blindness, reader: () => groups },
    ...{ truthChanged: () => stream.truthChanged(), reached: memory.reached },
    ...{ swept: () => recorder.sweep(Date.now()), now: () => performance.now() },
  });
  const groups = new GroupReader({
    ...{ connection, fleet, now: () => performance.now() },
    ...memory.rollouts,
    failed: () => keeper.look(),
  });
  memory.tellTo({ changed: () => stream.changed(), touched: (ref: GroupRef) => groups.touch(ref) });
  const details = { connection, fleet, recorder, blindness, book, secrets: new Secrets(randomBytes(32)) };
  const handlers = new Map<string, Handler>([
    ["/api/stream", streamHandler(stream, keeper.known)],
    ...detailHandlers(details),
    ["/api/lookup", lookupHandler({ connection, changes: memory.changes })],
    ["/api/logs", logsHandler(connection)],
    ["/api/stats", statsHandler(connection)],
    ...healthHandlers({ fleet, readers: stream.readers, truth: told, failures }),
  ]);
  return { keeper, stream, handlers };
}

// The embedded store to other programs of this machine: etcd's v3 gRPC API on a loopback port, plain text, without
// signing in. Must not know how the store keeps anything.

import { isIP } from "node:net";
import { logVerbosity, Server, ServerCredentials, type ServerOptions, setLogVerbosity } from "@grpc/grpc-js";
import { TheseusError } from "../model/errors.js";
import type { Milliseconds } from "../model/instant.js";
import type { Logger } from "../model/ports.js";
import type { EmbeddedStore } from "./api.js";
import { ClusterService, KVService, LeaseService, MaintenanceService, WatchService } from "./gen/etcd.js";
import { clusterCalls, kvCalls, leaseCalls, maintenanceCalls } from "./served-calls.js";
import { OpenStreams } from "./served-streams.js";

export type EtcdApiAddress = { readonly host: string /** 0: any free one. */; readonly port: number };

export interface EtcdApi {
  /** "host:port" as bound. */
  readonly address: string;
  /** Ends streams with UNAVAILABLE, lets calls end for a second, then cuts them. Never fails; the store stays open. */
  close(): Promise<void>;
}

const KIB = 1024;
const CLOSES_WITHIN: Milliseconds = 1000;

const OPTIONS: ServerOptions = {
  // As etcd: a request of 1.5 MiB, and room for what is around it. Answers have no bound, as there.
  "grpc.max_receive_message_length": 2048 * KIB,
  "grpc.max_send_message_length": -1,
  "grpc.max_concurrent_streams": 1024,
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 10_000,
  "grpc.enable_channelz": 0,
};

/**
 * Serves the store until close(). A method that the store does not have is answered with UNIMPLEMENTED and its name.
 * NOT_READY with the reason when it cannot listen there, which it refuses for all but loopback addresses.
 */
export async function serveEtcdApi(store: EmbeddedStore, address: EtcdApiAddress, log: Logger): Promise<EtcdApi> {
  if (!isLoopback(address.host)) throw notLoopback(address);
  // What the library would print, a refused bind above all, is said here in the house's own words.
  setLogVerbosity(logVerbosity.NONE);
  const server = new Server(OPTIONS);
  const streams = new OpenStreams(store, log);
  server.addService(KVService, kvCalls(store, log));
  server.addService(LeaseService, { ...leaseCalls(store, log), leaseKeepAlive: streams.keepAlive });
  server.addService(WatchService, { watch: streams.watch });
  server.addService(ClusterService, clusterCalls(store, log));
  server.addService(MaintenanceService, maintenanceCalls(store, log));
  const bound = await bind(server, address);
  return {
    address: bound,
    close: async () => {
      streams.end();
      await shutDown(server, bound);
    },
  };
}

function bind(server: Server, { host, port }: EtcdApiAddress): Promise<string> {
  return new Promise((resolve, reject) => {
    server.bindAsync(textOf({ host, port }), ServerCredentials.createInsecure(), (error, real) => {
      if (error === null) resolve(textOf({ host, port: real }));
      else reject(cannotListen({ host, port }, error));
    });
  });
}

/**
 * What has not ended after CLOSES_WITHIN, such as a stream whose client reads no more, is cut by drain(). That goes first:
 * it takes sessions that are closing already for closed.
 */
async function shutDown(server: Server, bound: string): Promise<void> {
  server.drain(bound, CLOSES_WITHIN);
  await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  server.forceShutdown();
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function textOf({ host, port }: EtcdApiAddress): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

function notLoopback(address: EtcdApiAddress): TheseusError {
  return new TheseusError("NOT_READY", {
    what: `the embedded store does not listen on ${textOf(address)}`,
    why: ["it has no sign-in and no encryption, so only this machine may reach it: 127.0.0.1, ::1 or localhost"],
    now: "nothing was started; nothing was changed",
    next: [`theseus server start --dev --store-listen 127.0.0.1:${address.port}`],
    metadata: { address: textOf(address) },
  });
}

function cannotListen(address: EtcdApiAddress, error: Error): TheseusError {
  const taken = error.message.includes("EADDRINUSE");
  return new TheseusError("NOT_READY", {
    what: `the embedded store cannot listen on ${textOf(address)}`,
    why: [taken ? `port ${address.port} of ${address.host} is taken by another program` : error.message],
    now: "nothing was started; nothing was changed",
    next: [`ss -ltnp 'sport = :${address.port}'`],
    metadata: { address: textOf(address) },
    cause: error,
  });
}

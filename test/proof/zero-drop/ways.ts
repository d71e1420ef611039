// The two ways to the backends: a gRPC channel by the service's name, and HTTP through a balancer. Both keep their
// connections, and neither sends anything twice.

import { Agent, type IncomingMessage, request } from "node:http";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { registerTheseusResolver } from "../../../clients/resolver.js";
import type { Way } from "./load.js";
import { GRPC_PATH, type Work } from "./work.js";

/** Late is not lost: a machine that is busy with other things starves the backends for many seconds. */
const WITHIN_MS = 60_000;

export type OpenWay = { readonly way: Way; close(): void };

/** Calls spread over what the resolver says. @param server of Discovery. */
export function overGrpc(server: string, name: string): OpenWay {
  registerTheseusResolver({ servers: server, watcherId: "zero-drop" });
  const options = { "grpc.enable_retries": 0, "grpc.enable_http_proxy": 0, "grpc.use_local_subchannel_pool": 1 };
  const client = new Client(name, credentials.createInsecure(), options);
  const same = (bytes: Buffer): Buffer => bytes;
  const way = (work: Work): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const body = Buffer.from(JSON.stringify(work));
      const limit = { deadline: Date.now() + WITHIN_MS };
      client.makeUnaryRequest(GRPC_PATH, same, same, body, new Metadata(), limit, (error, answer) =>
        error === null ? resolve(answer ?? Buffer.alloc(0)) : reject(error),
      );
    });
  return { way, close: () => client.close() };
}

/** Connections are used in turn, so that none is forgotten. */
export function overHttp(port: number): OpenWay & { /** How many it has made. */ connections(): number } {
  const agent = new Agent({ keepAlive: true, scheduling: "fifo" });
  let connections = 0;
  const way = (work: Work): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const path = `/${encodeURIComponent(JSON.stringify(work))}`;
      const asked = request({ agent, host: "127.0.0.1", port, path, timeout: WITHIN_MS });
      asked.on("error", reject);
      asked.on("socket", () => {
        if (!asked.reusedSocket) connections += 1;
      });
      asked.on("timeout", () => asked.destroy(new Error("no answer in time")));
      asked.on("response", (response) => void bodyOf(response).then(resolve, reject));
      asked.end();
    });
  return { way, close: () => agent.destroy(), connections: () => connections };
}

async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
  if (!response.complete) throw new Error("the answer was cut off");
  return Buffer.concat(parts);
}

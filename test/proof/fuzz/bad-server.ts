// A server that is not what it should be, in front of one that is: for controls. It hands every call on, and has one
// weakness.

import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { Asked } from "./services.js";
import { LONGEST_MS } from "./verdict.js";

/** How it fails: on bytes that are no request, or by thinking too long about a page of less than nothing. */
export type Weakness = "breaks on what it cannot read" | "hangs on what it refuses";

const same = (bytes: Buffer): Buffer => bytes;

type Reply = (error: { code: number; details?: string } | null, answer?: Buffer) => void;

/** Listens on loopback; close it whatever happens. */
export async function startBadServer(
  behind: string,
  methods: readonly Asked[],
  weakness: Weakness,
): Promise<{ readonly address: string; readonly close: () => void }> {
  const client = new Client(behind, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
  const server = new Server();
  const definition: Record<string, ServiceDefinition[string]> = {};
  const handlers: UntypedServiceImplementation = {};
  for (const { name, path, streams, decode } of methods.filter((method) => !method.streams)) {
    const codecs = {
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    };
    definition[name] = { path, requestStream: false, responseStream: streams, ...codecs };
    handlers[name] = ({ request }: { request: Buffer }, reply: Reply) => {
      if (weakness === "breaks on what it cannot read" && !reads(decode, request)) {
        return reply({ code: status.INTERNAL, details: "RangeError: index out of range" });
      }
      return client.makeUnaryRequest(path, same, same, request, new Metadata(), (error, answer) => {
        const slow = weakness === "hangs on what it refuses" && error?.code === status.INVALID_ARGUMENT;
        if (slow) setTimeout(() => reply(error, answer), LONGEST_MS + 200);
        else reply(error, answer);
      });
    };
  }
  server.addService(definition, handlers);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return {
    address: `127.0.0.1:${port}`,
    close: () => {
      server.forceShutdown();
      client.close();
    },
  };
}

function reads(decode: Asked["decode"], bytes: Buffer): boolean {
  try {
    decode(bytes);
    return true;
  } catch {
    return false;
  }
}

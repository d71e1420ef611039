// The other side: what one writes with bare grpc-js who only wants to send the same ready bytes to everybody who listens,
// each time that a key of etcd is written.

import { Server, ServerCredentials, type ServerWritableStream } from "@grpc/grpc-js";
import { noop } from "cockatiel";
import { Etcd3 } from "etcd3";

export type Broadcast = {
  readonly etcd: string;
  readonly key: string;
  readonly path: string;
  /** In base64: to whom comes, and after each write of the key. */
  readonly first: string;
  readonly change: string;
};

export type FromBroadcast = { readonly kind: "listening"; readonly port: number };

const same = (bytes: Buffer): Buffer => bytes;

async function broadcast({ etcd, key, path, ...told }: Broadcast): Promise<void> {
  const [first, change] = [Buffer.from(told.first, "base64"), Buffer.from(told.change, "base64")];
  const calls = new Set<ServerWritableStream<Buffer, Buffer>>();
  const server = new Server({ "grpc.max_concurrent_streams": 256, "grpc.enable_channelz": 0 });
  const method = { path, requestStream: false, responseStream: true } as const;
  const bytes = {
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  server.addService(
    { watch: { ...method, ...bytes } },
    {
      watch: (call: ServerWritableStream<Buffer, Buffer>) => {
        calls.add(call);
        call.on("cancelled", () => calls.delete(call));
        call.write(first);
      },
    },
  );
  const client = new Etcd3({ hosts: etcd, faultHandling: { host: () => noop, global: noop } });
  const stream = await client.watchClient.watch();
  stream.on("data", ({ events }) => {
    if (events.length > 0) for (const call of calls) call.write(change);
  });
  stream.write({ create_request: { key: Buffer.from(key) } });
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error;
    const listening: FromBroadcast = { kind: "listening", port };
    process.send?.(listening);
  });
}

process.once("message", (told: Broadcast) => void broadcast(told));
process.on("disconnect", () => process.exit(0));

// The load of h2load on one server: so many Lookups of the same kind, and proof that each was answered in full.

import { run } from "../../support/child.js";

export type Load = {
  /** "HOST:PORT". */
  readonly address: string;
  /** One request as gRPC frames it. */
  readonly bodyFile: string;
  readonly requests: number;
  /** No answer is shorter. */
  readonly leastBytes: number;
  /** What to put before the command. */
  readonly inside: readonly string[];
};

const CONNECTIONS = 8;
const STREAMS = 8;

/** @returns answers a second. Fails when one of them was not as it should be. */
export async function loaded({ address, bodyFile, requests, leastBytes, inside }: Load): Promise<number> {
  const [program = "", ...args] = [
    ...inside,
    ...["h2load", "-n", String(requests), "-c", String(CONNECTIONS), "-m", String(STREAMS)],
    ...["-d", bodyFile, "-H", "content-type: application/grpc+proto", "-H", "te: trailers"],
    `http://${address}/theseus.v1.DiscoveryService/Lookup`,
  ];
  const { code, stdout, stderr } = await run(program, args);
  const rate = Number(/ ([0-9.]+) req\/s/.exec(stdout)?.[1]);
  const succeeded = Number(/ ([0-9]+) succeeded/.exec(stdout)?.[1]);
  const good = Number(/status codes: ([0-9]+) 2xx/.exec(stdout)?.[1]);
  // A failed call ends without a message, so only the bytes tell.
  const bytes = Number(/\(([0-9]+)\) data/.exec(stdout)?.[1]);
  if (code === 0 && succeeded === requests && good === requests && bytes >= requests * leastBytes) return rate;
  throw new Error(`h2load ended with ${code}, and not every call was answered in full\n${stdout}${stderr}`);
}

/** A message as gRPC puts it into a body: not compressed, its length, its bytes. */
export function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

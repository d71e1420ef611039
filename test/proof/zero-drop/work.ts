// What the backends of this proof do, and what their answers have to be: bytes that both sides make for themselves.

import { createHash } from "node:crypto";

/** One piece of work: how long it takes, and which bytes come of it. */
export type Work = { readonly milliseconds: number; readonly from: number; readonly length: number };

export const GRPC_PATH = "/proof.Work/Do";
export const HTTP_PORT = 8080;
export const GRPC_PORT = 50_051;
const BYTES = 64 * 1024;
const LONGEST_ANSWER = 16 * 1024;
/** Milliseconds. */
const SHORTEST = 20;
const LONGEST = 500;

/** Plain JavaScript, run on both sides. */
const MAKE_BYTES = `
  const bytes = Buffer.alloc(${BYTES});
  for (let i = 0, x = 2463534242; i < bytes.length; i += 1) {
    x ^= x << 13; x ^= x >>> 17; x ^= x << 5;
    bytes[i] = x;
  }
`;
const bytes = new Function("Buffer", `${MAKE_BYTES} return bytes;`)(Buffer) as Buffer;

export function anyWork(): Work {
  const below = (end: number) => Math.floor(Math.random() * end);
  const length = below(LONGEST_ANSWER);
  return { milliseconds: SHORTEST + below(LONGEST - SHORTEST + 1), from: below(BYTES - length), length };
}

/** What is wrong with an answer; undefined: nothing. */
export function wrongWith({ from, length }: Work, answer: Buffer): string | undefined {
  if (answer.length !== length) return `${answer.length} bytes instead of ${length}`;
  const sum = (part: Buffer) => createHash("sha1").update(part).digest("hex");
  return sum(answer) === sum(bytes.subarray(from, from + length)) ? undefined : "the checksum is wrong";
}

/**
 * A backend in a container. Over HTTP it sends the first half of an answer at once and the other after the work; when it
 * is told to end it takes nothing new, and ends with the last answer.
 */
export const BACKEND = `
  import { createServer } from "node:http";
  import { Server, ServerCredentials } from "@grpc/grpc-js";
  ${MAKE_BYTES}
  const later = ({ milliseconds }, then) => setTimeout(then, milliseconds);
  const answerOf = ({ from, length }) => bytes.subarray(from, from + length);
  const http = createServer((request, response) => {
    const work = JSON.parse(decodeURIComponent(request.url.slice(1)));
    const answer = answerOf(work);
    const half = answer.length >> 1;
    response.writeHead(200, { "content-length": answer.length });
    response.write(answer.subarray(0, half));
    later(work, () => response.end(answer.subarray(half)));
  });
  http.keepAliveTimeout = 0;
  http.listen(${HTTP_PORT}, "0.0.0.0");
  const grpc = new Server();
  const same = (bytes) => bytes;
  const form = { requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same };
  grpc.addService(
    { do: { path: "${GRPC_PATH}", requestStream: false, responseStream: false, ...form } },
    {
      do: ({ request }, end) => {
        const work = JSON.parse(request.toString());
        later(work, () => end(null, answerOf(work)));
      },
    },
  );
  grpc.bindAsync("0.0.0.0:${GRPC_PORT}", ServerCredentials.createInsecure(), () => undefined);
  process.once("SIGTERM", () => {
    let open = 2;
    const closed = () => {
      open -= 1;
      if (open === 0) process.exit(0);
    };
    http.close(closed);
    grpc.tryShutdown(closed);
    setInterval(() => http.closeIdleConnections(), 20);
  });
`;

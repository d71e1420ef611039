// The grpc probe: grpc.health.v1.Health/Check in one HTTP/2 call, written out by hand, since it is one small message each way.

import { type ClientHttp2Stream, connect, type IncomingHttpHeaders } from "node:http2";
import type { Seen, Target } from "./attempt.js";

const LONGEST_ANSWER = 4096;
const SERVING = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];
const CODES = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

/** Passes when the service (empty: the server as a whole) says SERVING. Rejects when there is no answer. */
export function probeGrpc(target: Target, service: string, until: AbortSignal): Promise<Seen> {
  const host = target.address.includes(":") ? `[${target.address}]` : target.address;
  const session = connect(`http://${host}:${target.port}`);
  until.addEventListener("abort", () => session.destroy(), { once: true });
  return new Promise<Seen>((resolve, reject) => {
    session.on("error", reject);
    session.on("close", () => reject(new Error("the connection was closed before an answer came")));
    const call = session.request({
      ":method": "POST",
      ":path": "/grpc.health.v1.Health/Check",
      "content-type": "application/grpc",
      te: "trailers",
    });
    // A call that was cancelled because its connection failed says why only in its cause.
    call.on("error", (error) => reject(error.cause ?? error));
    answer(call).then(resolve, reject);
    call.end(requestMessage(service));
  }).finally(() => session.destroy());
}

function answer(call: ClientHttp2Stream): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    // An answer without a message carries its status in the headers.
    let ending: IncomingHttpHeaders = {};
    call.on("response", (headers) => {
      ending = headers;
    });
    call.on("trailers", (trailers) => {
      ending = { ...ending, ...trailers };
    });
    call.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > LONGEST_ANSWER) reject(new Error("the answer is longer than any health answer"));
      else parts.push(chunk);
    });
    call.on("end", () => resolve(judge(ending, Buffer.concat(parts))));
  });
}

function judge(ending: IncomingHttpHeaders, body: Buffer): Seen {
  const http = Number(ending[":status"] ?? 200);
  if (http !== 200) return { passed: false, text: `HTTP ${http} instead of gRPC` };
  const code = Number(ending["grpc-status"] ?? Number.NaN);
  if (Number.isNaN(code)) return { passed: false, text: "an answer without a grpc-status" };
  if (code !== 0) return { passed: false, text: CODES[code] ?? `grpc-status ${code}` };
  const status = servingStatus(body);
  return { passed: status === 1, text: SERVING[status] ?? `status ${status}` };
}

/** HealthCheckRequest {string service = 1}, after the five bytes that every gRPC message has before it. */
function requestMessage(service: string): Buffer {
  const name = Buffer.from(service, "utf8");
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a]), varint(name.length), name]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** HealthCheckResponse {ServingStatus status = 1}: an enum below 128 is one byte after its tag; absent is 0. */
function servingStatus(body: Buffer): number {
  const message = body.subarray(5);
  return message[0] === 0x08 ? (message[1] ?? 0) : 0;
}

// A gRPC call made by hand: frames over HTTP/2, fields read as they come. Shares no code with Theseus and needs node
// alone, so that it also runs inside a container.

import { connect } from "node:http2";

export type RawAnswer = { readonly code: number; readonly message: string; readonly body: Buffer };

export type SeenEndpoint = {
  readonly name: string;
  readonly slot: number;
  readonly address: string;
  readonly port: number;
  readonly ready: boolean;
};

export type GroupName = { readonly service: string; readonly labels: readonly string[] };

type Field = { readonly number: number; readonly value: Buffer };

const WITHIN_MS = 5000;
const VARINT = 0;
const BYTES = 2;

/** One unary call; any status is an answer. Rejects when there is no answer, as with a refused connection. */
export function callUnary(address: string, method: string, request: Buffer): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const session = connect(`http://${address}`);
    const late = setTimeout(() => fail(new Error(`no answer from ${address} in ${WITHIN_MS / 1000} s`)), WITHIN_MS);
    const fail = (error: Error) => {
      clearTimeout(late);
      session.destroy();
      reject(error);
    };
    session.on("error", fail);
    const headers = { ":method": "POST", ":path": `/${method}`, "content-type": "application/grpc", te: "trailers" };
    const stream = session.request(headers);
    const status: Record<string, unknown> = {};
    const parts: Buffer[] = [];
    stream.on("error", fail);
    stream.on("response", (fields) => Object.assign(status, fields));
    stream.on("trailers", (fields) => Object.assign(status, fields));
    stream.on("data", (part: Buffer) => parts.push(part));
    stream.on("end", () => {
      clearTimeout(late);
      session.close();
      const message = decodeURIComponent(String(status["grpc-message"] ?? ""));
      resolve({ code: Number(status["grpc-status"]), message, body: Buffer.concat(parts).subarray(5) });
    });
    const head = Buffer.alloc(5);
    head.writeUInt32BE(request.length, 1);
    stream.end(Buffer.concat([head, request]));
  });
}

/** What is ready in exactly this group. Rejects when the call does not succeed. */
export async function lookUp(address: string, group: GroupName): Promise<SeenEndpoint[]> {
  const request = bytesField(2, groupRef(group));
  const { code, message, body } = await callUnary(address, "theseus.v1.DiscoveryService/Lookup", request);
  if (code !== 0) throw new Error(`Lookup at ${address} ended with ${code} ${message}`);
  return all(body, 1).map(endpoint);
}

/** A GroupRef of the default namespace. */
export function groupRef({ service, labels }: GroupName): Buffer {
  return Buffer.concat([textField(2, service), ...labels.map((label) => textField(3, label))]);
}

export function bytesField(number: number, value: Buffer): Buffer {
  return Buffer.concat([varint((number << 3) | BYTES), varint(value.length), value]);
}

export function textField(number: number, value: string): Buffer {
  return bytesField(number, Buffer.from(value));
}

function endpoint(message: Buffer): SeenEndpoint {
  const container = all(message, 1)[0] ?? Buffer.alloc(0);
  return {
    name: text(container, 2),
    slot: integer(container, 3),
    address: text(message, 2),
    port: integer(message, 3),
    ready: integer(message, 5) === 1,
  };
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

const all = (message: Buffer, number: number): Buffer[] =>
  fieldsOf(message).flatMap((field) => (field.number === number ? [field.value] : []));

const text = (message: Buffer, number: number): string => all(message, number)[0]?.toString() ?? "";

function integer(message: Buffer, number: number): number {
  const [value] = all(message, number);
  return value === undefined ? 0 : readVarint(value, 0).value;
}

/** Of a varint its bytes, of everything else its content. */
function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < message.length; ) {
    const tag = readVarint(message, at);
    const number = tag.value >>> 3;
    const wireType = tag.value & 7;
    if (wireType !== VARINT && wireType !== BYTES) throw new Error(`wire type ${wireType} in an answer`);
    const value = readVarint(message, tag.end);
    const end = wireType === VARINT ? value.end : value.end + value.value;
    fields.push({ number, value: message.subarray(wireType === VARINT ? tag.end : value.end, end) });
    at = end;
  }
  return fields;
}

function readVarint(message: Buffer, at: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let end = at, factor = 1; ; end++, factor *= 128) {
    const byte = message[end];
    if (byte === undefined) throw new Error("an answer ends within a number");
    value += (byte & 127) * factor;
    if (byte < 128) return { value, end: end + 1 };
  }
}

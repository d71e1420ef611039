// Streams of one gRPC call over one connection, as cheap as a client can be: HTTP/2 frames read by hand, nothing decoded.
// What ten thousand real clients would cost stays out of what is measured.

import { connect, type Socket } from "node:net";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEAD = 9;
const [DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, WINDOW_UPDATE] = [0, 1, 3, 4, 6, 7, 8];
const [ACK, END_STREAM, END_HEADERS] = [1, 1, 4];
const INITIAL_WINDOW_SIZE = 4;
/** More than is ever sent: no window has to be renewed. */
const WINDOW = 2 ** 30;

export type Asked = {
  readonly port: number;
  /** "/theseus.v1.DiscoveryService/Watch". */
  readonly path: string;
  readonly request: Uint8Array;
  readonly streams: number;
};

export type Heard = {
  /** The bytes of one message of the stream with that number, from 0. */
  message(stream: number, bytes: Buffer): void;
  /** A stream or the connection has ended. */
  lost(why: string): void;
};

/** Opens the connection and all streams on it. They are open until it is destroyed. */
export function openStreams({ port, path, request, streams }: Asked, heard: Heard): Socket {
  const socket = connect(port, "127.0.0.1");
  const body = frame(DATA, END_STREAM, 0, Buffer.concat([lengthPrefix(request), request]));
  const hello = [Buffer.from(PREFACE), frame(SETTINGS, 0, 0, setting(INITIAL_WINDOW_SIZE, WINDOW)), windowUpdate()];
  const calls = Array.from({ length: streams }, (_, i) => {
    const id = 2 * i + 1;
    return [frame(HEADERS, END_HEADERS, id, headers(path, port, i === 0)), withStream(body, id)];
  });
  socket.setNoDelay(true);
  socket.write(Buffer.concat([...hello, ...calls.flat()]));
  socket.on("data", reader(socket, heard));
  socket.on("error", ({ message }) => heard.lost(message));
  socket.on("close", () => heard.lost("the connection was closed"));
  return socket;
}

function reader(socket: Socket, heard: Heard): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (bytes.length - at >= HEAD) {
      const end = at + HEAD + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      take(bytes.subarray(at, end), socket, heard);
      at = end;
    }
    rest = bytes.subarray(at);
  };
}

/** One whole frame. */
function take(bytes: Buffer, socket: Socket, { message, lost }: Heard): void {
  const [type, flags, id] = [bytes[3], bytes[4] ?? 0, bytes.readUInt32BE(5)];
  if (type === DATA) message((id - 1) / 2, bytes.subarray(HEAD));
  else if (type === SETTINGS && (flags & ACK) === 0) socket.write(frame(SETTINGS, ACK, 0, Buffer.alloc(0)));
  else if (type === PING && (flags & ACK) === 0) socket.write(frame(PING, ACK, 0, bytes.subarray(HEAD)));
  else if (type === GOAWAY || type === RESET) lost(`frame ${type} of stream ${id}: ${bytes.toString("hex")}`);
  else if (type === HEADERS && (flags & END_STREAM) !== 0) lost(`stream ${id} was ended: ${bytes.toString("latin1")}`);
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function withStream(whole: Buffer, stream: number): Buffer {
  const copy = Buffer.from(whole);
  copy.writeUInt32BE(stream, 5);
  return copy;
}

/** In front of a gRPC message: not compressed, and its length. */
function lengthPrefix({ length }: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(length, 1);
  return prefix;
}

function setting(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt16BE(id, 0);
  bytes.writeUInt32BE(value, 2);
  return bytes;
}

function windowUpdate(): Buffer {
  const by = Buffer.alloc(4);
  by.writeUInt32BE(WINDOW);
  return frame(WINDOW_UPDATE, 0, 0, by);
}

/** What grpc-js sends: said in full on the first stream, and by their place in the connection's table on the others. */
function headers(path: string, port: number, first: boolean): Buffer {
  const known: readonly (readonly [string, string])[] = [
    [":authority", `127.0.0.1:${port}`],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
    ["user-agent", "grpc-node-js/1.14.7"],
    ["grpc-accept-encoding", "identity,deflate,gzip"],
    ["accept-encoding", "identity"],
  ];
  const fields = known.map(([name, value], i) =>
    first ? Buffer.concat([Buffer.of(0x40), text(name), text(value)]) : Buffer.of(0x80 | (61 + known.length - i)),
  );
  const [authority = Buffer.alloc(0), ...others] = fields;
  // POST, http and the name of the path stand in the table that every connection has.
  return Buffer.concat([Buffer.of(0x83, 0x86, 0x04), text(path), authority, ...others]);
}

/** Lengths below 127 take one byte. */
function text(value: string): Buffer {
  return Buffer.concat([Buffer.of(value.length), Buffer.from(value)]);
}

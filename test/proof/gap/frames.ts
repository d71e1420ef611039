// Bytes of HTTP/2, gRPC and protobuf taken apart, just far enough to know where a connection is cut. Knows nothing of etcd.

export const DATA = 0;
export const END_STREAM = 1;
export const RST_STREAM = 3;
export const HEADERS = 1;

const FRAME_HEADER = 9;
const MESSAGE_HEADER = 5;
/** What a client sends before its first frame. */
const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".length;

export type Frame = {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  /** The whole frame, header included. */
  readonly bytes: Buffer;
  readonly payload: Buffer;
};

/** Whole frames out of chunks. One direction of one connection. */
export class FrameSplitter {
  #rest = Buffer.alloc(0);
  #skip: number;

  constructor(from: "client" | "server") {
    this.#skip = from === "client" ? PREFACE : 0;
  }

  take(chunk: Buffer): Frame[] {
    const skipped = Math.min(this.#skip, chunk.length);
    this.#skip -= skipped;
    const all = Buffer.concat([this.#rest, chunk.subarray(skipped)]);
    const frames: Frame[] = [];
    let at = 0;
    while (all.length - at >= FRAME_HEADER) {
      const end = at + FRAME_HEADER + all.readUIntBE(at, 3);
      if (end > all.length) break;
      frames.push({
        type: all.readUInt8(at + 3),
        flags: all.readUInt8(at + 4),
        stream: all.readUInt32BE(at + 5) & 0x7fffffff,
        bytes: all.subarray(at, end),
        payload: all.subarray(at + FRAME_HEADER, end),
      });
      at = end;
    }
    this.#rest = all.subarray(at);
    return frames;
  }
}

/** Whole gRPC messages out of the DATA of one stream. */
export class MessageJoiner {
  #rest = Buffer.alloc(0);

  /** A message has begun and not ended. */
  get isInside(): boolean {
    return this.#rest.length > 0;
  }

  take(payload: Buffer): Buffer[] {
    const all = Buffer.concat([this.#rest, payload]);
    const messages: Buffer[] = [];
    let at = 0;
    while (all.length - at >= MESSAGE_HEADER) {
      const end = at + MESSAGE_HEADER + all.readUInt32BE(at + 1);
      if (end > all.length) break;
      messages.push(all.subarray(at + MESSAGE_HEADER, end));
      at = end;
    }
    this.#rest = all.subarray(at);
    return messages;
  }
}

/** A number, or bytes. */
export type Field = { readonly id: number; readonly number: number; readonly bytes: Buffer | undefined };

/** The fields of a protobuf message, in order. Numbers above 2^53 lose their last digits. */
export function* fieldsOf(message: Buffer): Generator<Field, void, undefined> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message.readUInt8(at++);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const id = Math.floor(tag / 8);
    if (tag % 8 === 0) yield { id, number: varint(), bytes: undefined };
    else {
      const length = varint();
      yield { id, number: 0, bytes: message.subarray(at, at + length) };
      at += length;
    }
  }
}

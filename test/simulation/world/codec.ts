// Answers in bytes that a simulated client can read: what is asked of discovery, without the wire's own form.

import type { AnswerCodec, Piece } from "../../../src/model/discovery.js";
import type { Cursor } from "../../../src/model/history.js";

/** A container as a client has it. */
export type Endpoint = {
  readonly name: string;
  readonly group: string;
  readonly ready: boolean;
  readonly slot: number;
};

export type Message = {
  readonly kind: "snapshot" | "delta" | "bookmark";
  readonly cursor: Cursor;
  readonly put: readonly Endpoint[];
  readonly removed: readonly string[];
};

type Written = Omit<Message, "cursor"> & { readonly epoch: string; readonly revision: string };

const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

function message(kind: Message["kind"], cursor: Cursor, put: readonly Piece[], removed: readonly string[]): Uint8Array {
  const endpoints = put.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()) as Endpoint);
  return bytesOf({ kind, epoch: cursor.epoch, revision: String(cursor.revision), put: endpoints, removed });
}

export const plainCodec: AnswerCodec = {
  piece: ({ ref, info }, _group, _port) => {
    if (info === undefined) return undefined;
    const ready = (info.state ?? "ready") === "ready";
    const group = `${ref.service}/${ref.labels.join(",")}`;
    return {
      ref,
      ready,
      host: info.host ?? "",
      bytes: bytesOf({ name: ref.name, group, ready, slot: info.slot ?? 0 }),
    };
  },
  snapshot: ({ pieces }, _question, { cursor }) => [message("snapshot", cursor, pieces, [])],
  change: ({ cursor, put, removed }) =>
    message(
      "delta",
      cursor,
      put,
      removed.map(({ name }) => name),
    ),
  bookmark: ({ cursor }) => message("bookmark", cursor, [], []),
};

export function readMessage(bytes: Uint8Array): Message {
  const { epoch, revision, ...rest } = JSON.parse(Buffer.from(bytes).toString()) as Written;
  return { ...rest, cursor: { epoch, revision: BigInt(revision) } };
}

// Requests and messages of a watch in their bytes, by the field numbers of the protocol alone.

import { type Field, fieldsOf } from "../gap/frames.js";
import { bytesField, groupRef, textField } from "../raw-grpc.js";
import { idOf, type Question, type State, textOf } from "./questions.js";
import type { Changes, Told } from "./told.js";

export type WireRequest = {
  readonly cursor: string;
  readonly watcherId: string;
  readonly lastWatchId: string;
};

export function requestBytes(question: Question, { cursor, watcherId, lastWatchId }: WireRequest): Buffer {
  const { selector = {}, group, port = "", includeNotReady = false } = question;
  const { service = "", labels = "", allNamespaces = false } = selector;
  const selected = Buffer.concat([flag(2, allNamespaces), text(3, service), text(4, labels)]);
  return Buffer.concat([
    group === undefined ? bytesField(1, selected) : bytesField(2, groupRef(group)),
    text(3, port),
    flag(4, includeNotReady),
    text(5, cursor),
    text(7, watcherId),
    text(8, lastWatchId),
  ]);
}

const text = (number: number, value: string): Buffer => (value === "" ? Buffer.alloc(0) : textField(number, value));
const flag = (number: number, value: boolean): Buffer => (value ? Buffer.from([number << 3, 1]) : Buffer.alloc(0));

export type WireMessage = {
  readonly cursor: string;
  readonly watchId: string;
  readonly told: Told;
  /** A part of a snapshot that is not whole with it. */
  readonly more: boolean;
};

const SNAPSHOT = 3;
const DELTA = 4;

export function messageIn(bytes: Buffer): WireMessage {
  const fields = [...fieldsOf(bytes)];
  const content = (number: number): Buffer | undefined => fields.findLast(({ id }) => id === number)?.bytes;
  const revision = numberAt(fields, 2);
  const snapshot = content(SNAPSHOT);
  const delta = content(DELTA);
  const told: Told =
    snapshot !== undefined
      ? { kind: "snapshot", revision, entries: entriesIn(snapshot) }
      : delta !== undefined
        ? { kind: "delta", revision, changes: changesIn(delta) }
        : { kind: "bookmark", revision };
  return { cursor: textAt(fields, 1), watchId: textAt(fields, 6), told, more: numberAt(fields, 7) === 1 };
}

const STATES = ["", "starting", "ready", "unhealthy", "draining", "stopped", "failed", "lost", "stale"];

/** The endpoints are field 1 of a snapshot. */
function entriesIn(snapshot: Buffer): State {
  return new Map(messagesAt([...fieldsOf(snapshot)], 1).map(endpointIn));
}

/** Of a delta what was put is field 1, and what was removed field 2. */
function changesIn(delta: Buffer): Changes {
  const fields = [...fieldsOf(delta)];
  const removed = messagesAt(fields, 2).map((bytes) => {
    const ref = [...fieldsOf(bytes)];
    return [nameIn(ref, textAt(ref, 2)), undefined] as const;
  });
  return new Map<string, string | undefined>([...messagesAt(fields, 1).map(endpointIn), ...removed]);
}

function endpointIn(bytes: Buffer): readonly [string, string] {
  const fields = [...fieldsOf(bytes)];
  const container = [...fieldsOf(messagesAt(fields, 1)[0] ?? Buffer.alloc(0))];
  const facts = {
    address: textAt(fields, 2),
    port: numberAt(fields, 3),
    state: STATES[numberAt(container, 6)] ?? "",
    ready: numberAt(fields, 5) === 1,
    weight: numberAt(fields, 8),
  };
  return [nameIn(container, textAt(container, 2)), textOf(facts)];
}

/** The group is field 1, of a container and of a reference. */
function nameIn(fields: readonly Field[], name: string): string {
  const group = [...fieldsOf(messagesAt(fields, 1)[0] ?? Buffer.alloc(0))];
  const labels = messagesAt(group, 3).map((label) => label.toString());
  return idOf({ namespace: textAt(group, 1) || "default", service: textAt(group, 2), labels }, name);
}

const messagesAt = (fields: readonly Field[], number: number): Buffer[] =>
  fields.flatMap(({ id, bytes }) => (id === number && bytes !== undefined ? [bytes] : []));
const textAt = (fields: readonly Field[], number: number): string => messagesAt(fields, number)[0]?.toString() ?? "";
const numberAt = (fields: readonly Field[], number: number): number =>
  fields.findLast(({ id }) => id === number)?.number ?? 0;

// What requests and answers of etcd say, read from their bytes: which call it is, and how far a watch has come.

import { type Field, fieldsOf } from "./frames.js";

export type Request = {
  /** "range": of more than one key. */
  readonly call: "range" | "watch" | "other";
  /** The revision that a watch starts at. */
  readonly from: number;
};

/**
 * Which call a stream carries, by its first message. Both a range and the creation of a watch begin with a field of
 * bytes: in a range that is a key, in a watch a message that begins with one.
 */
export function requestOf(message: Buffer): Request {
  const fields = [...fieldsOf(message)];
  const [first] = fields;
  if (first?.id !== 1 || first.bytes === undefined) return OTHER;
  if (isKey(first.bytes)) return fields.some(({ id }) => id === RANGE_END) ? { call: "range", from: 0 } : OTHER;
  const [key] = beginningOf(first.bytes);
  if (key?.id !== 1 || key.bytes === undefined || !isKey(key.bytes)) return OTHER;
  return { call: "watch", from: numberIn(first.bytes, START_REVISION) };
}

const OTHER: Request = { call: "other", from: 0 };
const RANGE_END = 2;
const START_REVISION = 3;
const isKey = (bytes: Buffer): boolean => bytes[0] === "/".charCodeAt(0);

export type WatchAnswer = {
  readonly created: boolean;
  readonly fragment: boolean;
  /** Of the store when it answered. */
  readonly headerRevision: number;
  /** Of the last event; 0 without events. */
  readonly lastRevision: number;
};

export function watchAnswerOf(message: Buffer): WatchAnswer {
  let [created, fragment, headerRevision, lastRevision] = [false, false, 0, 0];
  for (const { id, number, bytes } of fieldsOf(message)) {
    if (id === 1 && bytes !== undefined) headerRevision = numberIn(bytes, 3);
    else if (id === 3) created = number === 1;
    else if (id === 7) fragment = number === 1;
    else if (id === 11 && bytes !== undefined) lastRevision = revisionOf(bytes);
  }
  return { created, fragment, headerRevision, lastRevision };
}

/** Of an event: its key-value is field 2, whose field 3 is the mod revision. */
function revisionOf(event: Buffer): number {
  for (const { id, bytes } of fieldsOf(event)) if (id === 2 && bytes !== undefined) return numberIn(bytes, 3);
  return 0;
}

function numberIn(message: Buffer, wanted: number): number {
  for (const { id, number } of fieldsOf(message)) if (id === wanted) return number;
  return 0;
}

/** The first field, if these bytes are a message at all. */
function beginningOf(bytes: Buffer): Field[] {
  try {
    const first = fieldsOf(bytes).next();
    return first.done ? [] : [first.value];
  } catch {
    return [];
  }
}

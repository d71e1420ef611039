// Requests from their bytes. Bytes that are no message of the method's type are an answer to the caller, not a throw
// inside grpc-js.

import { TheseusError } from "../model/errors.js";

/** The part of a generated method that reads requests. */
export type Requests = { readonly path: string; readonly requestDeserialize: (bytes: Buffer) => unknown };

export type Decoded = { readonly value: unknown } | { readonly broken: unknown };

/** More, or longer ones, are not remembered: a caller could fill the memory with them. */
const MOST_REMEMBERED = 1024;
const LONGEST_REMEMBERED = 512;

export function decode(method: Requests, bytes: Buffer): Decoded {
  try {
    return { value: method.requestDeserialize(bytes) };
  } catch (broken) {
    return { broken };
  }
}

/** The same, for requests that come over and over: the same bytes give the same object, which nobody may change. */
export function remembering(method: Requests): (bytes: Buffer) => Decoded {
  const known = new Map<string, Decoded>();
  return (bytes) => {
    if (bytes.length > LONGEST_REMEMBERED) return decode(method, bytes);
    const key = bytes.toString("latin1");
    const found = known.get(key);
    if (found !== undefined) return found;
    const decoded = decode(method, bytes);
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(key, decoded);
    return decoded;
  };
}

/** INVALID_REQUEST when its bytes could not be read. */
export function requestOf(decoded: Decoded, method: Requests): unknown {
  if ("value" in decoded) return decoded.value;
  throw new TheseusError("INVALID_REQUEST", {
    what: `the request is no message of ${method.path.slice(1)}`,
    why: ["its bytes cannot be read; client and server may be of different versions"],
    now: "nothing was changed",
    cause: decoded.broken,
  });
}

// What is sent over HTTP besides the streams: JSON, files and pages of text, each with the headers that keep it safe.

import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { gzip as gzipCallback } from "node:zlib";
import { toFailure } from "../../cli/failure.js";
import type { TheseusClientError } from "../../errors.js";
import type { ApiError } from "../wire.js";

const gzip = promisify(gzipCallback);
/** Below that packing costs more than it gains. */
const WORTH_PACKING = 1_024;

/** On every answer. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
};

export interface Sent {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
  /** The same packed, where it is there already. */
  readonly packed?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Ends the response. Never rejects. */
export async function send(request: IncomingMessage, response: ServerResponse, sent: Sent): Promise<void> {
  const plain = Buffer.from(sent.body);
  const mayPack = takesGzip(request) && plain.length >= WORTH_PACKING;
  const packed = mayPack ? (sent.packed ?? (await gzip(plain, { level: 4 }).catch(() => undefined))) : undefined;
  if (response.destroyed || response.headersSent) return;
  const body = packed ?? plain;
  response.writeHead(sent.status, {
    "content-type": sent.type,
    "content-length": body.length,
    "cache-control": "no-store",
    vary: "accept-encoding",
    ...(packed === undefined ? {} : { "content-encoding": "gzip" }),
    ...sent.headers,
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

function takesGzip({ headers }: IncomingMessage): boolean {
  const accepted = headers["accept-encoding"];
  return typeof accepted === "string" && /(^|,)\s*gzip\s*(;\s*q=(1|0\.[1-9])[0-9.]*)?\s*(,|$)/.test(accepted);
}

export function json(value: unknown, status = 200): Sent {
  return { status, type: "application/json; charset=utf-8", body: JSON.stringify(value) };
}

export function text(status: number, body: string): Sent {
  return { status, type: "text/plain; charset=utf-8", body };
}

/** A whole page that says one thing, without the page's own files. Nothing in it comes from the request. */
export function page(status: number, title: string, says: string): Sent {
  const body =
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${title} · theseus</title></head>` +
    `<body><main><h1>${title}</h1><p>${says}</p><p><a href="/">Overview</a></p></main></body></html>\n`;
  return { status, type: "text/html; charset=utf-8", body };
}

/** The status that goes with what a call failed with, and what is said of it. */
export function failed(error: unknown): Sent {
  const failure = toFailure(error);
  const { what, why = [], now = "", next = [] } = failure.parts;
  const told: ApiError = { error: { code: failure.code, message: what, next, why, now } };
  return json(told, statusOf(error, failure.code));
}

export function refused(status: number, code: string, message: string): Sent {
  const told: ApiError = { error: { code, message, next: [], why: [], now: "nothing was changed" } };
  return json(told, status);
}

/** By gRPC's status codes. */
const STATUS: Readonly<Record<number, number>> = {
  1: 503,
  3: 400,
  4: 504,
  5: 404,
  6: 409,
  7: 403,
  8: 503,
  9: 409,
  10: 409,
  11: 400,
  12: 501,
  14: 503,
  16: 403,
};
const OURS: Readonly<Record<string, number>> = {
  USAGE: 400,
  BAD_NAME: 400,
  BAD_LABEL: 400,
  INVALID_REQUEST: 400,
  NO_SUCH_CONTAINER: 404,
  NO_SUCH_GROUP: 404,
  NO_ROLLOUT: 404,
  LIMIT_REACHED: 503,
};

function statusOf(error: unknown, code: string): number {
  const isOfServer = error instanceof Error && error.name === "TheseusClientError";
  if (isOfServer) return STATUS[(error as TheseusClientError).code] ?? 502;
  return OURS[code] ?? 500;
}

// Server-sent events as bytes, and the beginning of a response that carries them.

import type { ServerResponse } from "node:http";

/** @param json one line. */
export function frame(event: string, json: string, id?: string): Buffer {
  return Buffer.from(`${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${json}\n\n`);
}

export function beginEvents(response: ServerResponse): void {
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
  });
  response.flushHeaders();
}

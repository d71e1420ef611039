// Server-sent events as bytes, and the beginning of a response that carries them.

import type { ServerResponse } from "node:http";

export const FRAME_END = "\n\n";

/** @param json one line. */
export function frame(event: string, json: string, id?: string): Buffer {
  return openFrame(event, `${json}${FRAME_END}`, id);
}

/** The rest of its line, and FRAME_END, have to follow. */
export function openFrame(event: string, json: string, id?: string): Buffer {
  return Buffer.from(`${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${json}`);
}

export function beginEvents(response: ServerResponse): void {
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
  });
  response.flushHeaders();
}

/** Nothing is made or asked for of what nobody would read. */
export function onlyHead(response: ServerResponse): undefined {
  beginEvents(response);
  response.end();
}

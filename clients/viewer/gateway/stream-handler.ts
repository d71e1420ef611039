// GET /api/stream.

import { pause } from "../../pause.js";
import { refused } from "./answer.js";
import type { Handler } from "./http.js";
import type { Stream } from "./stream.js";

/** For how long a reader waits until it is known how things stand, and all is read: a page that waits longer gives up. */
const PATIENCE = 3_000;

export function streamHandler(stream: Stream, known: Promise<void>): Handler {
  return async ({ params, request, response, signal }) => {
    if (stream.readers.isFull) return refused(503, "LIMIT_REACHED", "this viewer serves no more pages at a time");
    const header = request.headers["last-event-id"];
    const cursor = (typeof header === "string" ? header : "") || params.text("cursor");
    const waiting = new AbortController();
    const late = pause(PATIENCE, AbortSignal.any([signal, waiting.signal])).catch(() => undefined);
    await Promise.race([known, late]);
    waiting.abort();
    if (!signal.aborted) stream.open(response, request.method === "HEAD" ? "" : cursor);
    if (request.method === "HEAD") response.end();
    return undefined;
  };
}

// GET /api/stream.

import { pause } from "../../pause.js";
import { refused } from "./answer.js";
import type { Handler } from "./http.js";
import { ownEnd } from "./own-end.js";
import { onlyHead } from "./sse.js";
import type { Stream } from "./stream.js";

/** For how long a reader waits until it is known how things stand, and all is read: a page that waits longer gives up. */
const PATIENCE = 3_000;

export function streamHandler(stream: Stream, known: Promise<void>): Handler {
  return async ({ params, request, response, signal }) => {
    const leave = stream.readers.enter();
    if (leave === undefined) return refused(503, "LIMIT_REACHED", "this viewer serves no more pages at a time");
    try {
      if (request.method === "HEAD") return onlyHead(response);
      await soon(known, signal);
      const header = request.headers["last-event-id"];
      const cursor = (typeof header === "string" ? header : "") || params.text("cursor");
      if (!signal.aborted) stream.open(response, cursor);
      return undefined;
    } finally {
      leave();
    }
  };
}

/** Until that is so, or for as long as a reader waits. */
async function soon(known: Promise<void>, signal: AbortSignal): Promise<void> {
  const { own, leave } = ownEnd(signal);
  await Promise.race([known, pause(PATIENCE, own.signal).catch(() => undefined)]);
  leave();
  own.abort();
}

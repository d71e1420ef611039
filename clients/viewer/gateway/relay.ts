// A stream of the server passed on to one browser, at the pace of that browser: while it does not read, nothing is read
// from the server either. One that reads nothing for long is let go.

import type { ServerResponse } from "node:http";
import type { Sent } from "./answer.js";
import { failed, refused } from "./answer.js";
import type { Call } from "./http.js";
import { beginEvents, frame, onlyHead } from "./sse.js";

const PING_EVERY = 20_000;
/** For a browser to read nothing of what waits for it. */
const LONGEST_STILL = 60_000;
/** At a time, for all pages. */
const MOST_RELAYS = 200;

/** How many are open, for the metrics. */
export const openRelays = { count: 0 };

/**
 * Sends each event as it comes, and "end" after the last. @returns an answer where it fails before the first event.
 * @param events of the server; left when the browser goes.
 */
export async function relay(call: Call, name: string, events: AsyncIterable<unknown>): Promise<Sent | undefined> {
  if (openRelays.count >= MOST_RELAYS) return refused(503, "LIMIT_REACHED", "this viewer follows no more at a time");
  return call.request.method === "HEAD" ? onlyHead(call.response) : passOn(call, name, events);
}

async function passOn(
  { response, signal }: Call,
  name: string,
  events: AsyncIterable<unknown>,
): Promise<Sent | undefined> {
  openRelays.count += 1;
  let ping: NodeJS.Timeout | undefined;
  try {
    for await (const event of events) {
      if (ping === undefined) {
        beginEvents(response);
        ping = setInterval(() => response.writableLength === 0 && response.write(frame("ping", "{}")), PING_EVERY);
      }
      if (!response.write(frame(name, JSON.stringify(event)))) await drained(response, signal);
      if (signal.aborted) return undefined;
    }
    if (ping === undefined) beginEvents(response);
    response.end(frame("end", "{}"));
  } catch (error) {
    if (signal.aborted) return undefined;
    const sent = failed(error);
    if (ping === undefined) return sent;
    response.end(frame("failed", String(sent.body)));
  } finally {
    clearInterval(ping);
    openRelays.count -= 1;
  }
  return undefined;
}

/** Until what waits is read; a browser that reads none of it for long has gone. */
function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let waiting = response.writableLength;
    const still = setInterval(() => {
      if (response.writableLength >= waiting) response.destroy();
      waiting = response.writableLength;
    }, LONGEST_STILL);
    const done = () => {
      clearInterval(still);
      response.removeListener("drain", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    response.once("drain", done);
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
}

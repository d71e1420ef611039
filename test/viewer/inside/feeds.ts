// Streams that a fleet on paper has not, told to the page in the place of the gateway's: as logs, and figures of what runs.
// Runs in the browser.

import type { Feed } from "./eyes.js";

/** From now on each request whose address has the feed's path in it is answered by the feed, which then stays open. */
export function playFeeds(feeds: readonly Feed[]): void {
  const ask = globalThis.fetch.bind(globalThis);
  globalThis.fetch = (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    const feed = feeds.find(({ path }) => address.includes(path));
    return feed === undefined ? ask(input, init) : Promise.resolve(streamed(feed, init?.signal ?? undefined));
  };
}

function streamed({ event, data }: Feed, signal: AbortSignal | undefined): Response {
  const text = data.map((one) => `event: ${event}\ndata: ${one}\n\n`).join("");
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode(text));
      signal?.addEventListener("abort", () => controller.close(), { once: true });
    },
  });
  return new Response(body, { status: 200, headers: { "content-type": "text/event-stream" } });
}

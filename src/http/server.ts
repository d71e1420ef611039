// /healthz, /readyz and /metrics. Knows nothing of what it reports but the three questions it asks.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Milliseconds } from "../model/instant.js";
import type { Clock, Logger } from "../model/ports.js";
import type { Metrics } from "./metrics.js";

export type HttpServerDeps = {
  /** What keeps this server from answering; empty when nothing does. */
  readonly notReady: () => readonly string[];
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Logger;
};

export type HttpAddress = { readonly host: string; readonly port: number };

export interface HttpServer {
  /** Gives the address with the port that was really bound. Fails with node's own error. */
  start(address: HttpAddress): Promise<HttpAddress>;
  /** Lets what it has begun to answer end within a second, and closes every connection. */
  stop(): Promise<void>;
}

const HEADERS_TIMEOUT: Milliseconds = 5_000;
const REQUEST_TIMEOUT: Milliseconds = 10_000;
const GRACE: Milliseconds = 1_000;
const LARGEST_HEADERS = 8 * 1024;
const PLAIN = "text/plain; charset=utf-8";

export function createHttpServer(deps: HttpServerDeps): HttpServer {
  const server = createServer({ maxHeaderSize: LARGEST_HEADERS }, (request, response) => {
    void respond(deps, request, response);
  });
  server.headersTimeout = HEADERS_TIMEOUT;
  server.requestTimeout = REQUEST_TIMEOUT;
  server.on("clientError", (_, socket) => socket.destroy());
  server.on("error", (error) => deps.log.error({ cause: error.message }, "http listener failed"));
  return {
    start: (address) => listen(server, address),
    stop: () => close(server, deps.clock),
  };
}

async function close(server: Server, clock: Clock): Promise<void> {
  const done = new AbortController();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const late = clock.sleep(GRACE, done.signal).then(undefined, () => undefined);
  await Promise.race([closed, late]);
  done.abort();
  server.closeAllConnections();
}

function listen(server: Server, { host, port }: HttpAddress): Promise<HttpAddress> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.removeListener("error", reject);
      const bound = server.address();
      resolve({ host, port: typeof bound === "object" && bound !== null ? bound.port : port });
    });
  });
}

type Answer = { readonly code: number; readonly text: string; readonly type?: string };

async function respond(deps: HttpServerDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.on("error", () => response.destroy());
  try {
    const { code, text, type = PLAIN } = await answer(deps, request);
    response.writeHead(code, {
      "content-type": type,
      "content-length": Buffer.byteLength(text),
      "cache-control": "no-store",
      ...(code === 405 ? { allow: "GET, HEAD" } : {}),
    });
    response.end(request.method === "HEAD" ? undefined : text);
  } catch (error) {
    deps.log.error({ path: request.url, cause: String(error) }, "http request failed");
    response.destroy();
  }
}

async function answer({ notReady, metrics }: HttpServerDeps, { method, url = "/" }: IncomingMessage): Promise<Answer> {
  const [path] = url.split("?", 1);
  if (path !== "/healthz" && path !== "/readyz" && path !== "/metrics") {
    return { code: 404, text: "there are: /healthz /readyz /metrics\n" };
  }
  if (method !== "GET" && method !== "HEAD") return { code: 405, text: "this can only be read\n" };
  if (path === "/healthz") return { code: 200, text: "ok\n" };
  if (path === "/readyz") return readiness(notReady());
  const page = await metrics.page();
  return { code: 200, text: page.text, type: page.contentType };
}

function readiness(problems: readonly string[]): Answer {
  return problems.length === 0 ? { code: 200, text: "ok\n" } : { code: 503, text: `${problems.join("\n")}\n` };
}

// The HTTP side: who may ask, which path it is, and what answers it. Nothing that a request holds can make it throw.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { failed, page, refused, SAFE_HEADERS, type Sent, send, text } from "./answer.js";
import type { Files } from "./files.js";
import { refusalOf } from "./guard.js";
import { Params } from "./params.js";
import { PAGES, targetOf } from "./routes.js";

export interface Call {
  readonly params: Params;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborted when the reader has gone. */
  readonly signal: AbortSignal;
}

/** Answers with this, or has begun a stream of its own on the response. */
export type Handler = (call: Call) => Promise<Sent | undefined> | Sent | undefined;

export interface HttpParts {
  readonly files: Files;
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly allowHosts: readonly string[];
  readonly log: (line: string) => void;
}

const MOST_CONNECTIONS = 512;
const LARGEST_HEADERS = 32 * 1024;

/** Not listening yet. */
export function createHttp(parts: HttpParts): Server {
  const limits = { maxHeaderSize: LARGEST_HEADERS, headersTimeout: 10_000, requestTimeout: 20_000 };
  const server = createServer({ ...limits, keepAliveTimeout: 30_000 }, (request, response) => {
    answer(parts, request, response).catch((error: unknown) => {
      parts.log(`a request could not be answered: ${String(error)}`);
      response.destroy();
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.on("clientError", refuseUnread);
  return server;
}

/** Of what could not be read as a request. */
function refuseUnread(error: NodeJS.ErrnoException, stream: Socket | unknown): void {
  const socket = stream as Socket;
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  // The path counts as one of them.
  const status = error.code === "HPE_HEADER_OVERFLOW" ? "431 Request Header Fields Too Large" : "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

async function answer(parts: HttpParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.on("error", () => response.destroy());
  request.on("error", () => response.destroy());
  // Nobody's body is of interest.
  request.resume();
  for (const [name, value] of Object.entries(SAFE_HEADERS)) response.setHeader(name, value);
  const sent = await choose(parts, request, response).catch((error: unknown) => failed(error));
  if (sent !== undefined) await send(request, response, sent);
}

async function choose(parts: HttpParts, request: IncomingMessage, response: ServerResponse): Promise<Sent | undefined> {
  const { method = "", url = "", rawHeaders, socket } = request;
  const target = targetOf(url);
  const path = target.kind === "target" ? target.path : "";
  const { localAddress = "", localPort = 0 } = socket;
  const refusal = refusalOf({ rawHeaders, localAddress, localPort, isPage: PAGES.has(path) }, parts.allowHosts);
  if (refusal !== undefined) return text(refusal.status, `${refusal.why}\n`);
  if (target.kind === "refused") return text(target.status, `${target.why}\n`);
  if (method !== "GET" && method !== "HEAD")
    return { ...text(405, "this can only be read\n"), headers: { allow: "GET, HEAD" } };
  const handler = parts.handlers.get(path);
  if (handler === undefined) return fileAt(parts.files, path, request);
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  return handler({ params: new Params(target.query), request, response, signal: gone.signal });
}

function fileAt(files: Files, path: string, { headers }: IncomingMessage): Sent {
  const { index, assets } = files.bundle();
  if (PAGES.has(path)) return index;
  const asset = assets.get(path);
  if (asset !== undefined) return asset;
  if (path === "/api" || path.startsWith("/api/")) return refused(404, "NO_SUCH_CALL", "there is no such call");
  if (headers["accept"]?.includes("text/html"))
    return page(404, "There is no such page", "The viewer has other pages; the overview leads to all of them.");
  return text(404, "there is nothing at this path\n");
}

// Where an engine listens: the text of --docker, checked. Knows nothing of the client library.

import { TheseusError } from "../model/errors.js";

/** A unix socket, or plain HTTP on loopback. */
export type Endpoint =
  | { readonly kind: "socket"; readonly path: string; readonly text: string }
  | { readonly kind: "loopback"; readonly hostname: string; readonly port: number; readonly text: string };

/**
 * "unix:///path" or "tcp://loopback:port". INVALID_REQUEST for anything else: plain tcp beyond loopback would hand root
 * on that machine to its network.
 */
export function parseEngineUrl(text: string): Endpoint {
  if (text.startsWith("unix://")) {
    const path = text.slice("unix://".length);
    if (!path.startsWith("/")) throw refused(text, "a unix socket is written unix:///absolute/path");
    return { kind: "socket", path, text };
  }
  if (text.startsWith("tcp://")) return parseTcp(text);
  if (text.startsWith("ssh://") || text.startsWith("https://")) {
    throw refused(text, "engines behind ssh or TLS cannot be reached by this version");
  }
  throw refused(text, "it has to start with unix:// or tcp://");
}

function parseTcp(text: string): Endpoint {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const hostname = url?.hostname.replace(/^\[|\]$/g, "") ?? "";
  const port = Number(url?.port);
  const extras = url === undefined || !["", "/"].includes(url.pathname) || url.search !== "" || url.username !== "";
  if (extras || hostname === "" || !(port > 0)) throw refused(text, "an address is written tcp://host:port");
  if (!isLoopback(hostname)) {
    throw refused(text, `plain tcp is allowed on loopback only: whoever reaches ${hostname}:${port} is root there`);
  }
  return { kind: "loopback", hostname, port, text };
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function refused(text: string, why: string): TheseusError {
  return new TheseusError("INVALID_REQUEST", {
    what: `"${text.slice(0, 60)}" is no usable address of a Docker Engine`,
    why: [why],
    now: "nothing was started",
    next: ["theseus server start --docker unix:///var/run/docker.sock"],
    violations: [{ field: "docker", text: why }],
  });
}

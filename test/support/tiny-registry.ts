// An image registry on loopback with one small image, for pulls by a real engine. Speaks just enough of the registry API.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { tar } from "../../src/docker/tar.js";

export type TinyRegistry = {
  /** "127.0.0.1:port". */
  readonly host: string;
  /** Of the image's manifest. */
  readonly digest: string;
  /** Authorization headers that came, in order. */
  readonly authorizations: string[];
  /** "silent" takes requests and never answers; "broken" gives manifests, but denies what they name. */
  mode: "good" | "silent" | "broken";
  /** "user:password" that is asked for; undefined: everybody may. */
  login: string | undefined;
  close(): Promise<void>;
};

const MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
const INDEX = "application/vnd.docker.distribution.manifest.list.v2+json";

const digestOf = (data: Buffer): string => `sha256:${createHash("sha256").update(data).digest("hex")}`;

type Blob = { readonly type: string; readonly data: Buffer };

/** Serves {host}/tiny:1, and {host}/tiny:arm, which is made for another kind of machine. */
export async function startTinyRegistry(content: string): Promise<TinyRegistry> {
  const { blobs, digest } = image(content);
  const server = createServer((request, response) => answer(registry, blobs, request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const registry: TinyRegistry = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    digest,
    authorizations: [],
    mode: "good",
    login: undefined,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return registry;
}

function image(content: string): { blobs: Map<string, Blob>; digest: string } {
  const archive = tar([{ path: "content", content: Buffer.from(content), mode: 0o644 }], new Date(0));
  const layer = { type: "application/vnd.docker.image.rootfs.diff.tar.gzip", data: gzipSync(archive) };
  const rootfs = { type: "layers", diff_ids: [digestOf(archive)] };
  const config = json("application/vnd.docker.container.image.v1+json", {
    architecture: "amd64",
    os: "linux",
    rootfs,
    config: { Cmd: ["/content"], Healthcheck: { Test: ["CMD", "/content"] } },
  });
  const part = ({ type, data }: Blob) => ({ mediaType: type, size: data.length, digest: digestOf(data) });
  const manifest = json(MANIFEST, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: part(config),
    layers: [part(layer)],
  });
  const platform = { architecture: "s390x", os: "linux" };
  const index = json(INDEX, { schemaVersion: 2, mediaType: INDEX, manifests: [{ ...part(manifest), platform }] });
  const digest = digestOf(manifest.data);
  const blobs = new Map([layer, config, manifest, index].map((blob) => [digestOf(blob.data), blob]));
  return { blobs: blobs.set("1", manifest).set("arm", index), digest };
}

function json(type: string, value: object): Blob {
  return { type, data: Buffer.from(JSON.stringify(value)) };
}

function answer(registry: TinyRegistry, blobs: Map<string, Blob>, request: IncomingMessage, response: ServerResponse) {
  if (registry.mode === "silent") return;
  const given = request.headers.authorization;
  if (given !== undefined) registry.authorizations.push(given);
  if (registry.login !== undefined && given !== `Basic ${Buffer.from(registry.login).toString("base64")}`) {
    response.writeHead(401, { "www-authenticate": 'Basic realm="tiny"', "content-type": "application/json" });
    return response.end(JSON.stringify({ errors: [{ code: "UNAUTHORIZED", message: "authentication required" }] }));
  }
  if (request.url === "/v2/") return response.writeHead(200).end("{}");
  const [, kind, name = ""] = /^\/v2\/tiny\/(manifests|blobs)\/(.+)$/.exec(request.url ?? "") ?? [];
  const blob = blobs.get(name);
  if (blob === undefined) {
    response.writeHead(404, { "content-type": "application/json" });
    return response.end(JSON.stringify({ errors: [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }] }));
  }
  const headers = {
    "content-type": blob.type,
    "content-length": blob.data.length,
    "docker-content-digest": digestOf(blob.data),
  };
  if (registry.mode === "broken" && kind === "blobs") {
    response.writeHead(403, { "content-type": "application/json" });
    return response.end(JSON.stringify({ errors: [{ code: "DENIED", message: "requested access is denied" }] }));
  }
  response.writeHead(200, headers).end(request.method === "HEAD" ? undefined : blob.data);
}

// The page's files, held in memory: only what the bundle has can be asked for, by its exact path.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Sent } from "./answer.js";

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  ico: "image/x-icon",
  json: "application/json; charset=utf-8",
  woff2: "font/woff2",
};

/** Named for what is in them. */
const HASHED = /-[A-Z0-9]{8}\.[a-z0-9]+$/;
const FOR_A_YEAR = "public, max-age=31536000, immutable";

export interface Bundle {
  /** Of the files; another one after each change of them. */
  readonly build: string;
  readonly index: Sent;
  /** By path, beginning with "/assets/". */
  readonly assets: ReadonlyMap<string, Sent>;
}

/** Read again when the page was built anew. */
export class Files {
  readonly #folder: string;
  #read: { readonly stamp: number; readonly bundle: Bundle };

  /** @throws when there is no page in the folder. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#read = { stamp: this.#stamp(), bundle: readBundle(folder) };
  }

  bundle(): Bundle {
    try {
      const stamp = this.#stamp();
      if (stamp !== this.#read.stamp) this.#read = { stamp, bundle: readBundle(this.#folder) };
    } catch {
      // It is being built just now: what was read is served.
    }
    return this.#read.bundle;
  }

  #stamp(): number {
    return statSync(join(this.#folder, "index.html")).mtimeMs;
  }
}

function readBundle(folder: string): Bundle {
  const index = readFileSync(join(folder, "index.html"));
  const names = readdirSync(join(folder, "assets"), { withFileTypes: true }).filter((entry) => entry.isFile());
  const assets = names.map(({ name }): [string, Sent] => [`/assets/${name}`, assetOf(join(folder, "assets", name))]);
  return {
    build: createHash("sha256").update(index).digest("hex").slice(0, 12),
    index: { status: 200, type: "text/html; charset=utf-8", body: index, packed: gzipSync(index) },
    assets: new Map(assets),
  };
}

function assetOf(path: string): Sent {
  const body = readFileSync(path);
  const type = TYPES[path.slice(path.lastIndexOf(".") + 1)] ?? "application/octet-stream";
  const caching = HASHED.test(path) ? FOR_A_YEAR : "no-cache";
  return { status: 200, type, body, packed: gzipSync(body), headers: { "cache-control": caching } };
}

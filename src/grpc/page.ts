// Pages of a list at one revision. A token names the revision, the last key given, and the question it belongs to.

import { createHash } from "node:crypto";
import type { Catalog, CatalogView } from "../model/catalog.js";
import { TheseusError } from "../model/errors.js";
import { canonical } from "./config-diff.js";

export type PageRequest = {
  readonly size: number;
  readonly token: string /** What is listed. */;
  readonly question: unknown;
};

/** Where a list goes on. The first page has no key. */
export type Position = { readonly revision: bigint; readonly after: string | undefined };

export type Page<T> = { readonly items: readonly T[]; readonly nextPageToken: string };

/** Answers stay well below the 4 MiB that clients take. */
const LARGEST_ANSWER = 3 * 1024 * 1024;

/** The view that this page is read from: the present for the first page, that of the first page for later ones. */
export async function viewOfPage(
  catalog: Catalog,
  request: PageRequest,
): Promise<{ readonly view: CatalogView; readonly position: Position }> {
  const view = catalog.view();
  const position = readPosition(request) ?? { revision: view.revision, after: undefined };
  if (position.revision === view.revision) return { view, position };
  return { view: await catalog.viewAt(position.revision), position };
}

/** Undefined for a first page. PAGE_TOKEN_EXPIRED for a token that is none, or belongs to another question. */
export function readPosition({ token, question }: PageRequest): Position | undefined {
  if (token === "") return undefined;
  const [revision = "", hash, ...key] = Buffer.from(token, "base64url").toString().split("\n");
  if (!/^\d{1,19}$/.test(revision) || hash !== questionHash(question)) throw strangeToken();
  return { revision: BigInt(revision), after: key.join("\n") };
}

/**
 * The entries after the position, at most a page of them. Entries come sorted by key in the order of `compare`,
 * which is that of plain text.
 */
export function cutPage<E, T>(
  entries: readonly E[],
  request: PageRequest & { readonly position: Position },
  shape: {
    readonly keyOf: (entry: E) => string;
    readonly convert: (entry: E) => T;
    readonly sizeOf?: (item: T) => number;
  },
): Page<T> {
  const { after, revision } = request.position;
  const start = after === undefined ? 0 : entries.findIndex((entry) => shape.keyOf(entry) === after) + 1;
  if (after !== undefined && start === 0) throw strangeToken();
  const items: T[] = [];
  let bytes = 0;
  let last: E | undefined;
  for (const entry of entries.slice(start)) {
    if (items.length === request.size) return { items, nextPageToken: nextToken(revision, request, last, shape.keyOf) };
    const item = shape.convert(entry);
    bytes += shape.sizeOf?.(item) ?? 0;
    if (bytes > LARGEST_ANSWER && items.length > 0) {
      return { items, nextPageToken: nextToken(revision, request, last, shape.keyOf) };
    }
    items.push(item);
    last = entry;
  }
  return { items, nextPageToken: "" };
}

function nextToken<E>(
  revision: bigint,
  request: PageRequest,
  last: E | undefined,
  keyOf: (entry: E) => string,
): string {
  const key = last === undefined ? "" : keyOf(last);
  return Buffer.from([revision, questionHash(request.question), key].join("\n")).toString("base64url");
}

function questionHash(question: unknown): string {
  return createHash("sha256").update(canonical(question)).digest("base64url").slice(0, 16);
}

function strangeToken(): TheseusError {
  return new TheseusError("PAGE_TOKEN_EXPIRED", {
    what: "this page token does not belong to this list",
    why: ["it is damaged, or the filter was changed between two pages"],
    now: "nothing was changed",
    next: ["ask for the first page again, without a page token"],
  });
}

// A list, or one named thing, in every output format. The envelope of JSON is versioned and only ever grows.

import type { Context } from "../context.js";
import { usage } from "../failure.js";
import type { Format } from "../formats.js";
import { nearest } from "../nearest.js";
import { type Column, renderTable, renderTsv, sortItems } from "./table.js";

export const API_VERSION = "theseus.v1";

export interface Listing<Item> {
  /** Of one item: "Group"; a list of them is a "GroupList". */
  readonly kind: string;
  readonly items: readonly Item[];
  readonly columns: readonly Column<Item>[];
  /** Pasteable. */
  readonly name: (item: Item) => string;
  readonly json: (item: Item) => Record<string, unknown>;
  readonly namespace?: string | undefined;
  readonly revision?: bigint | undefined;
  readonly asOf?: Date | undefined;
  /** One thing was named: JSON is the object itself. */
  readonly single?: boolean;
}

/** Writes to stdout, whole. @throws Failure USAGE for a column that does not exist. */
export async function printListing<Item>(context: Context, listing: Listing<Item>): Promise<void> {
  const text = await listingText(context, listing);
  if (text !== "") context.io.stdout.write(text);
}

/** The same as a text. @throws Failure USAGE for a column or a format that there is not. */
export async function listingText<Item>(context: Context, listing: Listing<Item>): Promise<string> {
  const { format } = context.globals;
  const items = sorted(context, listing);
  switch (format) {
    case "json":
    case "yaml":
      return objectText(envelope(listing, items), format);
    case "jsonl":
      return items.map((item) => `${JSON.stringify(itemObject(listing, item))}\n`).join("");
    case "name":
      return items.map((item) => `${listing.name(item)}\n`).join("");
    case "tsv":
      return renderTsv(shown(context, listing, true), items);
    case "table":
    case "wide":
      return items.length === 0 ? "" : renderTable(shown(context, listing, format === "wide"), items);
    case "host:port":
    case "env":
    case "haproxy":
    case "nginx":
      throw usage(`${format} is an output format of discover alone`);
  }
}

/** One object as JSON or YAML on stdout. */
export async function printObject(context: Context, object: object, format: Format): Promise<void> {
  context.io.stdout.write(await objectText(object, format));
}

async function objectText(object: object, format: Format): Promise<string> {
  if (format !== "yaml") return `${JSON.stringify(object)}\n`;
  const { stringify } = await import("yaml");
  return stringify(object);
}

/** True for the formats that programs read. */
export function isObjectFormat(format: Format): boolean {
  return format === "json" || format === "yaml" || format === "jsonl";
}

function envelope<Item>(listing: Listing<Item>, items: readonly Item[]): object {
  const [only] = items;
  if (listing.single && only !== undefined) return itemObject(listing, only);
  return {
    apiVersion: API_VERSION,
    kind: `${listing.kind}List`,
    ...(listing.namespace === undefined ? {} : { namespace: listing.namespace }),
    ...(listing.revision === undefined ? {} : { revision: String(listing.revision) }),
    asOf: (listing.asOf ?? new Date()).toISOString(),
    items: items.map(listing.json),
  };
}

function itemObject<Item>(listing: Listing<Item>, item: Item): object {
  return { apiVersion: API_VERSION, kind: listing.kind, ...listing.json(item) };
}

function shown<Item>(context: Context, { columns }: Listing<Item>, wide: boolean): readonly Column<Item>[] {
  const asked = context.globals.columns;
  if (asked.length > 0) return asked.map((id) => columnNamed(columns, id));
  return columns.filter((column) => wide || !column.wide);
}

function sorted<Item>(context: Context, { columns, items }: Listing<Item>): readonly Item[] {
  const { sort } = context.globals;
  if (sort === undefined) return items;
  return sortItems(items, columnNamed(columns, sort.replace(/^-/, "")), sort.startsWith("-"));
}

/** @throws Failure USAGE when there is none of that name. */
export function columnNamed<Item>(columns: readonly Column<Item>[], id: string): Column<Item> {
  const wanted = id.toLowerCase();
  const column = columns.find((candidate) => candidate.id === wanted);
  if (column !== undefined) return column;
  const ids = columns.map((candidate) => candidate.id);
  const near = nearest(wanted, ids);
  throw usage(`there is no column "${id}"`, [`columns are ${ids.join(" ")}${near ? `; did you mean ${near}` : ""}`]);
}

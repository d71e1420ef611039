// The published schema, read as any editor reads it, laid beside a good file: every key and item that a fault can be
// planted in, and the keys of the schema that no good file has.

import { readFileSync } from "node:fs";
import { type Entry, List, Mapping, type Node } from "./yaml-tree.js";

export type Schema = {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly propertyNames?: Schema;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
};

export const SCHEMA = JSON.parse(
  readFileSync(new URL("../../../docs/group-file.schema.json", import.meta.url), "utf8"),
) as Schema;

export function alternatives(schema: Schema): readonly Schema[] {
  return schema.anyOf?.flatMap(alternatives) ?? [schema];
}

/** One key, or one item of a list, in a good file. */
export type Spot = {
  readonly path: readonly (string | number)[];
  readonly schema: Schema;
  /** Absent for an item of a list. */
  readonly key?: {
    /** The keys that may stand beside it; absent where any name may. */
    readonly known?: readonly string[];
    /** What such a name has to look like. */
    readonly names?: Schema;
    readonly required: boolean;
  };
};

export type Walk = { readonly spots: readonly Spot[]; readonly seen: ReadonlySet<Schema> };

/** Every spot of the file, and every part of the schema that it has a value for. */
export function walk(root: Node): Walk {
  const spots: Spot[] = [];
  const seen = new Set<Schema>();
  visit(root, SCHEMA, [], { spots, seen });
  return { spots, seen };
}

type Found = { readonly spots: Spot[]; readonly seen: Set<Schema> };

function visit(node: Node, schema: Schema, path: Spot["path"], found: Found): void {
  const meant = alternatives(schema).find((one) => fits(node, one)) ?? schema;
  found.seen.add(schema).add(meant);
  if (node instanceof Mapping) for (const entry of node.entries) visitEntry(entry, meant, path, found);
  if (node instanceof List && meant.items !== undefined)
    for (const [i, item] of node.items.entries()) {
      found.spots.push({ path: [...path, i], schema: meant.items });
      visit(item, meant.items, [...path, i], found);
    }
}

function visitEntry({ key, value }: Entry, parent: Schema, path: Spot["path"], found: Found): void {
  const named = parent.properties?.[key];
  const any = typeof parent.additionalProperties === "object" ? parent.additionalProperties : undefined;
  const schema = named ?? any;
  // x-* at the top, where anything may stand.
  if (schema === undefined) return;
  const required = parent.required?.includes(key) ?? false;
  const open = parent.propertyNames === undefined ? {} : { names: parent.propertyNames };
  const about = named === undefined ? open : { known: Object.keys(parent.properties ?? {}) };
  found.spots.push({ path: [...path, key], schema, key: { required, ...about } });
  visit(value, schema, [...path, key], found);
}

function fits(node: Node, schema: Schema): boolean {
  if (node instanceof Mapping) return schema.type === "object";
  if (node instanceof List) return schema.type === "array";
  const value: unknown = JSON.parse(node.text);
  const type = schema.type === "integer" ? "number" : schema.type;
  return typeof value === type && (schema.const === undefined || schema.const === value);
}

/** Of every key at every depth, and of both forms where there are two: the ones without a value in any good file. */
export function unseen(seen: ReadonlySet<Schema>, schema = SCHEMA, path = ""): string[] {
  const own = alternatives(schema).flatMap((one, i, all) => {
    const name = all.length > 1 ? `${path} (form ${i + 1})` : path;
    return seen.has(one) ? [] : [name];
  });
  const inner = alternatives(schema).flatMap(({ properties, additionalProperties, items }) => [
    ...Object.entries(properties ?? {}).flatMap(([key, value]) => unseen(seen, value, `${path}.${key}`)),
    ...(typeof additionalProperties === "object" ? unseen(seen, additionalProperties, `${path}.*`) : []),
    ...(items === undefined ? [] : unseen(seen, items, `${path}[]`)),
  ]);
  return [...own, ...inner];
}

// Faults for one key or item, taken from what the schema says of it: wrong type, out of range, misspelt, twice, missing.
// Who plants a fault knows where it has to be told.

import { alternatives, type Schema, type Spot } from "./schema.js";
import { copyOf, Entry, List, Mapping, type Node, Scalar } from "./yaml-tree.js";

export const KINDS = ["type", "range", "misspelt", "twice", "missing"] as const;
export type Kind = (typeof KINDS)[number];

/** Something that has to be told, at the place of this part. */
export type Planted = { readonly part: Node | Entry; readonly says?: string };

export type Fault = {
  readonly kind: Kind;
  readonly what: string;
  readonly path: Spot["path"];
  /** Changes the tree. */
  readonly plant: (root: Node) => readonly Planted[];
};

export function faultsOf(spot: Spot): Fault[] {
  return [...badValues(spot), ...badKeys(spot)];
}

function badValues(spot: Spot): Fault[] {
  const { path, schema } = spot;
  const fault = (kind: Kind, text: string): Fault => ({
    kind,
    what: `${path.join(".")} is ${text.slice(0, 40)}`,
    path,
    plant: (root) => [{ part: replace(root, path, new Scalar(text)) }],
  });
  return [
    ...wrongTypes(schema, keepsText(path)).map((text) => fault("type", text)),
    ...outOfRange(schema).map((text) => fault("range", text)),
  ];
}

/** Any scalar is the text that it is written as. */
function keepsText(path: Spot["path"]): boolean {
  return path.length === 4 && (path[2] === "env" || path[2] === "docker_labels");
}

const VALUES = {
  null: "null",
  boolean: "true",
  number: "7",
  string: '"some words"',
  array: "[1, two]",
  object: "{one: 1}",
};

function wrongTypes(schema: Schema, anyScalar: boolean): string[] {
  const types = alternatives(schema).map(({ type }) => (type === "integer" ? "number" : type));
  const right = anyScalar ? [...types, "boolean", "number"] : types;
  return Object.entries(VALUES).flatMap(([type, text]) => (right.includes(type) ? [] : [text]));
}

const TEXTS = ["", "a b", "-", "../x", "UPPER", "5", "25h", "1B", "99999999GiB", "é\u0007", "a=b", "x".repeat(5000)];

function outOfRange(schema: Schema): string[] {
  const all = alternatives(schema);
  const texts = TEXTS.filter((text) => isText(schema) && !all.some((one) => allowsText(one, text)));
  return [...texts.map((text) => JSON.stringify(text)), ...all.flatMap(outOfBounds)];
}

function isText(schema: Schema): boolean {
  return alternatives(schema).some(({ type }) => type === "string");
}

function allowsText(schema: Schema, text: string): boolean {
  const { type, pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema;
  if (type !== "string") return false;
  if (schema.const !== undefined) return schema.const === text;
  if (schema.enum !== undefined) return schema.enum.includes(text);
  // What a pattern cannot say of times and sizes.
  if (text === "25h" || text === "1B" || text === "99999999GiB") return !/\(ms\||\(B\|/.test(pattern ?? "");
  return text.length >= minLength && text.length <= maxLength && new RegExp(pattern ?? "").test(text);
}

function outOfBounds({ type, minimum, maximum, maxItems, const: only }: Schema): string[] {
  if (type === "array") return maxItems === undefined ? [] : [`[${"a, ".repeat(maxItems)}a]`];
  if (type !== "integer" && type !== "number") return [];
  if (typeof only === "number") return [String(only + 1), String(only - 1), String(only + 0.5)];
  const whole = type === "integer" ? ["1.5"] : [];
  return [String((minimum ?? 0) - 1), String((maximum ?? 0) + 1), "1e300", ".nan", "-.inf", ...whole];
}

function badKeys(spot: Spot): Fault[] {
  const { path, key } = spot;
  const name = path.at(-1);
  if (key === undefined || typeof name !== "string") return [];
  const misspelt = key.known === undefined ? badNames(key.names) : misspellings(name, key.known);
  const faults = misspelt.map((text): Fault => {
    const what = `${path.join(".")} is written ${text.slice(0, 40)}`;
    return { kind: "misspelt", what, path, plant: (root) => misspell(root, spot, text) };
  });
  faults.push({ kind: "twice", what: `${path.join(".")} is there twice`, path, plant: (root) => double(root, path) });
  if (key.required)
    faults.push({ kind: "missing", what: `${path.join(".")} is missing`, path, plant: (root) => drop(root, path) });
  return faults;
}

function badNames(names: Schema | undefined): string[] {
  const bad = ["", "a b", "UPPER", "=x", "é", "theseus.x", "x".repeat(300)];
  return names?.pattern === undefined ? [] : bad.filter((text) => !new RegExp(names.pattern ?? "").test(text));
}

function misspellings(key: string, known: readonly string[]): string[] {
  const [a = "", b = ""] = key;
  const middle = Math.ceil(key.length / 2);
  const doubled = key.slice(0, middle) + key.slice(middle - 1);
  const variants = [doubled, b + a + key.slice(2), key.slice(0, -1), key.toUpperCase(), `${key}-x`, `no-${key}`];
  return [...new Set(variants)].filter((text) => text !== "" && !known.includes(text));
}

function misspell(root: Node, { path, key }: Spot, text: string): Planted[] {
  const entry = entryAt(root, path);
  const doubled = text.length === entry.key.length + 1 && text.startsWith(entry.key.slice(0, 1));
  const says = key?.known !== undefined && doubled ? `(expected ${entry.key})` : undefined;
  entry.key = text;
  const missing = key?.required ? [{ part: ownerOf(root, path), says: "is missing" }] : [];
  return [{ part: entry, ...(says === undefined ? {} : { says }) }, ...missing];
}

function double(root: Node, path: Spot["path"]): Planted[] {
  const entry = entryAt(root, path);
  const second = new Entry(entry.key, copyOf(entry.value));
  mappingAt(root, path.slice(0, -1)).entries.push(second);
  return [{ part: second, says: "there twice" }];
}

function drop(root: Node, path: Spot["path"]): Planted[] {
  const { entries } = mappingAt(root, path.slice(0, -1));
  entries.splice(entries.indexOf(entryAt(root, path)), 1);
  return [{ part: ownerOf(root, path), says: "is missing" }];
}

/** What lacks a key is shown at its own key; an item of a list and the whole file have none. */
function ownerOf(root: Node, path: Spot["path"]): Node | Entry {
  const above = path.slice(0, -1);
  return typeof above.at(-1) === "string" ? entryAt(root, above) : nodeAt(root, above);
}

export function nodeAt(root: Node, path: Spot["path"]): Node {
  return path.reduce<Node>((node, part) => {
    const inner = node instanceof List ? node.items[Number(part)] : undefined;
    const value = node instanceof Mapping ? node.entries.find(({ key }) => key === part)?.value : inner;
    if (value === undefined) throw new Error(`there is no ${path.join(".")}`);
    return value;
  }, root);
}

function mappingAt(root: Node, path: Spot["path"]): Mapping {
  const node = nodeAt(root, path);
  if (node instanceof Mapping) return node;
  throw new Error(`${path.join(".")} is no map`);
}

export function entryAt(root: Node, path: Spot["path"]): Entry {
  const entry = mappingAt(root, path.slice(0, -1)).entries.find(({ key }) => key === path.at(-1));
  if (entry === undefined) throw new Error(`there is no ${path.join(".")}`);
  return entry;
}

function replace(root: Node, path: Spot["path"], value: Node): Node {
  const parent = nodeAt(root, path.slice(0, -1));
  if (parent instanceof List) parent.items[Number(path.at(-1))] = value;
  else entryAt(root, path).value = value;
  return value;
}

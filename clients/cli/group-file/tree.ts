// A YAML document as plain values, with the place of every key and value. Aliases and merge keys are followed here,
// under bounds of our own, so that no file can grow into more than it is.

import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Pair,
  Scalar,
  type YAMLMap,
} from "yaml";
import { interpolate } from "./interpolate.js";
import { type Path, type Problem, pathText } from "./problems.js";

const DEEPEST = 32;
const MOST_NODES = 100_000;

interface Spot {
  readonly key?: number;
  readonly value: number;
  /** The text behind a plain scalar that a variable was filled into. */
  readonly filled?: string;
}

export interface Tree {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** As text: paths whose value could not be had, so that nothing more can be said of it. */
  readonly spoilt: ReadonlySet<string>;
  /** A bound was passed: the value is not whole, and checking it would only mislead. */
  readonly cut: boolean;
  /** Of the value at the path, or of its nearest known ancestor. */
  place(path: Path): { line: number; col: number };
  /** Of the key at the path. */
  keyPlace(path: Path): { line: number; col: number };
  /** Scalars that were written with a variable: where, and as what text. */
  readonly filled: ReadonlyMap<string, string>;
}

interface Source {
  readonly document: Document.Parsed;
  readonly text: string;
  readonly lines: LineCounter;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Values at these paths are text as written: 1.10 and yes stay what they are. */
  readonly isText: (path: Path) => boolean;
  /** Values at these paths are not looked at. */
  readonly isIgnored: (path: Path) => boolean;
}

export function readTree(source: Source): Tree {
  return new Reader(source).tree();
}

class Bound extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

type Node = unknown;
type Values = Record<string, unknown>;

class Reader {
  readonly #source: Source;
  readonly #problems: Problem[] = [];
  readonly #spots = new Map<string, Spot>();
  readonly #filled = new Map<string, string>();
  readonly #spoilt = new Set<string>();
  #nodes = 0;
  #cut = false;
  /** Of the outermost alias that is being followed: what grows too large behind it is its doing. */
  #behind: number | undefined;

  constructor(source: Source) {
    this.#source = source;
  }

  tree(): Tree {
    const value = this.#root();
    const spot = (path: Path) => this.#nearest(path);
    return {
      value,
      problems: this.#problems,
      spoilt: this.#spoilt,
      cut: this.#cut,
      filled: this.#filled,
      place: (path) => this.#at(spot(path).value),
      keyPlace: (path) => this.#at(spot(path).key ?? spot(path).value),
    };
  }

  #root(): unknown {
    const { contents } = this.#source.document;
    try {
      return this.#visit(contents, [], startOf(contents, 0));
    } catch (error) {
      if (!(error instanceof Bound)) throw error;
      this.#cut = true;
      this.#complain([], error.at, error.message);
      return undefined;
    }
  }

  #visit(node: Node, path: Path, fallback: number): unknown {
    const at = startOf(node, fallback);
    this.#count(path.length, at);
    this.#note(path, at);
    if (isAlias(node)) return this.#follow(node, path, at);
    if (isMap(node)) return this.#map(node, path, at);
    if (isSeq(node)) return node.items.map((item, i) => this.#visit(item, [...path, i], at));
    return isScalar(node) ? this.#scalar(node, path, at) : null;
  }

  #follow(alias: Alias, path: Path, at: number): unknown {
    const outermost = this.#behind === undefined;
    this.#behind ??= at;
    const value = this.#visit(this.#resolve(alias, path, at), path, at);
    if (outermost) this.#behind = undefined;
    return value;
  }

  #count(depth: number, at: number): void {
    this.#nodes += 1;
    const where = this.#behind ?? at;
    if (this.#nodes > MOST_NODES) throw new Bound(where, `aliases make it larger than ${MOST_NODES} values`);
    if (depth > DEEPEST) throw new Bound(where, `it is nested deeper than ${DEEPEST} levels`);
  }

  /** A sign that stands for itself or its parent would be followed for ever; the depth bound ends it. */
  #resolve(node: Alias, path: Path, at: number): Node {
    const target = node.resolve(this.#source.document);
    if (target !== undefined) return target;
    this.#complain(path, at, `*${node.source} stands for nothing`, "an anchor above it");
    this.#spoilt.add(pathText(path));
    return null;
  }

  #map(node: YAMLMap, path: Path, at: number, overridden: ReadonlySet<string> = new Set()): Values {
    const own = this.#keys(node, path, at).filter(({ key }) => !overridden.has(key));
    const values: Values = Object.create(null) as Values;
    // Not "<<" itself: what is merged may merge in turn.
    const explicit = new Set([...overridden, ...own.filter((entry) => !isMerge(entry)).map(({ key }) => key)]);
    for (const { pair } of own.filter(isMerge)) this.#merge(pair.value, path, at, explicit, values);
    for (const { key, pair, keyAt } of own.filter((entry) => !isMerge(entry))) {
      const inner = [...path, key];
      if (this.#source.isIgnored(inner)) continue;
      values[key] = this.#visit(pair.value, inner, keyAt);
      this.#note(inner, startOf(pair.value, keyAt), keyAt);
    }
    return values;
  }

  /** Earlier ones win; keys of the map itself win over all. */
  #merge(node: Node, path: Path, at: number, taken: Set<string>, into: Values, depth = path.length): void {
    this.#count(depth, startOf(node, at));
    const target = isAlias(node) ? this.#resolve(node, path, startOf(node, at)) : node;
    if (isSeq(target)) for (const item of target.items) this.#merge(item, path, at, taken, into, depth + 1);
    else if (isMap(target)) {
      const merged = this.#map(target, path, at, taken);
      for (const [key, value] of Object.entries(merged)) into[key] = value;
      for (const key of Object.keys(merged)) taken.add(key);
    } else
      this.#complain([...path, "<<"], startOf(node, at), "<< takes no such value", "a map, an alias of one, or a list");
  }

  /** The keys of one map, with a complaint for each that comes twice. */
  #keys(node: YAMLMap, path: Path, at: number): Entry[] {
    const seen = new Map<string, number>();
    const entries: Entry[] = [];
    for (const pair of node.items as Pair[]) {
      const keyAt = startOf(pair.key, at);
      const key = this.#keyText(pair.key, path, keyAt);
      if (key === undefined) continue;
      const first = seen.get(key);
      if (first !== undefined) {
        this.#complain(
          [...path, key],
          keyAt,
          `the key is there twice, first in line ${this.#at(first).line}`,
          "it once",
        );
        continue;
      }
      seen.set(key, keyAt);
      entries.push({ key, pair, keyAt });
    }
    return entries;
  }

  #keyText(key: Node, path: Path, at: number): string | undefined {
    if (isScalar(key) && key.value !== null) return this.#fill(key, path, at).text;
    this.#complain(path, at, "a key that is not text", "a plain word");
    return undefined;
  }

  #scalar(node: Scalar, path: Path, at: number): unknown {
    const plain = node.type === Scalar.PLAIN && typeof node.source === "string";
    const { text, changed } = this.#fill(node, path, at);
    if (this.#source.isText(path)) return node.value === null && !changed ? null : text;
    if (!changed) return node.value;
    if (!plain) return text;
    this.#filled.set(keyOf(path), text);
    return plainValue(text);
  }

  #fill(node: Scalar, path: Path, at: number): { text: string; changed: boolean } {
    const written = node.type === Scalar.PLAIN && typeof node.source === "string" ? node.source : String(node.value);
    const { text, complaints } = interpolate(written, this.#source.env);
    const raw = this.#source.text.slice(at, node.range?.[1] ?? at);
    if (complaints.length > 0) this.#spoilt.add(pathText(path));
    for (const { at: part, what, expected } of complaints)
      this.#complain(path, at + Math.max(0, raw.indexOf(part)), what, expected);
    return { text, changed: text !== written };
  }

  #note(path: Path, value: number, key?: number): void {
    const before = this.#spots.get(keyOf(path));
    this.#spots.set(keyOf(path), {
      value: key === undefined ? value : (before?.value ?? value),
      ...(key === undefined ? {} : { key }),
    });
  }

  #nearest(path: Path): Spot {
    for (let length = path.length; length >= 0; length -= 1) {
      const spot = this.#spots.get(keyOf(path.slice(0, length)));
      // A child that is missing is best shown at its parent's key.
      if (spot !== undefined) return length === path.length ? spot : { value: spot.key ?? spot.value };
    }
    return { value: 0 };
  }

  #complain(path: Path, offset: number, what: string, expected?: string): void {
    const more = expected === undefined ? {} : { expected };
    this.#problems.push({ ...this.#at(offset), path: pathText(path), what, ...more });
  }

  #at(offset: number): { line: number; col: number } {
    const { line, col } = this.#source.lines.linePos(offset);
    return { line: Math.max(1, line), col: Math.max(1, col) };
  }
}

interface Entry {
  readonly key: string;
  readonly pair: Pair;
  readonly keyAt: number;
}

function isMerge({ key, pair }: Entry): boolean {
  return key === "<<" && isScalar(pair.key) && pair.key.type === Scalar.PLAIN;
}

function startOf(node: Node, fallback: number): number {
  const range = typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
  return Array.isArray(range) && typeof range[0] === "number" ? range[0] : fallback;
}

export function keyOf(path: Path): string {
  return path.join("\u0000");
}

/** What YAML 1.2 makes of a plain scalar. */
function plainValue(text: string): unknown {
  if (/^(?:~|null|Null|NULL)?$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  return /^[-+]?(?:\d+|\d*\.\d+|\d+\.\d*)(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : text;
}

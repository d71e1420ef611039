// YAML that knows where each of its parts stands. Written by hand, so that places do not come from the parser that is
// being tried. A map is a list of entries: a key may be there twice.

export class Scalar {
  /** As it stands in the file. */
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export class List {
  readonly items: Node[];
  constructor(items: Node[]) {
    this.items = items;
  }
}

export class Entry {
  key: string;
  value: Node;
  constructor(key: string, value: Node) {
    this.key = key;
    this.value = value;
  }
}

export class Mapping {
  readonly entries: Entry[];
  constructor(entries: Entry[]) {
    this.entries = entries;
  }
}

export type Node = Scalar | List | Mapping;

/** Plain values as a tree of their own: what is changed in it is changed nowhere else. */
export function toNode(value: unknown): Node {
  if (Array.isArray(value)) return new List(value.map(toNode));
  if (typeof value === "object" && value !== null)
    return new Mapping(Object.entries(value).map(([key, inner]) => new Entry(key, toNode(inner))));
  return new Scalar(JSON.stringify(value));
}

export function copyOf(node: Node): Node {
  if (node instanceof List) return new List(node.items.map(copyOf));
  if (node instanceof Mapping) return new Mapping(node.entries.map(({ key, value }) => new Entry(key, copyOf(value))));
  return new Scalar(node.text);
}

export type Place = { readonly line: number; readonly col: number };

export type Written = {
  readonly text: string;
  /** Of an entry: its key. Of a node: its value. */
  readonly place: (part: Node | Entry) => Place;
};

/** Two spaces for each level, a comment above every entry whose key has an even length: lines and keys do not go in step. */
export function write(root: Node, before = ""): Written {
  const writer = new Writer(before);
  writer.node(root, 0);
  const { text, places } = writer;
  return {
    text: `${text}\n`,
    place: (part) => {
      const at = places.get(part);
      if (at === undefined) throw new Error("this part was not written");
      return placeIn(text, at);
    },
  };
}

function placeIn(text: string, offset: number): Place {
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length, col: (lines.at(-1) ?? "").length + 1 };
}

class Writer {
  text: string;
  readonly places = new Map<Node | Entry, number>();

  constructor(before: string) {
    this.text = before;
  }

  node(node: Node, depth: number): void {
    if (node instanceof Mapping && node.entries.length > 0) this.#mapping(node, depth);
    else if (node instanceof List && node.items.length > 0) this.#list(node, depth);
    else this.#put(node, node instanceof Scalar ? node.text : node instanceof List ? "[]" : "{}");
  }

  #mapping(node: Mapping, depth: number): void {
    for (const [i, entry] of node.entries.entries()) {
      if (i > 0) this.#newLine(depth);
      else this.places.set(node, this.text.length);
      if (i > 0 && entry.key.length % 2 === 0) {
        this.text += "# a remark: with a colon";
        this.#newLine(depth);
      }
      this.#entry(entry, depth);
    }
  }

  #entry(entry: Entry, depth: number): void {
    this.#put(entry, plainKey(entry.key) ? entry.key : JSON.stringify(entry.key));
    this.text += ":";
    if (isNested(entry.value)) this.#newLine(depth + 1);
    else this.text += " ";
    this.node(entry.value, depth + 1);
  }

  #list(node: List, depth: number): void {
    for (const [i, item] of node.items.entries()) {
      if (i > 0) this.#newLine(depth);
      else this.places.set(node, this.text.length);
      this.text += "- ";
      this.node(item, depth + 1);
    }
  }

  #put(part: Node | Entry, text: string): void {
    this.places.set(part, this.text.length);
    this.text += text;
  }

  #newLine(depth: number): void {
    this.text += `\n${"  ".repeat(depth)}`;
  }
}

function isNested(node: Node): boolean {
  return (node instanceof Mapping && node.entries.length > 0) || (node instanceof List && node.items.length > 0);
}

/** Such a key needs no quotes. */
function plainKey(key: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_./-]*$/.test(key) && !/^(?:true|false|null|yes|no|y|n|on|off)$/i.test(key);
}

// Which file of a FileDescriptorSet defines which symbol. Reads only the fields it needs, by hand.

import { BinaryReader } from "@bufbuild/protobuf/wire";

/** One file: its bytes as they are served, and what it defines. */
type DescribedFile = {
  readonly bytes: Uint8Array;
  name: string;
  package: string;
  readonly dependencies: string[];
  /** Without the package. */
  readonly symbols: string[];
  /** Without the package. */
  readonly services: string[];
};

export class DescriptorIndex {
  private readonly files = new Map<string, DescribedFile>();
  private readonly definedIn = new Map<string, DescribedFile>();

  constructor(set: Uint8Array) {
    eachField(set, (field, reader) => {
      if (field !== 1) return false;
      const file = readFile(reader.bytes());
      this.files.set(file.name, file);
      const prefix = file.package === "" ? "" : `${file.package}.`;
      for (const symbol of [...file.symbols, ...file.services]) this.definedIn.set(prefix + symbol, file);
      return true;
    });
  }

  /** The file that defines this symbol, and all it depends on, itself first; undefined when nobody does. */
  filesOfSymbol(symbol: string): Uint8Array[] | undefined {
    const file = this.definedIn.get(symbol.replace(/^\./, ""));
    return file === undefined ? undefined : this.withDependencies(file);
  }

  filesOfName(name: string): Uint8Array[] | undefined {
    const file = this.files.get(name);
    return file === undefined ? undefined : this.withDependencies(file);
  }

  private withDependencies(first: DescribedFile): Uint8Array[] {
    const found = new Set<DescribedFile>([first]);
    for (const file of found) {
      for (const name of file.dependencies) {
        const dependency = this.files.get(name);
        if (dependency !== undefined) found.add(dependency);
      }
    }
    return [...found].map((file) => file.bytes);
  }
}

/** Field numbers of google.protobuf.FileDescriptorProto. */
function readFile(bytes: Uint8Array): DescribedFile {
  const file: DescribedFile = { bytes, name: "", package: "", dependencies: [], symbols: [], services: [] };
  eachField(bytes, (field, reader) => {
    if (field === 1) file.name = reader.string();
    else if (field === 2) file.package = reader.string();
    else if (field === 3) file.dependencies.push(reader.string());
    else if (field === 4) file.symbols.push(...symbolsOf(reader.bytes(), MESSAGE));
    else if (field === 5) file.symbols.push(...symbolsOf(reader.bytes(), ENUM));
    else if (field === 6) file.services.push(...symbolsOf(reader.bytes(), SERVICE));
    else return false;
    return true;
  });
  return file;
}

/** Which field of a declaration holds declarations of its own, and of which shape. */
type Shape = ReadonlyMap<number, Shape>;
const LEAF: Shape = new Map();
const ENUM: Shape = LEAF;
/** Methods. */
const SERVICE: Shape = new Map([[2, LEAF]]);
/** Fields, nested enums, and nested messages, which are of the same shape. */
const MESSAGE: Map<number, Shape> = new Map([
  [2, LEAF],
  [4, ENUM],
]);
MESSAGE.set(3, MESSAGE);

/** The declaration's name, and the names inside it after it and a dot. */
function symbolsOf(bytes: Uint8Array, shape: Shape): string[] {
  let name = "";
  const inside: string[] = [];
  eachField(bytes, (field, reader) => {
    const inner = shape.get(field);
    if (field === 1) name = reader.string();
    else if (inner !== undefined) inside.push(...symbolsOf(reader.bytes(), inner));
    else return false;
    return true;
  });
  return [name, ...inside.map((symbol) => `${name}.${symbol}`)];
}

/** Calls for each field; a field that the callback has not read is skipped. */
function eachField(bytes: Uint8Array, read: (field: number, reader: BinaryReader) => boolean): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (!read(tag >>> 3, reader)) reader.skip(tag & 7);
  }
}

// A tar archive (ustar) of small files, as the engine takes them in. Writes only.

const BLOCK = 512;

export type TarEntry = {
  /** Relative, with "/" between. */
  readonly path: string;
  readonly content: Buffer;
  readonly mode: number;
};

/** One archive in memory, owned by root. Throws RangeError on a path that the format cannot hold. */
export function tar(entries: readonly TarEntry[], modified: Date): Buffer {
  const parts: Buffer[] = [];
  for (const entry of entries) {
    parts.push(header(entry, modified), entry.content, Buffer.alloc(-entry.content.length & (BLOCK - 1)));
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function header(entry: TarEntry, modified: Date): Buffer {
  const block = Buffer.alloc(BLOCK);
  const [prefix, name] = split(entry.path);
  block.write(name, 0);
  octal(block, entry.mode, 100, 8);
  octal(block, 0, 108, 8);
  octal(block, 0, 116, 8);
  octal(block, entry.content.length, 124, 12);
  octal(block, Math.floor(modified.getTime() / 1000), 136, 12);
  block.write("        ", 148);
  block.write("0", 156);
  block.write("ustar\u000000", 257);
  block.write("root", 265);
  block.write("root", 297);
  block.write(prefix, 345);
  octal(
    block,
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return block;
}

/** The format has 155 bytes for folders and 100 for the rest. */
function split(path: string): [prefix: string, name: string] {
  const bytes = (text: string) => Buffer.byteLength(text);
  if (bytes(path) <= 100) return ["", path];
  for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (bytes(prefix) <= 155 && bytes(name) <= 100) return [prefix, name];
  }
  throw new RangeError(`the path ${path} is too long for a tar archive`);
}

function octal(block: Buffer, value: number, at: number, length: number): void {
  block.write(value.toString(8).padStart(length - 1, "0"), at, length - 1);
}

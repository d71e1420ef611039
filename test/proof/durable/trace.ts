// What strace saw of one process: which files were written and synced how far, and the acknowledgements in between. From
// it comes the folder as a machine would find it that lost its power right after one of them.

import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

/** To put before a command. The process stays our own child, and the tracer ends with it. */
export function tracing(file: string): readonly string[] {
  const calls = "openat,write,pwrite64,writev,fdatasync,fsync,rename,unlink,ftruncate";
  return [
    "strace",
    "-D",
    "-f",
    "--seccomp-bpf",
    "-y",
    "-q",
    "-s",
    "64",
    "-e",
    `trace=${calls}`,
    "-e",
    "signal=none",
    "-o",
    file,
    "--",
  ];
}

/** Once for each acknowledgement, whole or before it went on. */
export const ACKNOWLEDGED = /"ack \d+\\n"/g;

/** Bytes of each file of one folder that are surely on the disk, by name. */
export type Synced = ReadonlyMap<string, number>;
export type Acknowledgement = {
  readonly revision: bigint;
  /** What was on the disk when it was given. */
  readonly synced: Synced;
};

/** Only acknowledgements after which no file was removed or renamed: the folder still has what they rest on. */
export async function readTrace(file: string, folder: string): Promise<Acknowledgement[]> {
  const replay = new Replay(folder);
  for (const line of whole((await readFile(file, "latin1")).split("\n"))) replay.take(line);
  return replay.acknowledgements;
}

/** Other calls come between the two halves of one that waits; the first half says when it began. */
type Line = { readonly text: string; readonly moment: "begins" | "ends" | "both" };

function* whole(lines: readonly string[]): Generator<Line> {
  const begun = new Map<string, string>();
  for (const line of lines) {
    const [, pid = "", rest = ""] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (rest.endsWith(" <unfinished ...>")) {
      const text = rest.slice(0, -" <unfinished ...>".length);
      begun.set(pid, text);
      yield { text, moment: "begins" };
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)?.[1];
    if (resumed === undefined) yield { text: rest, moment: "both" };
    else yield { text: (begun.get(pid) ?? "") + resumed, moment: "ends" };
  }
}

class Replay {
  acknowledgements: Acknowledgement[] = [];
  readonly #folder: string;
  readonly #lengths = new Map<string, number>();
  readonly #synced = new Map<string, number>();
  /** How long a file was when the sync of it began. */
  readonly #syncing = new Map<string, number>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  take({ text, moment }: Line): void {
    const [, call = ""] = /^(\w+)\(/.exec(text) ?? [];
    const [, result = "-"] = /\)\s+= (-?\d+)/.exec(text) ?? [];
    if (call === "write" && moment !== "ends") this.#acknowledgement(text);
    const path = this.#pathOf(text);
    if (path === undefined) return;
    if (call.endsWith("sync") && moment !== "ends") this.#syncing.set(path, this.#lengths.get(path) ?? 0);
    if (moment !== "begins" && !result.startsWith("-")) this.#done(call, path, { text, result: Number(result) });
  }

  #done(call: string, path: string, { text, result }: { readonly text: string; readonly result: number }): void {
    switch (call) {
      case "openat":
        if (text.includes("O_TRUNC")) this.#lengths.set(path, 0);
        return;
      case "write":
        this.#lengths.set(path, (this.#lengths.get(path) ?? 0) + result);
        return;
      case "fdatasync":
      case "fsync":
        this.#synced.set(path, this.#syncing.get(path) ?? 0);
        return;
      case "rename":
        this.#rename(text);
        return;
      case "unlink":
        this.#forget(path);
        return;
      default:
        throw new Error(`this check does not know what to make of ${text}`);
    }
  }

  #acknowledgement(text: string): void {
    const revision = /^write\(\d+<[^>]*>, "ack (\d+)\\n"/.exec(text)?.[1];
    if (revision === undefined) return;
    this.acknowledgements.push({ revision: BigInt(revision), synced: new Map(this.#synced) });
  }

  /** A rename is taken for lasting at once. */
  #rename(text: string): void {
    const [from, to] = [...text.matchAll(/"([^"]*)"/g)].map(([, path]) => path ?? "");
    if (from === undefined || to === undefined) return;
    this.#synced.set(to, this.#synced.get(from) ?? 0);
    this.#lengths.set(to, this.#lengths.get(from) ?? 0);
    this.#forget(from);
  }

  #forget(path: string): void {
    this.#synced.delete(path);
    this.#lengths.delete(path);
    this.acknowledgements = [];
  }

  /** The file it is about, when that lies in the folder. */
  #pathOf(text: string): string | undefined {
    const path = /^\w+\(\d+<([^>]*)>/.exec(text)?.[1] ?? /"([^"]*)"/.exec(text)?.[1];
    return path?.startsWith(`${this.#folder}/`) ? path : undefined;
  }
}

/** A copy of the folder in which each file ends where it was last synced; what was never synced is not there. */
export async function cutBack(folder: string, synced: Synced, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  for (const [path, length] of synced) {
    if (length === 0) continue;
    const bytes = Buffer.alloc(length);
    const file = await open(join(folder, basename(path)));
    const { bytesRead } = await file.read(bytes, 0, length, 0).finally(() => file.close());
    if (bytesRead < length) throw new Error(`${path} has ${bytesRead} bytes, ${length} were synced`);
    await writeFile(join(target, basename(path)), bytes);
  }
}

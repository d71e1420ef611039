// Theseus as its users have it: the server and the command line as child processes of bin/theseus.js.

import { fileURLToPath } from "node:url";
import { Child, type Ended, type RunOptions, run } from "./child.js";
import { until } from "./until.js";

export const BIN = fileURLToPath(new URL("../../bin/theseus.js", import.meta.url));

export type ServerOptions = {
  /** Which store it has: an etcd's endpoint, or the flags that say so. */
  readonly etcd?: string;
  readonly store?: readonly string[];
  readonly dockerSocket?: string;
  readonly flags?: readonly string[];
  /** Where its viewer is served. Default: nowhere. */
  readonly viewer?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What to put before a command so that it runs in another network namespace, as the server then does. */
  readonly inside?: readonly string[];
  /** Another build's bin/theseus.js. */
  readonly bin?: string;
  /** Ends the waiting for its first word. */
  readonly signal?: AbortSignal;
};

/** Where a server listens, as it says itself on its first line; what is off is absent. */
export type Listeners = {
  readonly grpc: string;
  readonly discovery?: string;
  readonly http?: string;
  readonly viewer?: string;
  readonly storeListen?: string;
};

export class RunningServer {
  readonly child: Child;
  readonly listeners: Listeners;
  readonly #inside: readonly string[];

  constructor(child: Child, listeners: Listeners, inside: readonly string[] = []) {
    this.child = child;
    this.listeners = listeners;
    this.#inside = inside;
  }

  /** One command of the command line, against this server. */
  theseus(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return theseus(this.listeners.grpc, args, { ...options, inside: this.#inside });
  }
}

/** Starts a server on free ports, with the machine's engine unless told otherwise, and waits until it listens. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const engine = options.dockerSocket === undefined ? [] : ["--docker", `unix://${options.dockerSocket}`];
  const { inside = [], bin = BIN, flags = [], store = ["--etcd", options.etcd ?? ""] } = options;
  const where = [...store, ...engine, "--listen", "127.0.0.1:0", "-o", "json"];
  const [program = "", ...args] = [...inside, process.execPath, bin, "server", "start", ...where, ...flags];
  const child = new Child(program, args, {
    env: cleanEnvironment({ THESEUS_LISTEN_VIEWER: options.viewer ?? "none", ...options.env }),
  });
  try {
    const waiting = {
      withinMs: 20_000,
      everyMs: 5,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    };
    return new RunningServer(child, await until("the server's addresses", () => firstLine(child), waiting), inside);
  } catch (error) {
    await child.kill9();
    throw new Error(`the server did not start: ${child.stderr}${child.stdout}`, { cause: error });
  }
}

/** One command of the command line, to its end. */
export function theseus(
  server: string,
  args: readonly string[],
  { inside = [], ...options }: RunOptions & { readonly inside?: readonly string[] } = {},
): Promise<Ended> {
  const env = cleanEnvironment({ THESEUS_SERVER: server, NO_COLOR: "1", ...options.env });
  const [program = "", ...all] = [...inside, process.execPath, BIN, ...args];
  return run(program, all, { ...options, env });
}

function firstLine(child: Child): Listeners | undefined {
  if (child.hasEnded) throw new Error("it ended");
  const line = child.stdout.split("\n").find((text) => text.startsWith("{"));
  if (line === undefined || !child.stdout.includes(`${line}\n`)) return undefined;
  return JSON.parse(line) as Listeners;
}

/** What the person at the keyboard has set for their own Theseus is not meant for this one. */
function cleanEnvironment(env: Readonly<Record<string, string>> = {}): Record<string, string> {
  const theirs = Object.keys(process.env).filter((name) => name.startsWith("THESEUS_"));
  return { ...Object.fromEntries(theirs.map((name) => [name, ""])), ...env };
}

// Theseus as its users have it: the server and the command line as child processes of bin/theseus.js.

import { fileURLToPath } from "node:url";
import { Child, type Ended, type RunOptions, run } from "./child.js";
import { until } from "./until.js";

const BIN = fileURLToPath(new URL("../../bin/theseus.js", import.meta.url));

export type ServerOptions = {
  /** Endpoint of the store. */
  readonly etcd: string;
  readonly dockerSocket?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Another build's bin/theseus.js. */
  readonly bin?: string;
  /** Ends the waiting for its first word. */
  readonly signal?: AbortSignal;
};

/** Where a server listens, as it says itself on its first line; what is off is absent. */
export type Listeners = { readonly grpc: string; readonly discovery?: string; readonly http?: string };

export class RunningServer {
  readonly child: Child;
  readonly listeners: Listeners;

  constructor(child: Child, listeners: Listeners) {
    this.child = child;
    this.listeners = listeners;
  }

  /** One command of the command line, against this server. */
  theseus(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return theseus(this.listeners.grpc, args, options);
  }
}

/** Starts a server on free ports, with the machine's engine unless told otherwise, and waits until it listens. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const engine = options.dockerSocket === undefined ? [] : ["--docker", `unix://${options.dockerSocket}`];
  const where = ["--etcd", options.etcd, ...engine, "--listen", "127.0.0.1:0", "-o", "json"];
  const args = [options.bin ?? BIN, "server", "start", ...where, ...(options.flags ?? [])];
  const child = new Child(process.execPath, args, { env: cleanEnvironment(options.env) });
  try {
    const waiting = {
      withinMs: 20_000,
      everyMs: 5,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    };
    return new RunningServer(child, await until("the server's addresses", () => firstLine(child), waiting));
  } catch (error) {
    await child.kill9();
    throw new Error(`the server did not start: ${child.stderr}${child.stdout}`, { cause: error });
  }
}

/** One command of the command line, to its end. */
export function theseus(server: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const env = cleanEnvironment({ THESEUS_SERVER: server, NO_COLOR: "1", ...options.env });
  return run(process.execPath, [BIN, ...args], { ...options, env });
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

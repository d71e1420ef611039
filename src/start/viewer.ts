// The viewer beside a server: a process of its own, so that a busy viewer never costs the leader its office. It is started
// again when it dies, ends with this process however that ends, and never keeps the server from starting.

import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { type Address, formatAddress } from "../config/address.js";
import { type ViewerConfig, viewerFlags } from "../config/viewer.js";
import { refusedBind } from "../grpc/bind.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock, Logger } from "../model/ports.js";
import { endsWithin } from "./later.js";

const PROGRAM = "bin/theseus.js";
const FIRST_PAUSE: Milliseconds = SECOND;
const LONGEST_PAUSE: Milliseconds = 30 * SECOND;
/** One that has lived so long was well. */
const GOES_WELL: Milliseconds = 60 * SECOND;
const STOP_WITHIN: Milliseconds = 2 * SECOND;
/** Of what it says for people to read, in one go. */
const MOST_SAID = 2_000;

export type ViewerParts = {
  readonly clock: Clock;
  readonly log: Logger;
  /** Where the program is, and what starts it; default: bin/theseus.js with node's own fork(). */
  readonly program?: () => string | undefined;
  readonly start?: (program: string, flags: readonly string[]) => ChildProcess;
};

/**
 * The same with a port that is free just now. Undefined: there is no viewer, or its usual address is taken, which is
 * logged. Fails as a listener of the server does when a person asked for that address.
 */
export async function placeOfViewer(viewer: ViewerConfig | undefined, log: Logger): Promise<ViewerConfig | undefined> {
  if (viewer === undefined) return undefined;
  try {
    return { ...viewer, address: await tryOut(viewer.address) };
  } catch (error) {
    const refused = refusedBind(viewer.address, error as Error);
    if (viewer.isAsked) throw refused;
    const why = refused.facts.why?.join("; ");
    log.warn(
      { address: formatAddress(viewer.address), why },
      "no viewer: its address is taken; --listen-viewer HOST:PORT",
    );
    return undefined;
  }
}

/** Listens there for a moment. */
function tryOut({ host, port }: Address): Promise<Address> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host, port }, () => {
      const bound = server.address();
      const known = typeof bound === "object" && bound !== null ? bound.port : port;
      server.close(() => resolve({ host, port: known }));
    });
  });
}

/** Until the signal says so; resolves once the process has ended. Never rejects. */
export async function keepViewer(
  viewer: ViewerConfig | undefined,
  grpc: string,
  parts: ViewerParts,
  signal: AbortSignal,
): Promise<void> {
  if (viewer === undefined) return;
  const { clock, log } = parts;
  const program = (parts.program ?? ownProgram)();
  if (program === undefined) {
    log.warn({ program: PROGRAM }, "no viewer: its program is not beside this one");
    return;
  }
  const flags = viewerFlags(viewer, grpc);
  for (let pause = FIRST_PAUSE; !signal.aborted; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    const began = clock.monotonic();
    const end = await runOnce(() => (parts.start ?? forked)(program, flags), { clock, log }, signal);
    if (signal.aborted) return;
    if (clock.monotonic() - began > GOES_WELL) pause = FIRST_PAUSE;
    log.warn({ end, again: `in ${pause / SECOND} s` }, "the viewer ended");
    await clock.sleep(pause, signal).catch(() => undefined);
  }
}

/** Beside the compiled program or in the checkout. */
function ownProgram(): string | undefined {
  const places = [`../../../${PROGRAM}`, `../../${PROGRAM}`];
  return places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((path) => existsSync(path));
}

/** It sees that this process is gone by its end of the channel. */
function forked(program: string, flags: readonly string[]): ChildProcess {
  return fork(program, flags, { stdio: ["ignore", "ignore", "pipe", "ipc"] });
}

/** One process to its end, and how it ended, in words; also where it could not be started. */
async function runOnce(
  start: () => ChildProcess,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
  signal: AbortSignal,
): Promise<string> {
  let child: ChildProcess;
  try {
    child = start();
  } catch (error) {
    return `not started: ${(error as Error).message}`;
  }
  listen(child, log);
  const ended = endOf(child);
  const stop = (): void => void end(child, ended, clock);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const how = await ended;
  signal.removeEventListener("abort", stop);
  return how;
}

/** What it tells this process, and what it says for people to read. */
function listen(child: ChildProcess, log: Logger): void {
  child.on("message", (told: { readonly viewer?: unknown; readonly problem?: unknown } | null) => {
    if (typeof told?.viewer === "string") log.info({ url: `http://${told.viewer}` }, "the viewer listens");
    if (typeof told?.problem === "string") log.warn({ problem: told.problem }, "the viewer cannot listen");
  });
  child.stderr?.on("error", () => undefined);
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    log.warn({ said: text.trimEnd().slice(0, MOST_SAID) }, "the viewer says");
  });
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("exit", (code, by) => resolve(code === null ? `by ${by}` : `exit ${code}`));
  });
}

async function end(child: ChildProcess, ended: Promise<string>, clock: Clock): Promise<void> {
  child.kill("SIGTERM");
  if (!(await endsWithin(clock, STOP_WITHIN, ended))) child.kill("SIGKILL");
}

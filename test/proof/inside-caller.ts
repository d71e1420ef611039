// What runs inside a container of the proof "inside". `serve`: a web server that says who it is. `ask PLAN`: calls what
// the plan names, with the addresses that were injected into the container, and prints what came of it. Judges nothing.

import { createServer } from "node:http";
import { connect } from "node:net";
import { callUnary, type GroupName, lookUp, type SeenEndpoint } from "./raw-grpc.js";

/** The request as hexadecimal digits. */
export type PlannedCall = { readonly method: string; readonly request: string };

export type AskPlan = {
  /** Instead of what was injected. */
  readonly env?: Readonly<Record<string, string>>;
  readonly groups: readonly GroupName[];
  readonly calls: readonly PlannedCall[];
  /** Addresses as "host:port" that are tried. */
  readonly addresses: readonly string[];
};

/** What a caller got, or why it got nothing. */
export type Outcome<T> = { readonly what: string; readonly got?: T; readonly problem?: string };

export type Seen = {
  /** Who answered at the container's own advertised endpoint. */
  readonly own: Outcome<string>;
  readonly lookups: readonly Outcome<readonly SeenEndpoint[]>[];
  /** Who answered at each endpoint that a lookup named; `what` is its name. */
  readonly endpoints: readonly Outcome<string>[];
  /** The status of each call. */
  readonly calls: readonly Outcome<number>[];
  readonly connects: readonly Outcome<"connected">[];
};

const WITHIN_MS = 5000;

async function outcome<T>(what: string, work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { what, got: await work() };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return { what, problem: code ?? String(error) };
  }
}

async function whoAnswers(address: string, port: number | string): Promise<string> {
  const answer = await fetch(`http://${address}:${port}/`, { signal: AbortSignal.timeout(WITHIN_MS) });
  return ((await answer.json()) as { container: string }).container;
}

function tryConnect(address: string): Promise<"connected"> {
  const [, host = "", port] = /^(.*):(\d+)$/.exec(address) ?? [];
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), timeout: WITHIN_MS });
    socket.on("connect", () => {
      socket.destroy();
      resolve("connected");
    });
    socket.on("timeout", () => socket.destroy(new Error("no answer")));
    socket.on("error", reject);
  });
}

async function ask({ env, groups, calls, addresses }: AskPlan): Promise<Seen> {
  const given: Readonly<Record<string, string | undefined>> = { ...process.env, ...env };
  const { THESEUS_SERVER = "", CONTAINER_HOST_ADDRESS = "", PORT_HTTP = "" } = given;
  const servers = THESEUS_SERVER.split(",");
  const lookups = await Promise.all(
    servers.flatMap((server) => groups.map((group) => outcome(group.service, () => lookUp(server, group)))),
  );
  const found = lookups.flatMap(({ got }) => got ?? []);
  return {
    lookups,
    own: await outcome("own endpoint", () => whoAnswers(CONTAINER_HOST_ADDRESS, PORT_HTTP)),
    endpoints: await Promise.all(
      found.map(({ name, address, port }) => outcome(name, () => whoAnswers(address, port))),
    ),
    calls: await Promise.all(
      servers.flatMap((server) => calls.map((call) => outcome(call.method, () => make(server, call)))),
    ),
    connects: await Promise.all(addresses.map((address) => outcome(address, () => tryConnect(address)))),
  };
}

async function make(server: string, { method, request }: PlannedCall): Promise<number> {
  return (await callUnary(server, method, Buffer.from(request, "hex"))).code;
}

function serve(): void {
  const { CONTAINER_NAME: container } = process.env;
  const body = JSON.stringify({ container });
  createServer((_, answer) => answer.end(body)).listen(8080);
}

if (process.argv[2] === "serve") serve();
else console.log(JSON.stringify(await ask(JSON.parse(process.argv[3] ?? "") as AskPlan)));

// One Docker Engine as requests and answers: lazy connection, negotiated API version, a deadline on each call.
// Knows nothing of containers.

import { Agent } from "node:http";
import type { Duplex, Readable } from "node:stream";
import { inspect } from "node:util";
import type Docker from "dockerode";
import { isReason, type TheseusError } from "../model/errors.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock } from "../model/ports.js";
import { within } from "./deadline.js";
import type { Endpoint } from "./engine-url.js";
import { readFailure, unreachable } from "./failure.js";

/** The newest API version whose words this code knows. */
const NEWEST_KNOWN = "1.51";
const NEGOTIATION: Milliseconds = 5 * SECOND;
/** Connections that wait for the next question. */
const LOOKING_KEPT = 4;
const OK: Record<number, boolean> = { 200: true, 201: true, 202: true, 204: true, 304: true };

export type EngineRequest = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: object;
  /** A tar archive. */
  readonly file?: Buffer;
  /** Encoded credentials for a registry; never logged. */
  readonly registryAuth?: string;
  readonly deadline: Milliseconds;
  /** What a passed deadline means, when it is not HOST_UNREACHABLE. */
  readonly late?: () => TheseusError;
  /** Nobody waits for the answer any more once it is aborted: fails with its reason. */
  readonly until?: AbortSignal;
  /** Over the one kept connection, see connection(). */
  readonly kept?: true;
};

export type Engine = {
  readonly host: string;
  /** The answer's JSON. EngineRefusal when the engine refuses, HOST_UNREACHABLE when there is no answer in time. */
  call<T>(request: EngineRequest): Promise<T>;
  /** The answer's body as it comes; the deadline is for its beginning, the signal for the whole. */
  stream(request: EngineRequest, signal: AbortSignal): Promise<Readable>;
  /** Counts the connections behind `kept` calls: while it stands still, the same engine process has answered them. */
  connection(): number;
};

type Clients = {
  readonly plain: Docker["modem"];
  /** For what changes nothing: it may be asked again when its connection was dead. */
  readonly looking: Docker["modem"];
  readonly kept: Docker["modem"];
};

/**
 * The library writes out every request with all that hangs on it, also when nobody reads that; an agent with its open
 * sockets takes 10 ms each time. This one is a word.
 */
class BriefAgent extends Agent {
  [inspect.custom](): string {
    return "agent";
  }
}

/** One connection at a time, kept open, and counted. */
class KeptAgent extends BriefAgent {
  connections = 0;

  constructor() {
    super({ keepAlive: true, maxSockets: 1 });
  }

  override createConnection(...args: Parameters<Agent["createConnection"]>): Duplex {
    this.connections++;
    return super.createConnection(...args);
  }
}

export function createEngine(host: string, endpoint: Endpoint, clock: Clock): Engine {
  const kept = new KeptAgent();
  // A kept connection may die unseen under a restarted engine; for changes that would be an unknown outcome.
  const plain = new BriefAgent({ keepAlive: false });
  const looking = new BriefAgent({ keepAlive: true, maxFreeSockets: LOOKING_KEPT });
  const late = (length: Milliseconds) => unreachable(host, endpoint.text, `it did not answer in ${length / SECOND} s`);
  let clients: Promise<Clients> | undefined;
  const connected = (): Promise<Clients> => {
    clients ??= connect(endpoint, { plain, looking, kept }, (work) =>
      within(clock, NEGOTIATION, work, () => late(NEGOTIATION)),
    );
    return clients;
  };

  const attempt = async (request: EngineRequest, signal?: AbortSignal): Promise<unknown> => {
    try {
      return await within(
        clock,
        request.deadline,
        async (expiry) => {
          const of = await connected();
          const others = [signal, request.until].filter((one) => one !== undefined);
          const end = others.length === 0 ? expiry : AbortSignal.any([expiry, ...others]);
          return await dial(modemFor(of, request, signal), request, end, signal !== undefined);
        },
        request.late ?? (() => late(request.deadline)),
      );
    } catch (error) {
      request.until?.throwIfAborted();
      const failure = readFailure(error, host, endpoint.text);
      // Another engine may answer next time, with another version.
      if (isReason(failure, "HOST_UNREACHABLE") || /client version .* is too/.test(failure.message))
        clients = undefined;
      throw failure;
    }
  };

  return {
    host,
    call: <T>(request: EngineRequest) => attempt(request) as Promise<T>,
    stream: (request, signal) => attempt(request, signal) as Promise<Readable>,
    connection: () => kept.connections,
  };
}

function modemFor({ plain, looking, kept }: Clients, request: EngineRequest, signal?: AbortSignal): Docker["modem"] {
  if (request.kept) return kept;
  return request.method === "GET" && signal === undefined ? looking : plain;
}

/** Loads the library, which takes a third of a second, and asks the engine for its version. */
async function connect(
  endpoint: Endpoint,
  agents: { readonly plain: Agent; readonly looking: Agent; readonly kept: Agent },
  bounded: (work: (signal: AbortSignal) => Promise<unknown>) => Promise<unknown>,
): Promise<Clients> {
  const { default: Client } = await import("dockerode");
  const client = (options: Docker.DockerOptions & { agent: Agent }) =>
    new Client({ ...address(endpoint), ...options } as Docker.DockerOptions).modem;
  const first = client({ agent: agents.plain });
  const request: EngineRequest = { method: "GET", path: "/version", deadline: NEGOTIATION };
  const version = `v${pickVersion((await bounded((signal) => dial(first, request, signal))) as EngineVersions)}`;
  const of = (agent: Agent) => client({ agent, version });
  return { plain: of(agents.plain), looking: of(agents.looking), kept: of(agents.kept) };
}

/** Every option that the library would else take from the environment is given, if only as undefined. */
function address(endpoint: Endpoint): object {
  const own = { protocol: "http", ca: undefined, cert: undefined, key: undefined, timeout: undefined };
  switch (endpoint.kind) {
    case "socket":
      return { ...own, socketPath: endpoint.path, host: undefined, port: undefined };
    case "loopback":
      return { ...own, host: endpoint.hostname, port: endpoint.port, socketPath: undefined };
  }
}

type EngineVersions = { readonly ApiVersion?: string; readonly MinAPIVersion?: string };

/** The newest version that both sides know; an engine that has forgotten ours is asked in its oldest. */
export function pickVersion(engine: EngineVersions): string {
  const newest = engine.ApiVersion ?? NEWEST_KNOWN;
  const common = minor(newest) < minor(NEWEST_KNOWN) ? newest : NEWEST_KNOWN;
  const oldest = engine.MinAPIVersion ?? common;
  return minor(oldest) > minor(common) ? oldest : common;
}

function minor(version: string): number {
  return Number(version.split(".")[1] ?? 0);
}

function dial(
  modem: Docker["modem"],
  request: EngineRequest,
  abortSignal: AbortSignal,
  isStream = false,
): Promise<unknown> {
  const { query, body, file, registryAuth } = request;
  return new Promise((resolve, reject) => {
    modem.dial(
      {
        method: request.method,
        path: query === undefined ? request.path : `${request.path}?`,
        options: { ...(query === undefined ? {} : { _query: query }), _body: body ?? {} },
        statusCodes: OK,
        isStream,
        abortSignal,
        ...(file === undefined ? {} : { file }),
        ...(registryAuth === undefined ? {} : { authconfig: { base64: registryAuth } }),
      },
      (error, answer) => (error === null ? resolve(answer) : reject(error)),
    );
  });
}

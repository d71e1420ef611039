// A socket before a Docker Engine's that counts the calls which change something, and can hold one of them back for
// ever: right before it reaches the engine, or right before its answer reaches the caller.

import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Gate } from "./gate.js";

/** Where a call is held: the engine never hears of it, or has done it and nobody is told. */
export type HoldPoint = "unheard" | "unanswered";

/** A call that changes something, with its ids and names. */
export type SeenCall = {
  readonly method: string;
  readonly path: string;
  /** Milliseconds since 1970, of its coming. */
  readonly at: number;
  /** The same, of its going on to the engine; undefined: it is held. */
  passedAt: number | undefined;
};

/** Nobody answers: connections are broken, or stay open with nothing in them. */
export type Cut = "refused" | "swallowed";

type Hold = { readonly call: number; readonly point: HoldPoint; readonly reached: () => void };

export class EngineProxy {
  readonly socket: string;
  /** Every changing call, in the order of their coming; never forgotten. */
  readonly calls: SeenCall[] = [];
  /** Asked of each when it comes. */
  gate: (call: SeenCall) => Gate | undefined = () => undefined;
  /** Asked of every call: whether nobody ever answers it. */
  ignores: (call: Pick<SeenCall, "method" | "path">) => boolean = () => false;
  /** Asked of every call: an answer in place of the engine's. */
  answerFor: (call: Pick<SeenCall, "method" | "path">) => object | undefined = () => undefined;
  readonly #folder: string;
  readonly #server: Server;
  readonly #target: string;
  readonly #leaveNothing = (): void => rmSync(this.#folder, { recursive: true, force: true });
  /** Of every changing call since the last reset, like "POST /containers/create". */
  #changes: string[] = [];
  #listings = 0;
  #hold: Hold | undefined;
  #cut: Cut | undefined;

  private constructor(folder: string, target: string) {
    this.#folder = folder;
    this.#target = target;
    this.socket = join(folder, "docker.sock");
    this.#server = createServer((asked, answer) => this.#relay(asked, answer));
    process.once("exit", this.#leaveNothing);
  }

  static async start(target = "/var/run/docker.sock"): Promise<EngineProxy> {
    const proxy = new EngineProxy(await mkdtemp(join(tmpdir(), "theseus-proxy-")), target);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.on("error", reject);
      proxy.#server.listen(proxy.socket, resolve);
    });
    return proxy;
  }

  get changes(): readonly string[] {
    return this.#changes;
  }

  /** How often all containers were listed since the last reset. */
  get listings(): number {
    return this.#listings;
  }

  /** Counts from 0 again, and holds nothing. */
  reset(): void {
    this.#changes = [];
    this.#listings = 0;
    this.#hold = undefined;
  }

  /** Resolves when the changing call of that number (from 1, since the last reset) is held. Its caller waits for ever. */
  holdAt(call: number, point: HoldPoint): Promise<void> {
    return new Promise((reached) => {
      this.#hold = { call, point, reached };
    });
  }

  /** From now on whoever is behind this proxy has lost the engine; what was under way is broken. */
  cut(how: Cut): void {
    this.#cut = how;
    this.#server.closeAllConnections();
  }

  /** The engine is back; who waited in vain has to ask again. */
  mend(): void {
    this.#cut = undefined;
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#folder, { recursive: true, force: true });
    process.off("exit", this.#leaveNothing);
  }

  #relay(asked: IncomingMessage, answer: ServerResponse): void {
    if (this.#cut === "refused") answer.destroy();
    if (this.#cut !== undefined) return;
    const call = { method: asked.method ?? "", path: asked.url ?? "" };
    if (this.ignores(call)) return;
    const instead = this.answerFor(call);
    if (instead !== undefined) return void answer.writeHead(200, JSON_BODY).end(JSON.stringify(instead));
    const held = this.#note(asked);
    const seen = isChange(asked) ? this.#remember(asked) : undefined;
    const gate = seen === undefined ? undefined : this.gate(seen);
    const goOn = (): void => {
      if (seen !== undefined) seen.passedAt = Date.now();
      this.#pass(asked, answer, { held, gate });
    };
    if (held?.point === "unheard") held.reached();
    else if (gate?.before === undefined) goOn();
    else void gate.before().then(goOn);
  }

  #remember({ method = "", url: path = "" }: IncomingMessage): SeenCall {
    const call = { method, path, at: Date.now(), passedAt: undefined };
    this.calls.push(call);
    return call;
  }

  #pass(asked: IncomingMessage, answer: ServerResponse, { held, gate }: Holding): void {
    const { method, url: path, headers } = asked;
    const sent = request({ socketPath: this.#target, method, path, headers, agent: false });
    asked.on("error", () => sent.destroy());
    answer.on("error", () => sent.destroy());
    answer.on("close", () => sent.destroy());
    sent.on("error", () => answer.destroy());
    sent.on("response", (got) => {
      if (held !== undefined) held.reached();
      else if (gate?.after === undefined) handOn(got, answer);
      else void gate.after().then(() => handOn(got, answer));
    });
    asked.pipe(sent);
  }

  /** Counts it if it changes something; the hold that is meant for it. */
  #note(asked: IncomingMessage): Hold | undefined {
    if (!isChange(asked)) {
      if (asked.url?.includes("/containers/json")) this.#listings++;
      return undefined;
    }
    this.#changes.push(`${asked.method} ${withoutIds(asked.url ?? "")}`);
    return this.#hold?.call === this.#changes.length ? this.#hold : undefined;
  }
}

const JSON_BODY = { "Content-Type": "application/json" };

type Holding = { readonly held: Hold | undefined; readonly gate: Gate | undefined };

const isChange = ({ method }: IncomingMessage): boolean => method !== "GET" && method !== "HEAD";

function handOn(got: IncomingMessage, answer: ServerResponse): void {
  answer.writeHead(got.statusCode ?? 502, got.headers);
  answer.flushHeaders();
  got.on("error", () => answer.destroy());
  got.pipe(answer);
}

const withoutIds = (url: string): string =>
  url
    .replace(/\?.*/, "")
    .replace(/^\/v[\d.]+/, "")
    .replaceAll(/[0-9a-f]{64}/g, "ID");

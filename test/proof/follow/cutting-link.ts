// A proxy between a watcher and a server that breaks the connection inside what it carries: a snapshot, a delta, a
// bookmark, an answer to an acknowledgement, or the request.

import { connect, createServer, type Server, type Socket } from "node:net";
import { DATA, type Frame, FrameSplitter, fieldsOf, MessageJoiner } from "../gap/frames.js";

export type CutKind = "snapshot" | "delta" | "bookmark" | "other answer" | "request";
export type Cuts = Record<CutKind, number>;

export const noCuts = (): Cuts => ({ snapshot: 0, delta: 0, bookmark: 0, "other answer": 0, request: 0 });

/** Of the connections of one watcher: so many are still to be cut. */
export class Shears {
  wanted = 0;
  /** Frames that are let through before the next cut. */
  #spared = 0;
  readonly #cuts: Cuts;
  readonly #chance: () => number;

  constructor(cuts: Cuts, chance: () => number) {
    this.#cuts = cuts;
    this.#chance = chance;
  }

  /** Where in something of that many bytes to cut; undefined: not here. */
  place(kind: () => CutKind, length: number): number | undefined {
    if (this.wanted === 0 || length < 2 || this.#spared-- > 0) return undefined;
    this.#cuts[kind()]++;
    this.wanted--;
    this.#spared = this.#chance() < 0.5 ? 0 : Math.floor(this.#chance() * 8);
    return 1 + Math.floor(this.#chance() * (length - 1));
  }

  /** Now and then a request is cut too. */
  placeInRequest(length: number): number | undefined {
    return this.#chance() < 0.05 ? this.place(() => "request", length) : undefined;
  }
}

export class CuttingLink {
  readonly #target: () => string;
  readonly #shears: Shears;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #refusing = false;

  private constructor(target: () => string, shears: Shears) {
    this.#target = target;
    this.#shears = shears;
    this.#server = createServer((client) => this.#accepted(client));
  }

  /** @param target asked for each connection: "host:port". */
  static async start(target: () => string, shears: Shears): Promise<CuttingLink> {
    const link = new CuttingLink(target, shears);
    await new Promise<void>((resolve, reject) => {
      link.#server.on("error", reject);
      link.#server.listen(0, "127.0.0.1", resolve);
    });
    return link;
  }

  get address(): string {
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("the link has no port");
    return `127.0.0.1:${address.port}`;
  }

  /** Breaks what there is and takes nothing new until open(). */
  shut(): void {
    this.#refusing = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  open(): void {
    this.#refusing = false;
  }

  async close(): Promise<void> {
    this.shut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accepted(client: Socket): void {
    client.on("error", () => undefined);
    if (this.#refusing) {
      client.destroy();
      return;
    }
    const [host = "", port = ""] = this.#target().split(":");
    const target = connect(Number(port), host);
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      this.#sockets.add(one);
      one.setNoDelay(true);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
    this.#join(client, target);
  }

  #join(client: Socket, target: Socket): void {
    const answers = new FrameSplitter("server");
    const messages = new Map<number, Message>();
    let isCut = false;
    const cut = (socket: Socket, bytes: Buffer): void => {
      isCut = true;
      socket.write(bytes, () => socket.destroy());
    };
    client.on("data", (chunk: Buffer) => {
      if (isCut) return;
      const at = this.#shears.placeInRequest(chunk.length);
      if (at === undefined) target.write(chunk);
      else cut(target, chunk.subarray(0, at));
    });
    target.on("data", (chunk: Buffer) => {
      for (const frame of isCut ? [] : answers.take(chunk)) {
        const at = this.#placeIn(frame, messages);
        if (at === undefined) client.write(frame.bytes);
        else return cut(client, frame.bytes.subarray(0, at));
      }
    });
  }

  #placeIn(frame: Frame, messages: Map<number, Message>): number | undefined {
    if (frame.type !== DATA) return undefined;
    const message = messages.get(frame.stream) ?? new Message();
    messages.set(frame.stream, message);
    message.take(frame.payload);
    const at = this.#shears.place(() => message.kind, frame.payload.length);
    return at === undefined ? undefined : at + frame.bytes.length - frame.payload.length;
  }
}

const CONTENT: Readonly<Record<number, CutKind>> = { 3: "snapshot", 4: "delta", 5: "bookmark" };
const MESSAGE_HEAD = 5;

/** What the newest message of a stream is, also when it comes in several frames. */
class Message {
  kind: CutKind = "other answer";
  readonly #joiner = new MessageJoiner();

  take(payload: Buffer): void {
    const begins = !this.#joiner.isInside;
    this.#joiner.take(payload);
    if (begins) this.kind = kindOf(payload.subarray(MESSAGE_HEAD));
  }
}

function kindOf(beginning: Buffer): CutKind {
  try {
    for (const { id } of fieldsOf(beginning)) {
      const kind = CONTENT[id];
      if (kind !== undefined) return kind;
    }
  } catch {
    // It was not a whole message.
  }
  return "other answer";
}

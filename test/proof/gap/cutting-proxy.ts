// A proxy before etcd that reads along and cuts a connection where it is told to: inside the answer of a range, inside
// an event of a watch that is up to date, or inside a watch that is still being brought up to date.

import { connect, createServer, type Server, type Socket } from "node:net";
import { until } from "../../support/until.js";
import { type Request, requestOf, type WatchAnswer, watchAnswerOf } from "./etcd-bytes.js";
import { DATA, END_STREAM, type Frame, FrameSplitter, HEADERS, MessageJoiner, RST_STREAM } from "./frames.js";

export type CutKind = "snapshot" | "event" | "catch-up";

export type Cuts = Record<CutKind, number> & {
  /** Catch-up cuts that followed another cut before the replay had ended. */
  doubled: number;
  /** Messages that etcd divided because they were too large. */
  fragments: number;
};

export const noCuts = (): Cuts => ({ snapshot: 0, event: 0, "catch-up": 0, doubled: 0, fragments: 0 });

type Stream = {
  readonly call: Request["call"];
  readonly answers: MessageJoiner;
  /** Up to there a watch has to replay to be up to date; undefined: it has not been created yet. */
  target: number | undefined;
  replayed: number;
};

export type ProxyFacts = {
  readonly targetPort: number;
  readonly cuts: Cuts;
  /** The newest revision that concerns the watched range, as far as is known. */
  readonly head: () => number;
  /** In [0, 1): where exactly to cut. */
  readonly chance: () => number;
};

export class CuttingProxy {
  readonly #facts: ProxyFacts;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #wanted: CutKind[] = [];
  #refusing = false;
  /** A watch was cut, and none has been up to date since. */
  #behind = false;

  private constructor(facts: ProxyFacts) {
    this.#facts = facts;
    this.#server = createServer((client) => this.#accepted(client));
  }

  static async start(facts: ProxyFacts): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(facts);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.on("error", reject);
      proxy.#server.listen(0, "127.0.0.1", resolve);
    });
    return proxy;
  }

  get endpoint(): string {
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("the proxy has no port");
    return `127.0.0.1:${address.port}`;
  }

  /** Cuts these one after the other, each as soon as it comes to pass; resolves after the last. */
  async cut(...kinds: readonly CutKind[]): Promise<void> {
    this.#wanted.push(...kinds);
    const what = () => `a cut of the kind ${this.#wanted[0]} at ${this.endpoint}`;
    try {
      await until("all cuts", () => this.#wanted.length === 0, { withinMs: 30_000, everyMs: 5 });
    } catch (error) {
      throw new Error(`there was no ${what()}`, { cause: error });
    }
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
    const target = connect(this.#facts.targetPort, "127.0.0.1");
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
    const streams = new Map<number, Stream>();
    const requests = new Map<number, MessageJoiner>();
    const [asked, answered] = [new FrameSplitter("client"), new FrameSplitter("server")];
    client.on("data", (chunk: Buffer) => {
      for (const frame of asked.take(chunk)) noteRequest(frame, streams, requests);
      target.write(chunk);
    });
    let isCut = false;
    target.on("data", (chunk: Buffer) => {
      if (isCut) return;
      for (const frame of answered.take(chunk)) {
        const at = this.#cutPlace(frame, streams);
        if (at !== undefined) {
          isCut = true;
          client.write(frame.bytes.subarray(0, at), () => client.destroy());
          target.destroy();
          return;
        }
        client.write(frame.bytes);
      }
    });
  }

  /** How many bytes of this frame still get through; undefined: all of them. */
  #cutPlace(frame: Frame, streams: Map<number, Stream>): number | undefined {
    const stream = streams.get(frame.stream);
    if (endsStream(frame)) streams.delete(frame.stream);
    if (frame.type !== DATA || stream === undefined || frame.payload.length < 2) return undefined;
    const kind = this.#kindIn(frame, stream);
    if (kind === undefined || kind !== this.#wanted[0]) return undefined;
    this.#wanted.shift();
    this.#facts.cuts[kind]++;
    if (kind === "catch-up" && this.#behind) this.#facts.cuts.doubled++;
    if (kind !== "snapshot") this.#behind = true;
    const header = frame.bytes.length - frame.payload.length;
    return header + 1 + Math.floor(this.#facts.chance() * (frame.payload.length - 1));
  }

  /** What a cut inside this frame would be. */
  #kindIn(frame: Frame, stream: Stream): CutKind | undefined {
    if (stream.call === "watch") return this.#watchKind(stream, frame);
    // Not always the first frame of a long answer.
    const isSpared = frame.payload.length > 8000 && this.#facts.chance() < 0.5;
    return stream.call === "range" && !isSpared ? "snapshot" : undefined;
  }

  /** Follows the watch at the same time. */
  #watchKind(stream: Stream, frame: Frame): CutKind | undefined {
    const isBehind = stream.target === undefined || stream.replayed < stream.target;
    const wasInside = stream.answers.isInside;
    const answers = stream.answers.take(frame.payload).map(watchAnswerOf);
    for (const answer of answers) this.#follow(stream, answer);
    const hasEvents = wasInside || stream.answers.isInside || answers.some(({ lastRevision }) => lastRevision > 0);
    if (isBehind) {
      // Now and then already the answer that creates the watch.
      return hasEvents || this.#facts.chance() < 0.2 ? "catch-up" : undefined;
    }
    this.#behind = false;
    return hasEvents ? "event" : undefined;
  }

  #follow(stream: Stream, answer: WatchAnswer): void {
    if (answer.fragment) this.#facts.cuts.fragments++;
    if (answer.created) stream.target = Math.min(answer.headerRevision, this.#facts.head());
    if (answer.lastRevision > stream.replayed) stream.replayed = answer.lastRevision;
  }
}

function endsStream({ type, flags }: Frame): boolean {
  return type === RST_STREAM || ((type === DATA || type === HEADERS) && (flags & END_STREAM) !== 0);
}

function noteRequest(frame: Frame, streams: Map<number, Stream>, requests: Map<number, MessageJoiner>): void {
  if (frame.type === RST_STREAM) streams.delete(frame.stream);
  if (frame.type !== DATA || streams.has(frame.stream)) return;
  const joiner = requests.get(frame.stream) ?? new MessageJoiner();
  const [first] = joiner.take(frame.payload);
  if (first === undefined) {
    requests.set(frame.stream, joiner);
    return;
  }
  requests.delete(frame.stream);
  const { call, from } = requestOf(first);
  streams.set(frame.stream, { call, answers: new MessageJoiner(), target: undefined, replayed: from - 1 });
}

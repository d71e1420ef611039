// A watcher made by hand from HTTP/2 frames: reads messages, folds them, and when its connection breaks goes on at the
// next address from its last cursor. Shares no code with Theseus. For a control it can be careless.

import { type ClientHttp2Session, connect } from "node:http2";
import { setTimeout as pause } from "node:timers/promises";
import { MessageJoiner } from "../gap/frames.js";
import type { Question } from "./questions.js";
import type { Told, Watcher } from "./told.js";
import { messageIn, requestBytes } from "./wire-message.js";

/** "by the rules", or what a program does that takes a snapshot for just more changes, or goes on from now. */
export type Manners = "by the rules" | "adds snapshots up" | "goes on from now";

export type WireWatcherFacts = {
  readonly name: string;
  /** Taken in turn, one after each break. */
  readonly addresses: readonly string[];
  readonly question: Question;
  readonly manners?: Manners;
};

const RETRY_MS = 50;
/** The bookmark comes after 15 s. */
const SILENCE_MS = 25_000;

export class WireWatcher implements Watcher {
  readonly state = new Map<string, string>();
  readonly told: Told[] = [];
  readonly complaints: string[] = [];
  /** Of all messages that came, without their heads. */
  bytes = 0;
  /** Of the newest message. */
  revision = 0;
  readonly #facts: WireWatcherFacts;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #cursor = "";
  #watchId = "";
  /** Of a snapshot that has begun. */
  #parts: Map<string, string> | undefined;

  constructor(facts: WireWatcherFacts) {
    this.#facts = facts;
    this.#done = this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { addresses } = this.#facts;
    for (let turn = 0; !this.#stop.signal.aborted; turn++) {
      const address = addresses[turn % addresses.length] ?? "";
      await this.#stream(address);
      await pause(RETRY_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }

  /** One connection with one stream, to its end. */
  #stream(address: string): Promise<void> {
    const session = connect(`http://${address}`);
    session.setTimeout(SILENCE_MS, () => session.destroy());
    const end = (): void => session.destroy();
    this.#stop.signal.addEventListener("abort", end, { once: true });
    return new Promise((resolve) => {
      session.on("error", () => undefined);
      session.on("close", () => {
        this.#stop.signal.removeEventListener("abort", end);
        resolve();
      });
      if (this.#stop.signal.aborted) end();
      else this.#open(session);
    });
  }

  #open(session: ClientHttp2Session): void {
    const [method, path] = ["POST", "/theseus.v1.DiscoveryService/Watch"];
    const stream = session.request({
      ...{ ":method": method, ":path": path },
      ...{ "content-type": "application/grpc", te: "trailers" },
    });
    const joiner = new MessageJoiner();
    this.#parts = undefined;
    stream.on("error", () => undefined);
    stream.on("trailers", (fields) => this.#refused(Number(fields["grpc-status"]), String(fields["grpc-message"])));
    stream.on("data", (chunk: Buffer) => {
      for (const bytes of joiner.take(chunk)) this.#take(bytes);
    });
    stream.on("close", () => session.destroy());
    const { question, name } = this.#facts;
    const from = { cursor: this.#cursor, lastWatchId: this.#watchId };
    const body = requestBytes(question, { ...from, watcherId: name });
    const head = Buffer.alloc(5);
    head.writeUInt32BE(body.length, 1);
    stream.end(Buffer.concat([head, body]));
  }

  /** Only a server that is not there, or not ready, may end a watch. */
  #refused(status: number, message: string): void {
    const UNAVAILABLE = 14;
    if (status !== UNAVAILABLE) this.complaints.push(`was ended with ${status} ${decodeURIComponent(message)}`);
  }

  #take(bytes: Buffer): void {
    const { cursor, watchId, told: part, more } = messageIn(bytes);
    this.bytes += bytes.length;
    if (watchId !== "") this.#watchId = watchId;
    const told = this.#whole(part, more);
    if (told === undefined) return;
    this.revision = told.revision;
    if (this.#cursor === "" && told.kind === "delta") this.complaints.push("was told changes before a snapshot");
    const isFirst = this.#cursor === "";
    this.#cursor = cursor;
    this.told.push(told);
    if (told.kind === "snapshot") this.#replace(told.entries, isFirst);
    else if (told.kind === "delta") this.#change(told.changes);
  }

  /** A snapshot comes whole, or as a part and then deltas that only put, up to the one that says no more. */
  #whole(part: Told, more: boolean): Told | undefined {
    if (part.kind === "bookmark") return part;
    if (part.kind === "snapshot") this.#parts = more ? new Map(part.entries) : undefined;
    if (part.kind === "snapshot") return more ? undefined : part;
    if (this.#parts === undefined) return part;
    for (const [id, text] of part.changes) {
      if (text === undefined) this.complaints.push("was told in a part of a snapshot that something is gone");
      else this.#parts.set(id, text);
    }
    if (more) return undefined;
    const entries = this.#parts;
    this.#parts = undefined;
    return { kind: "snapshot", revision: part.revision, entries };
  }

  #replace(entries: ReadonlyMap<string, string>, isFirst: boolean): void {
    const { manners = "by the rules" } = this.#facts;
    if (manners === "goes on from now" && !isFirst) return;
    if (manners === "by the rules") this.state.clear();
    for (const [id, text] of entries) this.state.set(id, text);
  }

  #change(changes: ReadonlyMap<string, string | undefined>): void {
    for (const [id, text] of changes) {
      if (text === undefined) this.state.delete(id);
      else this.state.set(id, text);
    }
  }
}

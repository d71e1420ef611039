// One watch kept alive over breaks, servers and restores, folded into its newest state. It reads as fast as messages come
// and keeps nothing but that state, so a slow reader costs neither the server nor this process.

import { hostname } from "node:os";
import { status } from "@grpc/grpc-js";
import { Acknowledger } from "./acknowledger.js";
import type { ConnectionParts } from "./call.js";
import { aborted, TheseusClientError } from "./errors.js";
import { Freshness } from "./freshness.js";
import type { WatchResponse } from "./gen/theseus/v1/discovery_service.js";
import { DISCOVERY_METHODS } from "./methods.js";
import { Backoff, pause } from "./pause.js";
import { callStream } from "./stream.js";
import { tell } from "./told.js";
import { Fold, type ServiceState } from "./watch-fold.js";
import type { Target } from "./watch-target.js";

/** Bookmarks come 15 s after the message before them, at the latest. */
const SILENCE = 20_000;
/** A watch that went on for so long has gone well. */
const GOES_WELL = 5_000;
/** Streams that fell silent and are not ended yet; the oldest go first. */
const MOST_SILENT = 8;

export interface WatchOptions {
  /** Only endpoints that have this named port. Default: each one's first. */
  readonly port?: string;
  /** Also those that are not ready, each with its state. Default: false. */
  readonly includeNotReady?: boolean;
  /** Tell the servers what was taken: a container that leaves is stopped only after that. Default: false. */
  readonly acknowledge?: boolean;
  /** Shown to people when it does not answer. Default: the name of this container, else of this machine. */
  readonly watcherId?: string;
  /** Milliseconds without a message after which a stream counts as dead. Default: 20 000. */
  readonly silence?: number;
  /** Hears of each break that the watch goes on after. */
  readonly onBreak?: (error: TheseusClientError) => void;
  /** Hears of each message, also of those that change nothing: the watch goes on. */
  readonly onMessage?: () => void;
}

export class Follower {
  readonly #parts: ConnectionParts;
  readonly #target: Target;
  readonly #options: WatchOptions;
  readonly #stop = new AbortController();
  readonly #acknowledger: Acknowledger;
  readonly #backoff = new Backoff(50, 2_000);
  readonly #waiting = new Set<() => void>();
  readonly #freshness = new Freshness();
  #fold = new Fold(this.#freshness);
  #latest: ServiceState | undefined;
  #taken: ServiceState | undefined;
  /** Of what was taken last, or of a later word that changed nothing in it. */
  #takenCursor = "";
  /** Ends those that fell silent. A server that hears that we ended a watch waits for us no more. */
  #silent: (() => void)[] = [];
  /** The present stream has said something whole. */
  #isOn = false;
  #watchId = "";
  #failure: TheseusClientError | undefined;

  /** Begins at once. Has to be closed. */
  constructor(parts: ConnectionParts, target: Target, options: WatchOptions) {
    this.#parts = parts;
    this.#target = target;
    this.#options = options;
    this.#acknowledger = new Acknowledger(parts, this.#stop.signal);
    void this.#run();
  }

  get latest(): ServiceState | undefined {
    return this.#latest;
  }

  /** Milliseconds since the store was last known to be as the newest state; undefined before there is one. */
  age(): number | undefined {
    return this.#latest === undefined ? undefined : this.#freshness.age();
  }

  /**
   * The newest state, as soon as it is another one than `since`.
   * @param signal ends the waiting.
   * @throws TheseusClientError: CANCELLED once closed or ended, or why no server will ever answer.
   */
  async changed(since?: ServiceState, signal?: AbortSignal): Promise<ServiceState> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#stop.signal.aborted || signal?.aborted) throw aborted();
      if (this.#latest !== undefined && this.#latest !== since) return this.#latest;
      await this.#woken(signal);
    }
  }

  /** The same, or undefined when there is no other one for so many milliseconds. */
  async changedWithin(milliseconds: number, since?: ServiceState): Promise<ServiceState | undefined> {
    const over = new AbortController();
    const waited = pause(milliseconds, over.signal).then(() => undefined);
    try {
      return await Promise.race([waited, this.changed(since, over.signal)]);
    } finally {
      over.abort();
    }
  }

  /** Whoever reads this has done what it does with a state. */
  taken(state: ServiceState): void {
    this.#taken = state;
    this.#acknowledge(state === this.#latest ? this.#fold.cursor : state.cursor);
    this.#leaveSilent();
  }

  close(): void {
    this.#stop.abort();
    this.#endSilent();
    this.#wake();
  }

  #woken(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener("abort", wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  #keepSilent(end: () => void): void {
    this.#silent.push(end);
    if (this.#stop.signal.aborted) this.#endSilent();
    else if (this.#silent.length > MOST_SILENT) this.#silent.shift()?.();
  }

  /** Ends those that fell silent, as soon as the present stream stands for them. */
  #leaveSilent(): void {
    const isTaken = !this.#options.acknowledge || (this.#taken !== undefined && this.#taken === this.#latest);
    if (this.#isOn && isTaken) this.#endSilent();
  }

  #endSilent(): void {
    for (const end of this.#silent.splice(0)) end();
  }

  #acknowledge(cursor: string): void {
    this.#takenCursor = cursor;
    if (!this.#options.acknowledge || this.#watchId === "" || cursor === "") return;
    this.#acknowledger.say({ watchId: this.#watchId, cursor });
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const began = performance.now();
      const failure = await this.#stream();
      if (signal.aborted) return;
      if (performance.now() - began > GOES_WELL) this.#backoff.reset();
      if (this.#isFinal(failure)) {
        this.#failure = failure;
        this.close();
        return;
      }
      tell(this.#options.onBreak, failure);
      await pause(this.#backoff.next(), signal).catch(() => undefined);
    }
  }

  /** One stream to its end, and why it ended. */
  async #stream(): Promise<TheseusClientError> {
    const { signal } = this.#stop;
    const { silence = SILENCE } = this.#options;
    const keep = (end: () => void) => this.#keepSilent(end);
    this.#freshness.begin();
    this.#isOn = false;
    try {
      const { watch } = DISCOVERY_METHODS;
      for await (const message of callStream(this.#parts, watch, this.#request(), { signal, silence, keep }))
        this.#take(message);
      return broken("the server ended the stream");
    } catch (error) {
      return error instanceof TheseusClientError ? error : broken(String(error));
    }
  }

  #request() {
    const { port = "", includeNotReady = false, acknowledge = false } = this.#options;
    const watcherId = this.#options.watcherId ?? process.env["CONTAINER_NAME"] ?? hostname();
    const from = { cursor: this.#fold.cursor, lastWatchId: this.#watchId };
    const asked = { port, includeNotReady, acknowledges: acknowledge, watcherId, ...from };
    return DISCOVERY_METHODS.watch.complete({ target: this.#target, ...asked });
  }

  #take(message: WatchResponse): void {
    if (message.content?.$case === "delta" && this.#fold.cursor === "" && !this.#fold.isPartial)
      throw new Error("changes came before a snapshot");
    if (message.watchId !== "") this.#watchId = message.watchId;
    if (this.#fold.take(message)) {
      this.#latest = this.#fold.state();
      this.#wake();
    } else if (this.#taken !== undefined && this.#taken === this.#latest) {
      // Also a new stream's first word, and that of a server that has lost what it was told.
      this.#acknowledge(this.#fold.cursor);
    }
    // A server that a watch comes back to has to know what was taken elsewhere.
    if (message.watchId !== "") this.#acknowledge(this.#takenCursor);
    this.#isOn = !this.#fold.isPartial;
    this.#leaveSilent();
    tell(this.#options.onMessage);
  }

  /** No server will ever answer. A cursor that is refused is given up first. */
  #isFinal({ code }: TheseusClientError): boolean {
    if (!FINAL.has(code)) return false;
    if (this.#fold.cursor === "") return true;
    this.#fold = new Fold(this.#freshness);
    this.#watchId = "";
    this.#takenCursor = "";
    return false;
  }
}

const FINAL: ReadonlySet<number> = new Set([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.PERMISSION_DENIED,
  status.FAILED_PRECONDITION,
  status.OUT_OF_RANGE,
  status.UNIMPLEMENTED,
  status.UNAUTHENTICATED,
]);

function broken(cause: string): TheseusClientError {
  return new TheseusClientError({
    code: status.UNAVAILABLE,
    reason: "SERVER_UNREACHABLE",
    message: "the watch broke off",
    why: [cause],
    now: "it goes on from where it was",
    retryable: true,
  });
}

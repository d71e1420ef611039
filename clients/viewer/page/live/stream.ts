// One stream of server-sent events that comes back by itself: waits 1 to 30 s, at once when the page is looked at or the
// network is there again, takes a minute of silence for death, and goes on from the last event's id.

import { DEAD_AFTER, pauseAtOnce, pauseBefore, STALE_AFTER, TRIED_FOR, WORKED_AFTER } from "./backoff.js";
import { isFinal, type LivePorts, Refused } from "./ports.js";
import { EventReader, type ServerEvent } from "./sse.js";

export interface StreamState {
  readonly state: "connecting" | "live" | "waiting" | "refused" | "closed";
  /** When it was lost; 0 while it is there. */
  readonly lostAt: number;
  /** When it is tried again; 0 when it is being tried or is there. */
  readonly nextTry: number;
}

export interface StreamHandlers {
  event(event: ServerEvent): void;
  state?(state: StreamState): void;
  /** The server answered that it will not; the stream is not tried again. */
  refused?(why: Refused): void;
  /** The server answered why it cannot now; the stream is tried again. */
  failed?(why: Refused): void;
}

export class Stream {
  readonly #path: () => string;
  readonly #handlers: StreamHandlers;
  readonly #ports: LivePorts;
  #abort: AbortController | undefined;
  #cancelTimer: () => void = () => {};
  #state: StreamState;
  #tries = 0;
  #heard = 0;
  #openedAt = 0;
  #lastId = "";

  /** `path` is asked for at each try. */
  constructor(path: () => string, handlers: StreamHandlers, ports: LivePorts) {
    this.#path = path;
    this.#handlers = handlers;
    this.#ports = ports;
    this.#state = { state: "connecting", lostAt: ports.now(), nextTry: 0 };
  }

  get state(): StreamState {
    return this.#state;
  }

  start(): void {
    this.#attempt();
  }

  close(): void {
    this.#drop();
    this.#enter({ ...this.#state, state: "closed", nextTry: 0 });
  }

  /** Somebody looks, or the network is back: a stream that waits is tried now; a silent one is doubted, and so is a try. */
  wake(): void {
    const { state } = this.#state;
    const silentFor = this.#ports.now() - this.#heard;
    if (state === "waiting" || (state === "connecting" && silentFor > TRIED_FOR)) this.#attempt();
    else if (state === "live" && silentFor > STALE_AFTER) {
      this.#enter({ state: "waiting", lostAt: this.#lostSince(), nextTry: 0 });
      this.#attempt();
    }
  }

  /** A line that ends is lost now; of one that was silent nothing is known since it was heard. */
  #lostSince(): number {
    const now = this.#ports.now();
    return now - this.#heard > STALE_AFTER ? this.#heard : now;
  }

  #attempt(): void {
    this.#drop();
    const abort = new AbortController();
    this.#abort = abort;
    this.#tries += 1;
    this.#enter({ ...this.#state, state: "connecting", nextTry: 0 });
    this.#hear();
    this.#read(abort).then(
      () => this.#lost(abort),
      (error: unknown) => (isFinal(error) ? this.#refuse(abort, error) : this.#fail(abort, error)),
    );
  }

  async #read(abort: AbortController): Promise<void> {
    const reader = new EventReader();
    const chunks = await this.#ports.open(this.#path(), this.#lastId, abort.signal);
    if (abort.signal.aborted) return;
    this.#openedAt = this.#ports.now();
    this.#enter({ state: "live", lostAt: 0, nextTry: 0 });
    for await (const chunk of chunks) {
      if (abort.signal.aborted) return;
      this.#hear();
      for (const event of reader.feed(chunk)) {
        if (event.id !== "") this.#lastId = event.id;
        // Only what speaks counts as well: a proxy may answer for a server that is away.
        this.#tries = 0;
        this.#handlers.event(event);
      }
    }
  }

  #hear(): void {
    this.#heard = this.#ports.now();
    const abort = this.#abort;
    this.#cancelTimer();
    this.#cancelTimer = this.#ports.after(DEAD_AFTER, () => {
      if (abort !== undefined) this.#lost(abort);
    });
  }

  #fail(abort: AbortController, why: unknown): void {
    if (this.#abort === abort && why instanceof Refused) this.#handlers.failed?.(why);
    this.#lost(abort);
  }

  #lost(abort: AbortController): void {
    if (this.#abort !== abort) return;
    this.#drop();
    const now = this.#ports.now();
    const worked = this.#tries === 0 && now - this.#openedAt >= WORKED_AFTER;
    const chance = this.#ports.chance();
    const pause = worked ? pauseAtOnce(chance) : pauseBefore(Math.max(1, this.#tries), chance);
    this.#enter({ state: "waiting", lostAt: this.#state.lostAt || this.#lostSince(), nextTry: now + pause });
    this.#cancelTimer = this.#ports.after(pause, () => this.#attempt());
  }

  #refuse(abort: AbortController, why: Refused): void {
    if (this.#abort !== abort) return;
    this.#drop();
    this.#enter({ state: "refused", lostAt: this.#state.lostAt || this.#lostSince(), nextTry: 0 });
    this.#handlers.refused?.(why);
  }

  #drop(): void {
    this.#cancelTimer();
    this.#cancelTimer = () => {};
    const abort = this.#abort;
    this.#abort = undefined;
    abort?.abort();
  }

  #enter(state: StreamState): void {
    this.#state = state;
    this.#handlers.state?.(state);
  }
}

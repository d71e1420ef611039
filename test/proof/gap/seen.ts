// What a follower was told, in plain values that the check can compare with the true history.

/** Key -> what is there now; undefined: it was deleted. */
export type Changes = ReadonlyMap<string, string | undefined>;

export type Seen = { readonly revision: number; readonly epoch: string } & (
  | { readonly kind: "snapshot"; readonly entries: ReadonlyMap<string, string> }
  | { readonly kind: "delta"; readonly changes: Changes }
  | { readonly kind: "bookmark" }
);

/** Folds what it is told, as every user of a watch does, and keeps it for the check. */
export abstract class Follower {
  readonly name: string;
  state: ReadonlyMap<string, string> = new Map();
  /** Told and not checked yet, oldest first. */
  told: Seen[] = [];
  /** Failures that the loop under test reported of itself. */
  readonly complaints: string[] = [];
  /** How often it said that history is not the one it had seen. */
  declared = 0;
  #folded = new Map<string, string>();
  #stop: AbortController | undefined;
  #done: Promise<void> = Promise.resolve();

  constructor(name: string) {
    this.name = name;
  }

  /** How this follower shows a stored value; undefined: not at all. */
  abstract shown(key: string, modRevision: number, value: string): string | undefined;
  protected abstract follow(signal: AbortSignal): AsyncIterable<Seen>;
  abstract close(): void;

  start(): void {
    const stop = new AbortController();
    this.#stop = stop;
    this.#done = this.#read(stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop?.abort();
    await this.#done;
  }

  async #read(signal: AbortSignal): Promise<void> {
    try {
      for await (const item of this.follow(signal)) this.#take(item);
    } catch (error) {
      if (!signal.aborted) this.complaints.push(`it gave up: ${String(error)}`);
    }
  }

  #take(item: Seen): void {
    this.told.push(item);
    if (item.kind === "snapshot") {
      this.#folded = new Map(item.entries);
      this.state = this.#folded;
    } else if (item.kind === "delta") {
      for (const [key, value] of item.changes) {
        if (value === undefined) this.#folded.delete(key);
        else this.#folded.set(key, value);
      }
    }
  }
}

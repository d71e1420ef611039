// AbortController and AbortSignal for the simulator: what the shipped code uses of them, called in the same order as Node's
// own, without its events, weak references and exceptions, which took a tenth of a run. Must not know who waits.

type Heard = () => void;

class LightSignal {
  #isAborted = false;
  #reason: unknown;
  #listeners: Set<Heard> | undefined;
  /** Signals that end with this one; those that are made of others hang on the first ones. */
  #dependents: LightSignal[] | undefined;
  #sources: readonly LightSignal[] = [];

  get aborted(): boolean {
    return this.#isAborted;
  }

  /** The exception that stands for none is made when somebody asks for it. */
  get reason(): unknown {
    if (this.#isAborted) this.#reason ??= new DOMException("This operation was aborted", "AbortError");
    return this.#reason;
  }

  throwIfAborted(): void {
    if (this.#isAborted) throw this.reason;
  }

  /** It happens once, so that each listener is called once. */
  addEventListener(_abort: "abort", heard: Heard): void {
    this.#listeners ??= new Set();
    this.#listeners.add(heard);
  }

  removeEventListener(_abort: "abort", heard: Heard): void {
    this.#listeners?.delete(heard);
  }

  /** As `setMaxListeners` of node:events asks: there may be any number. */
  setMaxListeners(): void {
    // There is no limit.
  }

  end(reason: unknown): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#reason = reason;
    for (const heard of this.#listeners ?? []) call(heard);
    this.#listeners = undefined;
    const dependents = this.#dependents;
    this.#dependents = undefined;
    for (const one of dependents ?? []) one.end(this.reason);
  }

  static any(signals: readonly LightSignal[]): LightSignal {
    const one = new LightSignal();
    const over = signals.find(({ aborted }) => aborted);
    if (over !== undefined) {
      one.end(over.reason);
      return one;
    }
    one.#sources = [...new Set(signals.flatMap((signal) => (signal.#sources.length > 0 ? signal.#sources : [signal])))];
    for (const source of one.#sources) {
      source.#dependents ??= [];
      source.#dependents.push(one);
    }
    return one;
  }

  static abort(reason?: unknown): LightSignal {
    const one = new LightSignal();
    one.end(reason);
    return one;
  }
}

/** What one throws keeps nobody else from hearing of it, and ends the process. */
function call(heard: Heard): void {
  try {
    heard();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}

class LightController {
  readonly signal = new LightSignal();

  abort(reason?: unknown): void {
    this.signal.end(reason);
  }
}

/** From now on, for all of this process. */
export function useLightAborts(): void {
  Object.assign(globalThis, { AbortController: LightController, AbortSignal: LightSignal });
}

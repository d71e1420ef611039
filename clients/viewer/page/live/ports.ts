// What the live parts need of a browser, so that tests can give them a clock that they turn.

export interface LivePorts {
  now(): number;
  /** 0 to 1 */
  chance(): number;
  /** @returns how to give it up. */
  after(milliseconds: number, run: () => void): () => void;
  /** @throws Refused for an answer that is not a stream; anything else when there is no answer. */
  open(path: string, lastEventId: string, abort: AbortSignal): Promise<AsyncIterable<string>>;
}

/** The lines of an error, as its server made them. */
export interface Told {
  readonly code: string;
  readonly message: string;
  readonly why: readonly string[];
  /** What is true now; "" where that is not known. */
  readonly now: string;
  readonly next: readonly string[];
}

/** An answer that is an error. */
export class Refused extends Error {
  /** 0: there was no answer. */
  readonly status: number;
  readonly told: Told;

  constructor(status: number, told: Partial<Told> & { readonly code: string; readonly message: string }) {
    super(told.message);
    this.status = status;
    this.told = { why: [], now: "", next: [], ...told };
  }

  get code(): string {
    return this.told.code;
  }
}

/** An answer of 4xx that says the same however often it is asked for. */
export const isFinal = (error: unknown): error is Refused =>
  error instanceof Refused && error.status >= 400 && error.status < 500 && ![408, 425, 429].includes(error.status);

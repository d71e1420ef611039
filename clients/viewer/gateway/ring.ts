// The last deltas, so that a reader whose connection broke can go on from where it was. Its cursors are opaque: which
// gateway, and which delta. Pure.

export interface Kept {
  readonly sequence: number;
  readonly time: number;
  readonly frame: Buffer;
}

/** What a reader that comes with a cursor is given. */
export type Resumed =
  | { readonly kind: "deltas"; readonly frames: readonly Buffer[] }
  /** Everything anew. `missedSince`: when it was last up to date, as far as that is known; 0: it is new here. */
  | { readonly kind: "snapshot"; readonly missedSince: number };

const CURSOR = /^([0-9a-z]{6,20})-(0|[1-9]\d{0,14})-([1-9]\d{0,15}|0)$/;

export class Ring {
  readonly #instance: string;
  readonly #most: { readonly count: number; readonly bytes: number };
  #kept: Kept[] = [];
  #bytes = 0;
  #sequence = 0;

  /** @param instance of this gateway: lower-case letters and digits, 6 to 20; another one after each start. */
  constructor(instance: string, most = { count: 2_400, bytes: 32 * 1024 * 1024 }) {
    this.#instance = instance;
    this.#most = most;
  }

  get sequence(): number {
    return this.#sequence;
  }

  /** Of the newest delta. @param time now, kept for whoever comes back too late. */
  cursor(time: number, sequence = this.#sequence): string {
    return `${this.#instance}-${sequence}-${Math.max(0, Math.trunc(time))}`;
  }

  /** @param frameOf makes what is sent of the cursor that it gets. */
  add(time: number, frameOf: (cursor: string) => Buffer): Buffer {
    this.#sequence += 1;
    const frame = frameOf(this.cursor(time));
    this.#kept.push({ sequence: this.#sequence, time, frame });
    this.#bytes += frame.length;
    while (this.#kept.length > this.#most.count || (this.#bytes > this.#most.bytes && this.#kept.length > 1)) {
      this.#bytes -= this.#kept.shift()?.frame.length ?? 0;
    }
    return frame;
  }

  /** Never fails: whatever is no cursor of this gateway that it can go on from gives a snapshot. */
  resume(cursor: string | undefined): Resumed {
    const [, instance, digits = "", millis = "0"] = CURSOR.exec(cursor ?? "") ?? [];
    if (instance === undefined) return { kind: "snapshot", missedSince: 0 };
    const from = Number(digits);
    const first = this.#kept[0]?.sequence ?? this.#sequence + 1;
    const isKnown = instance === this.#instance && from >= first - 1 && from <= this.#sequence;
    if (!isKnown) return { kind: "snapshot", missedSince: Number(millis) };
    return { kind: "deltas", frames: this.#kept.filter(({ sequence }) => sequence > from).map(({ frame }) => frame) };
  }
}

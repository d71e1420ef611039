// Notices that nothing comes any more. Counts moments in which this process ran: one that was stopped for a while and
// goes on finds what came meanwhile, and is not told that it was silent.

const MOMENTS = 4;
/** A moment has begun already when the counting begins: with it, it is never less than the silence that was asked. */
const TO_COUNT = MOMENTS + 1;

/** Awake from the beginning. */
export class Watchdog {
  readonly #bite: () => void;
  readonly #timer: NodeJS.Timeout | undefined;
  #left = TO_COUNT;
  #isAwake = true;
  #hasBitten = false;

  /** Bites once, after `silence` milliseconds awake without rest and at most a quarter more; undefined: never. */
  constructor(silence: number | undefined, bite: () => void) {
    this.#bite = bite;
    if (silence !== undefined) this.#timer = setInterval(() => this.#count(), silence / MOMENTS);
  }

  get hasBitten(): boolean {
    return this.#hasBitten;
  }

  rest(): void {
    this.#isAwake = false;
  }

  wake(): void {
    this.#left = TO_COUNT;
    this.#isAwake = true;
  }

  #count(): void {
    if (!this.#isAwake) return;
    this.#left -= 1;
    if (this.#left > 0) return;
    this.#hasBitten = true;
    this.#isAwake = false;
    this.#bite();
  }

  end(): void {
    clearInterval(this.#timer);
  }
}

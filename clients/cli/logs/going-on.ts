// Where reading stood, so that after a break it goes on there: no line is lost, none comes twice, whatever clocks do.

import type { LogLine, LogPosition, LogSource } from "../../gen/theseus/v1/theseus_service.js";

/** No server takes more places. */
const MOST = 2000;
const NANOS_PER_MILLISECOND = 1_000_000n;

export class GoingOn {
  readonly #places = new Map<string, LogPosition>();
  #earliest: bigint | undefined;

  /** This line was received. */
  note({ timeUnixNanos }: LogLine, source: LogSource): void {
    const { name, host } = source;
    const key = keyOf(source);
    const known = this.#places.get(key);
    const lines = known?.timeUnixNanos === timeUnixNanos ? known.lines + 1 : 1;
    this.#places.set(key, { name, host, timeUnixNanos, lines });
    if (this.#earliest === undefined || timeUnixNanos < this.#earliest) this.#earliest = timeUnixNanos;
  }

  /** There is no more of it. */
  forget(source: LogSource): void {
    this.#places.delete(keyOf(source));
  }

  /** To ask for what comes behind that: the newest ones, where containers that went unheard have left too many. */
  get places(): LogPosition[] {
    const places = [...this.#places.values()];
    if (places.length <= MOST) return places;
    return places.sort((one, other) => (one.timeUnixNanos > other.timeUnixNanos ? -1 : 1)).slice(0, MOST);
  }

  /**
   * When the earliest line of all that were received was written, by the clock of its host; undefined: there was none.
   * What a tail has cut off is older, what containers have written that were made since is not.
   */
  get earliest(): Date | undefined {
    return this.#earliest === undefined ? undefined : new Date(Number(this.#earliest / NANOS_PER_MILLISECOND));
  }
}

const keyOf = ({ name, host }: LogSource): string => `${host} ${name}`;

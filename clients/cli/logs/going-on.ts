// Where reading stood, so that after a break it goes on there: no line is lost, none comes twice, whatever clocks do.

import type { LogLine, LogPosition, LogSource } from "../../gen/theseus/v1/theseus_service.js";

export class GoingOn {
  readonly #places = new Map<string, LogPosition>();

  /** This line was received. */
  note({ timeUnixNanos }: LogLine, source: LogSource): void {
    const { name, host } = source;
    const key = keyOf(source);
    const known = this.#places.get(key);
    const lines = known?.timeUnixNanos === timeUnixNanos ? known.lines + 1 : 1;
    this.#places.set(key, { name, host, timeUnixNanos, lines });
  }

  /** There is no more of it. */
  forget(source: LogSource): void {
    this.#places.delete(keyOf(source));
  }

  /** To ask for what comes behind that. */
  get places(): LogPosition[] {
    return [...this.#places.values()];
  }
}

const keyOf = ({ name, host }: LogSource): string => `${host} ${name}`;

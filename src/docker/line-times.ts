// The times before lines, as the engine writes them: RFC 3339, nearly always with nine digits and a Z. They are read for
// every line, so what the last one had too is not read again.

import type { Nanoseconds } from "../model/logs.js";

/** "2026-11-22T22:15:12" */
const TO_SECONDS = 19;
/** ".428337662Z" */
const USUAL = TO_SECONDS + 11;
const ZERO = 48;
const POINT = 46;
const ZULU = 90;

export class LineTimes {
  #seconds = "";
  #base: Nanoseconds = 0n;

  /** The time in the first so many bytes. */
  read(bytes: Buffer, length: number): Nanoseconds {
    if (length !== USUAL || bytes[TO_SECONDS] !== POINT || bytes[USUAL - 1] !== ZULU) {
      return nanoseconds(bytes.toString("latin1", 0, length));
    }
    const seconds = bytes.toString("latin1", 0, TO_SECONDS);
    if (seconds !== this.#seconds) {
      this.#seconds = seconds;
      this.#base = nanoseconds(`${seconds}Z`);
    }
    let nanos = 0;
    for (let at = TO_SECONDS + 1; at < USUAL - 1; at++) nanos = nanos * 10 + (bytes[at] ?? ZERO) - ZERO;
    return this.#base + BigInt(nanos);
  }
}

export function nanoseconds(time: string): Nanoseconds {
  const [, whole = "", digits = "", zone = "Z"] = /^([^.Z+]*?)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)?$/.exec(time) ?? [];
  const milliseconds = Date.parse(whole + zone);
  return Number.isNaN(milliseconds) ? 0n : BigInt(milliseconds) * 1_000_000n + BigInt(digits.padEnd(9, "0"));
}

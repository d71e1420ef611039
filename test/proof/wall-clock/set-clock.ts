// A clock of its own for a server, by libfaketime: set forth and back while it runs, and for others it goes on as it is.

import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LIBRARIES = "/usr/lib";
const LIBRARY = "faketime/libfaketime.so.1";

export class SetClock {
  readonly #file: string;
  readonly #library: string;
  #strobe: NodeJS.Timeout | undefined;

  constructor(folder: string, name: string) {
    this.#file = join(folder, name);
    // Debian keeps it in a folder named for the machine's kind.
    const found = readdirSync(LIBRARIES).map((one) => join(LIBRARIES, one, LIBRARY));
    const library = found.find((path) => existsSync(path));
    if (library === undefined) throw new Error("libfaketime is missing; .ci/setup tests installs it");
    this.#library = library;
    this.set(0);
  }

  /** Of the server that is to have this clock. @param monotonic: true: that of durations jumps too. */
  environment(monotonic = false): Readonly<Record<string, string>> {
    const own = { FAKETIME_TIMESTAMP_FILE: this.#file, FAKETIME_NO_CACHE: "1" };
    return { LD_PRELOAD: this.#library, ...own, ...(monotonic ? {} : { FAKETIME_DONT_FAKE_MONOTONIC: "1" }) };
  }

  /** That many seconds before or behind everybody else's, from now on. */
  set(seconds: number): void {
    clearInterval(this.#strobe);
    writeFileSync(this.#file, `${seconds < 0 ? "" : "+"}${seconds}\n`);
  }

  /** There and back again all the time. */
  strobe(seconds: number, everyMs: number): void {
    let isOff = false;
    this.set(0);
    this.#strobe = setInterval(() => {
      isOff = !isOff;
      writeFileSync(this.#file, `+${isOff ? seconds : 0}\n`);
    }, everyMs);
  }
}

// Counting the calls of a port without the port knowing it.

import { describe, expect, it } from "@jest/globals";
import { countCalls } from "../../../src/http/count-calls.js";
import type { Measured } from "../../../src/http/metrics.js";
import { TheseusError } from "../../../src/model/errors.js";

class Port {
  readonly #secret = 7;
  readonly host = "local";
  async works(): Promise<number> {
    return this.#secret;
  }
  async fails(): Promise<never> {
    throw new TheseusError("HOST_UNREACHABLE", { what: "gone" });
  }
  *stream(): Iterable<number> {
    yield this.#secret;
  }
}

describe("a counted port", () => {
  it("answers as before, and tells of every promise how it ended and how long it took", async () => {
    const seen: Measured[] = [];
    let time = 0;
    const clock = { now: () => 0, monotonic: () => (time += 5), sleep: async () => undefined };
    const port = countCalls(new Port(), { kind: "engine", observe: (call) => seen.push(call), clock });
    expect(await port.works()).toBe(7);
    await expect(port.fails()).rejects.toMatchObject({ reason: "HOST_UNREACHABLE" });
    expect([port.host, [...port.stream()]]).toEqual(["local", [7]]);
    expect(seen).toEqual([
      { kind: "engine", method: "works", outcome: "ok", milliseconds: 5 },
      { kind: "engine", method: "fails", outcome: "HOST_UNREACHABLE", milliseconds: 5 },
    ]);
  });
});

// Cursors and watch ids: what goes out comes back, and nothing else is taken.

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { readCursor, writeCursor } from "../../src/grpc/cursor.js";
import { newWatchId, readWatchId, serverOf } from "../../src/grpc/watch-id.js";

function reported(read: (report: (field: string, text: string) => void) => unknown) {
  const texts: string[] = [];
  const value = read((_, text) => texts.push(text));
  return { value, texts };
}

describe("a cursor", () => {
  it("comes back as it went out, whatever the epoch and the revision", () => {
    const epoch = fc.string({ maxLength: 32 });
    fc.assert(
      fc.property(epoch, fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (epoch, revision) => {
        const sane = Buffer.from(epoch).toString() === epoch;
        fc.pre(sane);
        expect(reported((report) => readCursor(writeCursor({ epoch, revision }), report))).toEqual({
          value: { epoch, revision },
          texts: [],
        });
      }),
    );
  });

  it("that is empty is none, and that nobody has given is refused", () => {
    expect(reported((report) => readCursor("", report))).toEqual({ value: undefined, texts: [] });
    const valid = writeCursor({ epoch: "e", revision: 7n });
    for (const text of ["7", "nonsense", `${valid}=`, `${valid} `, valid.slice(1), "A".repeat(10_000), "\0"]) {
      expect(reported((report) => readCursor(text, report)).texts).toHaveLength(1);
    }
  });
});

describe("a watch id", () => {
  it("names its server and 128 bits that nobody guesses", () => {
    const id = newWatchId("a1b2", { hex: (bytes) => "0f".repeat(bytes) });
    expect(id).toBe(`a1b2.${"0f".repeat(16)}`);
    expect([serverOf(id), readWatchId(id, () => undefined)]).toEqual(["a1b2", id]);
  });

  it("of another form is refused", () => {
    for (const text of ["a", "a.b", `.${"0".repeat(32)}`, `a.b.${"0".repeat(32)}`, `a.${"0".repeat(32)}\n`]) {
      expect(reported((report) => readWatchId(text, report)).texts).toHaveLength(1);
      expect(serverOf(text)).toBe("");
    }
  });
});

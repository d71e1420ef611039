import { describe, expect, it } from "@jest/globals";
import { HostBook } from "../../../src/scheduler/host-book.js";
import { aHostRecord } from "../../support/builders.js";

const held = { value: aHostRecord(), modRevision: 1n };

function aBook(): HostBook {
  const book = new HostBook();
  book.learn([held]);
  return book;
}

describe("what a host has given away", () => {
  it("was not known to who counted while it was being written", async () => {
    const book = aBook();
    const before = book.assignments("local");
    let written: () => void = () => undefined;
    const first = book.assign("local", before, async () => {
      await new Promise<void>((resolve) => {
        written = resolve;
      });
      return { ...held, modRevision: 2n };
    });
    await Promise.resolve();
    const meanwhile = book.assignments("local");
    const second = book.assign("local", meanwhile, () => Promise.resolve({ ...held, modRevision: 3n }));
    written();
    await first;
    await expect(second).rejects.toMatchObject({ reason: "CONFLICT" });
    await book.assign("local", book.assignments("local"), () => Promise.resolve(held));
  });

  it("counts also where the answer was lost", async () => {
    const book = aBook();
    const before = book.assignments("local");
    await expect(book.assign("local", before, () => Promise.reject(new Error("no answer")))).rejects.toThrow();
    await expect(book.assign("local", before, () => Promise.resolve(held))).rejects.toMatchObject({
      reason: "CONFLICT",
    });
  });
});

import { describe, expect, it } from "@jest/globals";
import { TheseusError } from "../../../src/model/errors.js";
import { HostBook, type HostWrite } from "../../../src/scheduler/host-book.js";
import { aHostRecord } from "../../support/builders.js";

const at = (modRevision: bigint) => ({ value: aHostRecord(), modRevision });
const writes =
  (modRevision: bigint): HostWrite =>
  () =>
    Promise.resolve(at(modRevision));
const fails =
  (error: Error): HostWrite =>
  () =>
    Promise.reject(error);
const CONFLICT = new TheseusError("CONFLICT", { what: "the store changed meanwhile" });

function aBook(): HostBook {
  const book = new HostBook();
  book.learn([at(1n)]);
  return book;
}

/** A write that ends when it is told to. */
function slowly(): { readonly write: HostWrite; readonly end: (outcome: bigint | Error) => void } {
  let end: (outcome: bigint | Error) => void = () => undefined;
  const ended = new Promise<bigint | Error>((resolve) => {
    end = resolve;
  });
  const write: HostWrite = async () => {
    const outcome = await ended;
    if (outcome instanceof Error) throw outcome;
    return at(outcome);
  };
  return { write, end: (outcome) => end(outcome) };
}

describe("what a host has given away", () => {
  it("is in no doubt after writes of our own, nor after one that was refused", async () => {
    const book = aBook();
    const doubts = book.doubts("local");
    await book.assign("local", doubts, writes(2n));
    await expect(book.assign("local", doubts, fails(CONFLICT))).rejects.toBe(CONFLICT);
    await book.assign("local", doubts, writes(3n));
    book.learn([at(3n)]);
    await book.assign("local", doubts, writes(4n));
  });

  it("is in doubt once an answer was lost: who planned before plans again", async () => {
    const book = aBook();
    const before = book.doubts("local");
    await expect(book.assign("local", before, fails(new Error("no answer")))).rejects.toThrow("no answer");
    await expect(book.assign("local", before, writes(2n))).rejects.toMatchObject({ reason: "CONFLICT" });
    await book.assign("local", book.doubts("local"), writes(2n));
  });

  it("is in doubt once another hand has written the record, and what came with it has to be seen", async () => {
    const book = aBook();
    const before = book.doubts("local");
    book.learn([at(7n)]);
    expect(book.unexpected).toBe(7n);
    await expect(book.assign("local", before, writes(8n))).rejects.toMatchObject({ reason: "CONFLICT" });
    book.replace("local", at(9n));
    expect(book.unexpected).toBe(9n);
    expect(book.doubts("local")).toBe(before + 2);
  });

  it("is in no doubt when a reading shows our own write before its answer, unless that never comes", async () => {
    const book = aBook();
    const { unexpected } = book;
    const doubts = book.doubts("local");
    const [known, lost] = [slowly(), slowly()];
    const first = book.change("local", known.write);
    await Promise.resolve();
    book.learn([at(2n)]);
    known.end(2n);
    await first;
    expect([book.doubts("local"), book.unexpected]).toEqual([doubts, unexpected]);
    const second = book.change("local", lost.write);
    await Promise.resolve();
    book.learn([at(3n)]);
    lost.end(new Error("no answer"));
    await expect(second).rejects.toThrow("no answer");
    expect([book.doubts("local"), book.unexpected]).toEqual([doubts + 1, 3n]);
  });
});

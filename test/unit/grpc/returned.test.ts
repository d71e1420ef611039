// What a watcher that came back acknowledges, told to the server that it came from.

import { beforeEach, describe, expect, it } from "@jest/globals";
import { readCursor } from "../../../src/grpc/cursor.js";
import { noSuchWatch } from "../../../src/grpc/no-such-watch.js";
import { Returned } from "../../../src/grpc/returned.js";
import { ManualClock } from "../../support/manual-clock.js";

const MINUTE = 60_000;
const EPOCH = "0123456789abcdef";

let clock: ManualClock;
let stop: AbortController;
let heard: string[];
let settled: string[];
/** What the other server does with the next words. */
let answers: (Error | undefined)[];
let returned: Returned;
beforeEach(() => {
  clock = new ManualClock();
  stop = new AbortController();
  [heard, settled, answers] = [[], [], []];
  const acknowledge = async ({ cursor }: { cursor: string }) => {
    heard.push(`c${readCursor(cursor, () => undefined)?.revision}`);
    const failure = answers.shift();
    if (failure !== undefined) throw failure;
  };
  const book = { settled: (watchId: string) => void settled.push(watchId) };
  returned = new Returned({ book, others: { acknowledge }, clock }, stop.signal);
});

const away = (): Error => new Error("it does not answer");
const tell = (revision: bigint): void =>
  returned.tell({ watchId: "here.1", before: "there.1", cursor: { epoch: EPOCH, revision } });
const turn = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};
async function minutes(count: number): Promise<void> {
  for (let passed = 0; passed < count * MINUTE; passed += 250) await clock.advance(250);
}

describe("an acknowledgement of a watcher that came back", () => {
  it("is told again until the server that it came from has heard it", async () => {
    answers = [away(), away(), away()];
    tell(5n);
    await turn();
    expect(heard).toEqual(["c5"]);
    await minutes(1);
    expect(heard).toEqual(["c5", "c5", "c5", "c5"]);
    expect(settled).toEqual([]);
  });

  it("is settled when that server itself knows no such watch", async () => {
    answers = [away(), noSuchWatch("there.1")];
    tell(5n);
    await minutes(1);
    expect([heard, settled]).toEqual([["c5", "c5"], ["here.1"]]);
  });

  it("gives way to a newer one, which is told at once", async () => {
    answers = [away()];
    tell(5n);
    await turn();
    tell(6n);
    tell(5n);
    await turn();
    await minutes(1);
    expect(heard).toEqual(["c5", "c6"]);
    tell(7n);
    await turn();
    expect(heard).toEqual(["c5", "c6", "c7"]);
  });

  it("is told a few times in ten minutes, and then no more", async () => {
    answers = Array.from({ length: 1_000 }, away);
    tell(5n);
    await minutes(12);
    const { length } = heard;
    expect(length).toBeGreaterThan(10);
    expect(length).toBeLessThan(25);
    await minutes(5);
    expect(heard).toHaveLength(length);
  });

  it("is told no more once this server stops", async () => {
    answers = [away()];
    tell(5n);
    await turn();
    stop.abort();
    await minutes(1);
    expect(heard).toEqual(["c5"]);
  });
});

import { describe, expect, it } from "@jest/globals";
import type { Logger } from "../../../src/model/ports.js";
import { closeInTime } from "../../../src/start/open-store.js";
import { ManualClock } from "../../support/manual-clock.js";
import { silent } from "../../support/parts.js";

describe("closing the store", () => {
  const said: string[] = [];
  const log: Logger = { ...silent, warn: (_, text) => void said.push(text) };

  it("is waited for, but not for ever when its disk hangs", async () => {
    const clock = new ManualClock();
    await closeInTime({ close: async () => undefined }, { clock, log }, 10_000);
    expect(said).toEqual([]);
    const closed = closeInTime({ close: () => new Promise(() => undefined) }, { clock, log }, 10_000);
    await clock.advance(10_000);
    await closed;
    expect(said).toEqual([expect.stringContaining("did not close in time")]);
  });
});

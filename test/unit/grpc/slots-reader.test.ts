import { describe, expect, it } from "@jest/globals";
import { SlotsReader } from "../../../src/grpc/slots-reader.js";
import { TheseusError } from "../../../src/model/errors.js";
import { NO_SLOTS } from "../../../src/model/slots.js";
import { ManualClock } from "../../support/manual-clock.js";

describe("the reasons of groups", () => {
  it("of one group that cannot be understood are told as such, and keep no other's back", async () => {
    const readSlots = async (_: string, uid: string) => {
      if (uid === "u1") throw new TheseusError("STORE_DAMAGED", { what: "broken", why: ["/theseus/slots/x: no JSON"] });
      return NO_SLOTS;
    };
    const reader = new SlotsReader({ readSlots }, new ManualClock());
    expect(await reader.read("default", "u1")).toMatchObject({
      attention: [{ reason: "STORE_DAMAGED", text: expect.stringContaining("/theseus/slots/x: no JSON") }],
    });
    expect(await reader.read("default", "u2")).toBe(NO_SLOTS);
  });

  it("are kept for a second, but not past a change of the group", async () => {
    let asked = 0;
    const readSlots = async () => {
      asked++;
      return NO_SLOTS;
    };
    const clock = new ManualClock();
    const reader = new SlotsReader({ readSlots }, clock);
    for (const revision of [5n, 5n, 6n, 5n, 0n]) await reader.read("default", "u1", revision);
    expect(asked).toBe(2);
    await clock.advance(1000);
    await reader.read("default", "u1", 6n);
    expect(asked).toBe(3);
  });

  it("are not asked for again for a while when the store does not answer", async () => {
    let asked = 0;
    const readSlots = async () => {
      asked++;
      throw new TheseusError("STORE_UNREACHABLE", { what: "away" });
    };
    const reader = new SlotsReader({ readSlots }, new ManualClock());
    expect(await reader.read("default", "u1")).toBeUndefined();
    expect(await reader.read("default", "u2")).toBeUndefined();
    expect(asked).toBe(1);
  });
});

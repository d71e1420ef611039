import { getEventListeners } from "node:events";
import { describe, expect, it } from "@jest/globals";
import { systemClock, systemRng } from "../../src/system.js";

describe("the system's clock", () => {
  it("wakes from a sleep at once when it is aborted, with the signal's reason, leaving no listener", async () => {
    const stop = new AbortController();
    const sleep = systemClock.sleep(1e9, stop.signal);
    stop.abort("enough");
    await expect(sleep).rejects.toBe("enough");
    expect(getEventListeners(stop.signal, "abort")).toHaveLength(0);
  });

  it("does not fall asleep under an aborted signal", async () => {
    await expect(systemClock.sleep(1e9, AbortSignal.abort("before"))).rejects.toBe("before");
  });

  it("leaves no listener behind after a whole sleep", async () => {
    const { signal } = new AbortController();
    await systemClock.sleep(0, signal);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  it("lets others have their turn in a sleep of no length, which ends as any other when it is aborted", async () => {
    const stop = new AbortController();
    const others: string[] = [];
    setImmediate(() => others.push("had its turn"));
    await systemClock.sleep(0, stop.signal);
    expect(others).toEqual(["had its turn"]);
    const sleep = systemClock.sleep(0, stop.signal);
    stop.abort("enough");
    await expect(sleep).rejects.toBe("enough");
  });

  it("sleeps longer than one timer of node can", async () => {
    const stop = new AbortController();
    const sleep = systemClock.sleep(2 ** 33, stop.signal);
    await systemClock.sleep(0);
    stop.abort("still asleep");
    await expect(sleep).rejects.toBe("still asleep");
  });

  it("never goes back", () => {
    const before = systemClock.monotonic();
    expect(systemClock.monotonic()).toBeGreaterThanOrEqual(before);
  });
});

describe("the system's chance", () => {
  it("gives as many bytes as asked, and fractions below 1", () => {
    expect(systemRng.hex(8)).toMatch(/^[0-9a-f]{16}$/);
    expect(systemRng.hex(8)).not.toBe(systemRng.hex(8));
    const fraction = systemRng.fraction();
    expect(fraction >= 0 && fraction < 1).toBe(true);
  });
});

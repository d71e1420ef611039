import { describe, expect, it } from "@jest/globals";
import { GoingOn } from "../../../clients/cli/logs/going-on.js";
import { LogLine, LogSource } from "../../../clients/gen/theseus/v1/theseus_service.js";

const source = (name: string) => LogSource.fromPartial({ number: 1, name, host: "local" });
const line = (at: number) => LogLine.fromPartial({ timeUnixNanos: BigInt(at) * 1_000_000n, text: String(at) });

describe("a log that is read on after a break", () => {
  it("begins a little before the newest line, and leaves out what was seen", () => {
    const goingOn = new GoingOn();
    expect(goingOn.begin()).toBeUndefined();
    const seen = (at: number, name = "a") => goingOn.isNew(line(at), source(name));
    expect([seen(9000), seen(10_000), seen(10_000)]).toEqual([true, true, true]);
    expect(goingOn.begin()).toEqual(new Date(8000));
    expect([seen(7000), seen(9000), seen(9500), seen(10_000), seen(10_000), seen(10_000)]).toEqual([
      ...[false, false, true, false, false, true],
    ]);
    expect(seen(10_000, "b")).toBe(true);
  });

  it("begins where a clock that was set back is now", () => {
    const goingOn = new GoingOn();
    goingOn.begin();
    for (const at of [3_600_000, 3_600_100, 50_000, 50_100]) goingOn.isNew(line(at), source("a"));
    expect(goingOn.begin()).toEqual(new Date(48_100));
    goingOn.isNew(line(48_500), source("b"));
    expect([50_000, 50_100, 50_200].map((at) => goingOn.isNew(line(at), source("a")))).toEqual([false, false, true]);
  });

  it("does not take a container that is behind the others for that", () => {
    const goingOn = new GoingOn();
    goingOn.begin();
    goingOn.isNew(line(60_000), source("a"));
    expect(goingOn.isNew(line(50_000), source("b"))).toBe(true);
    expect(goingOn.begin()).toEqual(new Date(58_000));
  });
});

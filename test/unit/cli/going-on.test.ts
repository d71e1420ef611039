import { describe, expect, it } from "@jest/globals";
import { GoingOn } from "../../../clients/cli/logs/going-on.js";
import { LogLine, LogSource } from "../../../clients/gen/theseus/v1/theseus_service.js";

const source = (name: string, host = "local") => LogSource.fromPartial({ number: 1, name, host });
const line = (at: number) => LogLine.fromPartial({ timeUnixNanos: BigInt(at), text: String(at) });

describe("a log that is read on after a break", () => {
  it("goes on behind the last line of each container, however many have its time", () => {
    const goingOn = new GoingOn();
    expect(goingOn.places).toEqual([]);
    for (const at of [9000, 10_000, 10_000]) goingOn.note(line(at), source("a"));
    goingOn.note(line(5), source("a", "other"));
    expect(goingOn.places).toEqual([
      { name: "a", host: "local", timeUnixNanos: 10_000n, lines: 2 },
      { name: "a", host: "other", timeUnixNanos: 5n, lines: 1 },
    ]);
  });

  it("goes on where a clock that was set back is now, and without containers that are gone", () => {
    const goingOn = new GoingOn();
    for (const at of [9000, 100, 101]) goingOn.note(line(at), source("a"));
    goingOn.note(line(1), source("b"));
    goingOn.forget(source("b"));
    expect(goingOn.places).toEqual([{ name: "a", host: "local", timeUnixNanos: 101n, lines: 1 }]);
  });

  it("asks for no more places than a server takes: the newest", () => {
    const goingOn = new GoingOn();
    for (let i = 0; i < 2500; i++) goingOn.note(line((i * 7) % 2500), source(`c${i}`));
    const times = goingOn.places.map(({ timeUnixNanos }) => Number(timeUnixNanos));
    expect(times).toHaveLength(2000);
    expect(Math.min(...times)).toBe(500);
  });

  it("begins for containers of which nothing was received with the earliest line of all, by the clocks of hosts", () => {
    const goingOn = new GoingOn();
    expect(goingOn.earliest).toBeUndefined();
    for (const at of [9_000_000, 5_999_999, 10_000_000]) goingOn.note(line(at), source("a"));
    goingOn.forget(source("a"));
    expect(goingOn.earliest).toEqual(new Date(5));
  });
});

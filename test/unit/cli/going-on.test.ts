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
});

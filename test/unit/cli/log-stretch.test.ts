import { describe, expect, it } from "@jest/globals";
import { GoingOn } from "../../../clients/cli/logs/going-on.js";
import { firstStretch, nextStretch } from "../../../clients/cli/logs/stretch.js";
import { LogLine, LogSource } from "../../../clients/gen/theseus/v1/theseus_service.js";

const since = new Date(1000);

function heard(...times: readonly number[]): GoingOn {
  const goingOn = new GoingOn();
  const source = LogSource.fromPartial({ number: 1, name: "a", host: "local" });
  for (const at of times) goingOn.note(LogLine.fromPartial({ timeUnixNanos: BigInt(at) * 1_000_000n }), source);
  return goingOn;
}

describe("what is asked for after a break", () => {
  it("is at first what the flags say", () => {
    expect(firstStretch({ since: undefined, tail: 5 })).toEqual({ tail: 5n });
    expect(firstStretch({ since, tail: undefined })).toEqual({ since });
  });

  it("is everything behind the places, and of other containers what a tail had not cut off: by no clock of ours", () => {
    const goingOn = heard(7000, 8000);
    const [place] = goingOn.places;
    expect(nextStretch({ since: undefined, tail: 2 }, goingOn, false)).toEqual({
      since: new Date(7000),
      after: [place],
    });
    expect(nextStretch({ since, tail: undefined }, goingOn, false)).toEqual({ since, after: [place] });
    expect(nextStretch({ since: undefined, tail: undefined }, goingOn, false)).toEqual({ after: [place] });
  });

  it("is everything there is where there was no line at all, and the tail again where some could not be had", () => {
    expect(nextStretch({ since: undefined, tail: 5 }, heard(), false)).toEqual({});
    expect(nextStretch({ since, tail: 5 }, heard(), false)).toEqual({ since });
    expect(nextStretch({ since, tail: 5 }, heard(), true)).toEqual({ since, tail: 5n });
  });
});

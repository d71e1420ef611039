import { describe, expect, it } from "@jest/globals";
import { Failure } from "../../../clients/cli/failure.js";
import { wrapped } from "../../../clients/cli/output/wrap.js";
import { reportError } from "../../../clients/cli/report-error.js";

const LINE = "some words that take more than a narrow row has room for";

describe("a line on a terminal", () => {
  it("is broken between words", () => {
    expect(wrapped(LINE, 30)).toEqual(["some words that take more than", "    a narrow row has room for"]);
  });

  it.each([0, 1, 19])("stays as it is where a row has %i columns: nobody could read it broken", (columns) => {
    expect(wrapped(LINE, columns)).toEqual([LINE]);
  });
});

describe("a failure on a terminal that does not know how wide it is", () => {
  it("has its usual form", () => {
    const written: string[] = [];
    const stderr = { isTTY: true, columns: 0, write: (text: string) => void written.push(text) };
    const io = { stderr, stdout: stderr, env: { NO_COLOR: "1" }, interrupted: new AbortController().signal };
    const failure = new Failure("USAGE", { what: LINE });
    reportError(failure, [], io as unknown as Parameters<typeof reportError>[2]);
    expect(written.join("")).toMatch(new RegExp(`^error: ${LINE} +\\[USAGE\\]\n`));
  });
});

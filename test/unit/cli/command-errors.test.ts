import { describe, expect, it } from "@jest/globals";
import { withUsage } from "../../../clients/cli/command-errors.js";
import { Failure, usage } from "../../../clients/cli/failure.js";

describe("a mistake on the command line", () => {
  it("is told with the command's form and its page, where it says neither", () => {
    const { why, next } = withUsage(usage("missing required argument 'words'"), ["-q", "scale"]).parts;
    expect(why).toEqual(["it is: theseus scale <words...>"]);
    expect(next).toEqual(["theseus scale --help"]);
  });

  it("keeps what it says itself", () => {
    const { why, next } = withUsage(usage("x", ["because"]), ["set", "image", "web/dev", "a:1"]).parts;
    expect(why).toEqual(["because"]);
    expect(next).toEqual(["theseus set image --help"]);
  });

  it("of an unknown command points at the first page", () => {
    expect(withUsage(usage("unknown command 'aply'"), ["aply"]).parts.next).toEqual(["theseus --help"]);
  });

  it("is the only failure that is filled in", () => {
    const failure = new Failure("CONFLICT", { what: "x" });
    expect(withUsage(failure, ["scale"])).toBe(failure);
  });
});

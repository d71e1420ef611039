import { describe, expect, it } from "@jest/globals";
import { codesOf, EXIT, exitCode, MEANINGS } from "../../../clients/cli/exit-codes.js";
import { Failure, failureJson, failureText, toFailure } from "../../../clients/cli/failure.js";
import { TheseusClientError } from "../../../clients/errors.js";
import { ErrorReason } from "../../../clients/gen/theseus/v1/error_reason.js";

const NAMES = Object.keys(ErrorReason).filter((name) => !/^(-?\d+|UNSPECIFIED|UNRECOGNIZED)$/.test(name));

describe("the exit code", () => {
  it.each(NAMES)("of %s is in the table of help exit-codes", (name) => {
    const exit = exitCode(name);
    expect(codesOf(exit)).toContain(name);
    expect(MEANINGS.map(([code]) => code)).toContain(exit);
  });

  it.each([
    ["INVALID_REQUEST", 2],
    ["NO_SUCH_GROUP", 4],
    ["CONFLICT", 5],
    ["NO_HOST_FITS", 6],
    ["PORT_TAKEN", 6],
    ["IMAGE_NOT_FOUND", 7],
    ["CONTAINER_EXITED", 7],
    ["STILL_RUNNING", 9],
    ["SERVER_UNREACHABLE", 10],
    ["STORE_UNREACHABLE", 10],
    ["DENIED", 11],
    ["SUPERSEDED", 13],
  ])("of %s is %i", (code, exit) => {
    expect(exitCode(code)).toBe(exit);
  });

  it("of a code from a newer server is internal", () => {
    expect(exitCode("MOON_PHASE_WRONG")).toBe(EXIT.internal);
    expect(exitCode("constructor")).toBe(EXIT.internal);
  });
});

describe("a conflict", () => {
  it("is told to programs with who was first and which fields differ now", () => {
    const metadata = {
      expected: "41",
      actual: "42",
      actor: "ana@desk",
      fields: "env.LOG_LEVEL\nimage",
      group: "web/dev",
    };
    const error = new TheseusClientError({ code: 10, reason: "CONFLICT", message: "web/dev changed", metadata });
    expect(JSON.parse(failureJson(toFailure(error)))).toMatchObject({
      error: { exit: 5, expectedRev: 41, actualRev: 42, actor: "ana@desk", fields: ["env.LOG_LEVEL", "image"] },
    });
  });
});

describe("a failure on a terminal", () => {
  it("is broken between words, but for its commands", () => {
    const what = "rollout r-3 of web/front,prod failed and was rolled back";
    const why = [":1 on local: web.front.prod.1.5-5uti6a ended by itself with exit code 1, 3 of 3 tries"];
    const next = ["theseus rollout diff web/front,prod@2 web/front,prod@3 --server 127.0.0.1:17700"];
    const text = failureText(new Failure("ROLLED_BACK", { what, why, next }), undefined, 80);
    expect(text.split("\n")).toEqual([
      "error: rollout r-3 of web/front,prod failed and was rolled back    [ROLLED_BACK]",
      "  why   :1 on local: web.front.prod.1.5-5uti6a ended by itself with exit code 1,",
      "            3 of 3 tries",
      "  next  theseus rollout diff web/front,prod@2 web/front,prod@3 --server 127.0.0.1:17700",
      "",
    ]);
  });
});

const FULL = new Failure("NO_SUCH_GROUP", {
  what: "there is no group web/prod",
  why: ["web/prod means exactly the labels {prod}", "these contain it: web/frontend,prod"],
  now: "nothing was changed",
  next: ["theseus describe web/frontend,prod", "theseus get groups web -l prod"],
  requestId: "7f3c91",
});

describe("a failure", () => {
  it("is four lines, the first with its code in brackets", () => {
    expect(failureText(FULL)).toMatchInlineSnapshot(`
"error: there is no group web/prod                                          [NO_SUCH_GROUP]
  why   web/prod means exactly the labels {prod}
        these contain it: web/frontend,prod
  now   nothing was changed
  next  theseus describe web/frontend,prod
        theseus get groups web -l prod
  id    req 7f3c91
"
`);
  });

  it("is one line of JSON", () => {
    const line = failureJson(FULL);
    expect(line.trimEnd()).not.toContain("\n");
    expect(JSON.parse(line)).toEqual({
      error: {
        code: "NO_SUCH_GROUP",
        exit: 4,
        message: "there is no group web/prod",
        why: [{ text: "web/prod means exactly the labels {prod}" }, { text: "these contain it: web/frontend,prod" }],
        now: "nothing was changed",
        next: ["theseus describe web/frontend,prod", "theseus get groups web -l prod"],
        retryable: false,
        requestId: "7f3c91",
      },
    });
  });

  it("of the server keeps its lines, and adds the fields that they do not name", () => {
    const error = new TheseusClientError({
      code: 3,
      reason: "INVALID_REQUEST",
      message: "2 things in the request are wrong",
      why: ["config.mem: it is too small"],
      violations: [
        { field: "config.mem", text: "it is too small" },
        { field: "config.image", text: "it is required" },
      ],
    });
    expect(toFailure(error).parts.why).toEqual(["config.mem: it is too small", "config.image: it is required"]);
  });

  it("that nobody expected is internal and shows no stack", () => {
    const text = failureText(toFailure(new TypeError("x is not a function")));
    expect(text).toContain("[INTERNAL]");
    expect(text).not.toMatch(/^\s+at /m);
  });
});

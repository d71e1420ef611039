import { describe, expect, it } from "@jest/globals";
import { Failure } from "../../../clients/cli/failure.js";
import { formatGroup, parseGroup, parseReference } from "../../../clients/cli/references.js";

function failureOf(run: () => unknown): Failure | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  return undefined;
}

const codeOf = (run: () => unknown) => failureOf(run)?.code;

describe("a reference", () => {
  it.each([
    ["web", { service: "web" }],
    ["web/-", { service: "web", labels: [] }],
    ["web/prod,frontend", { service: "web", labels: ["frontend", "prod"] }],
    ["web/a,a", { service: "web", labels: ["a"] }],
    ["web/zone=eu-1:3", { service: "web", labels: ["zone=eu-1"], slot: 3 }],
    ["web/-:12", { service: "web", labels: [], slot: 12 }],
    ["web/dev@42", { service: "web", labels: ["dev"], revision: 42n }],
  ])("%s is read", (text, reference) => {
    expect(parseReference(text)).toEqual(reference);
  });

  it.each([
    ["", "BAD_NAME"],
    ["Web", "BAD_NAME"],
    ["web:3", "BAD_NAME"],
    ["web/dev:0", "BAD_NAME"],
    ["web/dev:x", "BAD_NAME"],
    ["web/dev@0", "BAD_NAME"],
    ["web/", "BAD_LABEL"],
    ["web/Front End", "BAD_LABEL"],
    ["web/a,,b", "BAD_LABEL"],
    ["web/a/b", "BAD_LABEL"],
    [`web/${Array.from({ length: 17 }, (_, i) => `l${i}`).join(",")}`, "BAD_NAME"],
  ])("%j is refused with a reason", (text, code) => {
    expect(codeOf(() => parseReference(text))).toBe(code);
  });

  it("is printed in one form, which can be read again", () => {
    const reference = parseGroup("web/prod,frontend");
    expect(formatGroup(reference)).toBe("web/frontend,prod");
    expect(parseGroup(formatGroup(reference))).toEqual(reference);
    expect(formatGroup(parseGroup("web/-"))).toBe("web/-");
  });

  it("of a service is no group", () => {
    expect(codeOf(() => parseGroup("web"))).toBe("BAD_NAME");
    expect(codeOf(() => parseGroup("web/dev:3"))).toBe("BAD_NAME");
    expect(codeOf(() => parseGroup("web/dev@3"))).toBe("BAD_NAME");
  });

  it("with a bad label is told a good one", () => {
    expect(failureOf(() => parseReference("web/Front End"))?.parts.next).toEqual(["write it as web/front-end"]);
  });
});

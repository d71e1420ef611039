import { describe, expect, it } from "@jest/globals";
import { termFor, toggledClause, withoutClause, withTerm } from "../../../clients/filter/edit.js";
import { lastRemoval } from "../../../clients/filter/explain.js";
import { filterBy, type Subject } from "../../../clients/filter/match.js";
import { parseFilter } from "../../../clients/filter/parse.js";
import type { Filter } from "../../../clients/filter/term.js";

const web: Subject = {
  ns: "shop",
  service: "web",
  labels: ["frontend", "prod"],
  hosts: ["node-a", "node-b"],
  states: ["rolling", "running"],
  revs: [42],
  images: ["registry.acme.io/web:2.4.1"],
  ports: [31002],
  texts: ["web/frontend,prod", "raise memory, ops-311"],
};
const dev: Subject = {
  ...web,
  labels: ["dev"],
  states: ["failing"],
  hosts: ["node-b"],
  revs: [3],
  ports: [],
  texts: [],
};

function read(text: string, isOpen = false): Filter {
  const parsed = parseFilter(text, { isOpen });
  if ("filter" in parsed) return parsed.filter;
  throw new Error(parsed.problem);
}

const passes = (text: string, subject: Subject = web, isOpen = false) => filterBy(read(text, isOpen))(subject);

describe("a filter", () => {
  it("lets everything pass when it is empty, or when all of it is switched off", () => {
    for (const text of ["", "  ", ",", "~dev", "~dev ~state:failing"]) expect(passes(text)).toBe(true);
  });

  it("is a selector of labels: all of, not, either", () => {
    expect(passes("prod,frontend")).toBe(true);
    expect(passes("prod frontend")).toBe(true);
    expect(passes("prod,!canary")).toBe(true);
    expect(passes("!prod")).toBe(false);
    expect(passes("dev|prod")).toBe(true);
    expect(passes("dev|staging")).toBe(false);
    expect(passes("dev|!canary")).toBe(true);
    expect(passes("zone=eu-1", { ...web, labels: ["zone=eu-1"] })).toBe(true);
  });

  it.each([
    ["svc:web", true],
    ["svc:we", false],
    ["svc:w*b", true],
    ["svc:*", true],
    ["svc:w*bb", false],
    ["ns:shop", true],
    ["ns:billing", false],
    ["host:node-b", true],
    ["host:node-*", true],
    ["host:node", false],
    ["HOST:node-b".toLowerCase(), true],
    ["state:rolling", true],
    ["state:failing", false],
    ["!state:failing", true],
    ["state:failing|state:rolling", true],
    ["rev:42", true],
    ["rev:4", false],
    ["image:2.4", true],
    ["image:ACME", true],
    ["image:2.5", false],
    ["port:31002", true],
    ["port:31", false],
    ['"OPS-311"', true],
    ['"no such text"', false],
    ['!"ops"', false],
    ['svc:"web"', true],
  ])("asks for fields: %s is %s", (text, expected) => {
    expect(passes(text)).toBe(expected);
  });

  it("takes what is still being typed for the beginning of a word", () => {
    expect(passes("pr", web, true)).toBe(true);
    expect(passes("host:nod", web, true)).toBe(true);
    // Whoever writes "state:" would else see every row go and come back.
    for (const text of ["s", "sta", "!stat", "state", "prod po"])
      expect([text, passes(text, web, true)]).toEqual([text, true]);
    expect(["sta", "stag", "nobody|stat"].map((text) => passes(text, web))).toEqual([false, false, false]);
    expect(["stag", "nobody|stat"].map((text) => passes(text, web, true))).toEqual([false, false]);
    expect(passes("host:nod prod", web, true)).toBe(false);
    expect(passes("state:", web, true)).toBe(true);
    expect(passes("prod !", web, true)).toBe(true);
    expect(passes("prod|", web, true)).toBe(true);
    expect(passes('"ops', web, true)).toBe(true);
    expect(passes("zone=", { ...web, labels: ["zone=eu"] }, true)).toBe(true);
  });

  it.each([
    ["Prod", "is not a label", 0, 4],
    ["prod Front", "is not a label", 5, 5],
    ["prod foo:bar", 'there is no field "foo:"', 5, 7],
    ["rev:x", "rev: wants a whole number", 0, 5],
    ["port:", "port: wants a port", 0, 5],
    ["prod !", "a term is missing", 5, 1],
    ["a|", "a term is missing", 2, 1],
    ['prod "abc', "the quote is not closed", 5, 4],
    ['""', "nothing between the quotes", 0, 2],
    ["__proto__:x", "there is no field", 0, 11],
  ])("says what is wrong with %j and where", (text, problem, at, length) => {
    const parsed = parseFilter(text);
    expect(parsed).toEqual({ problem: expect.stringContaining(problem), at, length });
  });

  it("refuses a text of a megabyte without reading it", () => {
    expect(parseFilter("a".repeat(1_000_000))).toMatchObject({ problem: expect.stringContaining("at most 2000") });
  });

  it("names the term that took the last row away", () => {
    expect(lastRemoval(read("prod state:failing svc:web"), [web, web, dev])).toMatchObject({
      removed: 2,
      clause: { text: "state:failing", at: 5 },
    });
    expect(lastRemoval(read("prod"), [web])).toBeUndefined();
    expect(lastRemoval(read("prod"), [])).toBeUndefined();
  });
});

describe("changing a filter", () => {
  const clause = (text: string, at: number) => {
    const found = read(text)[at];
    if (found === undefined) throw new Error("no such clause");
    return found;
  };

  it("drops a clause and leaves the rest as it was written", () => {
    expect(withoutClause("prod,  state:failing, svc:web", clause("prod,  state:failing, svc:web", 1))).toBe(
      "prod svc:web",
    );
    expect(withoutClause("prod", clause("prod", 0))).toBe("");
  });

  it("switches a clause off and on", () => {
    const off = toggledClause("prod dev|web", clause("prod dev|web", 1));
    expect(off).toBe("prod ~dev|web");
    expect(toggledClause(off, clause(off, 1))).toBe("prod dev|web");
  });

  it("adds a term once, in the place of its opposite", () => {
    expect(withTerm("", "prod")).toBe("prod");
    expect(withTerm("svc:web,", "prod")).toBe("svc:web prod");
    expect(withTerm("svc:web prod", "prod")).toBe("svc:web prod");
    expect(withTerm("!prod svc:web", "prod")).toBe("prod svc:web");
    expect(withTerm("prod", "!prod")).toBe("!prod");
    expect(withTerm("~prod svc:web", "prod")).toBe("prod svc:web");
    expect(withTerm('broken "', "prod")).toBe("prod");
  });

  it("quotes a value that is more than a word", () => {
    expect(termFor("host", "node-a")).toBe("host:node-a");
    for (const value of ["a b", 'say "x"', "back\\slash", "a,b|c"])
      expect(read(termFor("host", value))).toMatchObject([{ atoms: [{ kind: "field", field: "host", value }] }]);
  });
});

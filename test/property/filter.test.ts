import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { toggledClause, withoutClause, withTerm } from "../../clients/filter/edit.js";
import { lastRemoval } from "../../clients/filter/explain.js";
import { filterBy, type Subject } from "../../clients/filter/match.js";
import { parseFilter } from "../../clients/filter/parse.js";
import type { Filter } from "../../clients/filter/term.js";
import { matches, parseSelector } from "../../src/model/selector.js";

const LABELS = ["dev", "prod", "canary", "zone=eu-1", "a.b"];
const label = fc.constantFrom(...LABELS);
const signed = fc.tuple(fc.boolean(), label).map(([not, name]) => (not ? `!${name}` : name));
const selector = fc
  .array(fc.array(signed, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 })
  .map((clauses) => clauses.map((terms) => terms.join("|")));
const labelSet = fc.uniqueArray(label, { maxLength: LABELS.length });

const subjectWith = (labels: readonly string[]): Subject => ({
  ns: "default",
  service: "web",
  labels,
  hosts: [],
  states: [],
  revs: [],
  images: [],
  ports: [],
  texts: [],
});

function read(text: string): Filter {
  const parsed = parseFilter(text);
  if (!("filter" in parsed)) throw new Error(parsed.problem);
  return parsed.filter;
}

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.string({ unit: fc.constantFrom(...'ab1:!~|," \\*=-.svchotreimgpn'.split("")), maxLength: 60 }),
);

describe("the filter language", () => {
  it("means by a selector what the server means by it", () => {
    fc.assert(
      fc.property(selector, labelSet, (clauses, labels) => {
        const server = parseSelector(clauses.join(","));
        if (!("selector" in server)) throw new Error(server.problem);
        const expected = matches(server.selector, labels);
        for (const separator of [",", " ", ", "])
          expect(filterBy(read(clauses.join(separator)))(subjectWith(labels))).toBe(expected);
      }),
    );
  });

  it("answers every text with a filter or with a place in it, and throws at none", () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, isOpen) => {
        const parsed = parseFilter(text, { isOpen });
        if ("filter" in parsed) {
          for (const { at, text: clause } of parsed.filter) expect(text.slice(at, at + clause.length)).toBe(clause);
          filterBy(parsed.filter)(subjectWith(["dev"]));
        } else {
          expect(parsed.problem).not.toBe("");
          expect(parsed.at).toBeGreaterThanOrEqual(0);
          expect(parsed.at).toBeLessThanOrEqual(text.length);
          expect(parsed.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("reads everything that is a filter as one also while it is being typed", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        if ("filter" in parseFilter(text)) expect(parseFilter(text, { isOpen: true })).toHaveProperty("filter");
      }),
      { numRuns: 1_000 },
    );
  });

  it("passes fewer with each clause, and names the one that took the last", () => {
    fc.assert(
      fc.property(selector, fc.array(labelSet, { minLength: 1, maxLength: 6 }), (clauses, sets) => {
        const subjects = sets.map(subjectWith);
        const filter = read(clauses.join(" "));
        const left = subjects.filter(filterBy(filter));
        const removal = lastRemoval(filter, subjects);
        expect(removal === undefined).toBe(left.length > 0);
        if (removal === undefined) return;
        const before = filter.slice(0, filter.indexOf(removal.clause));
        expect(subjects.filter(filterBy(before))).toHaveLength(removal.removed);
        expect(removal.removed).toBeGreaterThan(0);
      }),
    );
  });

  it("is changed clause by clause: dropping one and switching one off mean the same, and off and on is nothing", () => {
    fc.assert(
      fc.property(selector, fc.nat(), labelSet, (clauses, pick, labels) => {
        const text = clauses.join(", ");
        const clause = read(text)[pick % clauses.length];
        if (clause === undefined) return;
        const off = toggledClause(text, clause);
        const dropped = withoutClause(text, clause);
        const subject = subjectWith(labels);
        expect(filterBy(read(off))(subject)).toBe(filterBy(read(dropped))(subject));
        const again = read(off).find(({ at }) => at === clause.at);
        expect(again && toggledClause(off, again)).toBe(text);
      }),
    );
  });

  it("holds a term that was added, however often", () => {
    fc.assert(
      fc.property(anyText, signed, (text, term) => {
        const once = withTerm(text, term);
        expect(read(once).some((clause) => clause.text === term)).toBe(true);
        expect(withTerm(once, term)).toBe(once);
      }),
    );
  });
});

// The model's small pure functions, for any input.

import { createHash } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { containerName } from "../../src/model/container-name.js";
import { fingerprint } from "../../src/model/fingerprint.js";
import type { GroupConfig, Pin } from "../../src/model/group.js";
import { decodeLabels, encodeLabels, labelSet } from "../../src/model/labels.js";
import { isContainerName, isLabel, isServiceName, labelComplaint } from "../../src/model/names.js";
import { groupRef } from "../../src/model/reference.js";
import { matches, parseSelector, unmetClauses } from "../../src/model/selector.js";
import { sha256 } from "../../src/model/sha256.js";

const hex = (min: number, max: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${min},${max}}$`));
const label = fc.stringMatching(/^[a-z0-9]([a-z0-9._=-]{0,61}[a-z0-9])?$/);
const labels = fc.array(label, { maxLength: 16 }).map(labelSet);
const service = fc.stringMatching(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);
const owner = fc.record({
  clusterId: hex(8, 16),
  group: fc.tuple(service, labels).map(([name, set]) => groupRef(name, set)),
  groupUid: hex(8, 16),
});
const slot = fc.integer({ min: 1, max: 1000 });
const generation = fc.integer({ min: 1, max: 1_000_000 });

describe("sha256", () => {
  it("is the SHA-256 of everybody else, for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        expect(sha256(text)).toBe(createHash("sha256").update(text, "utf8").digest("hex"));
      }),
    );
  });
});

describe("container names", () => {
  it("are at most 63 characters that Docker takes, whatever the labels", () => {
    fc.assert(
      fc.property(owner, slot, generation, (of, number, count) => {
        const name = containerName(of, number, count);
        expect(name).toMatch(/^[a-z0-9][a-z0-9.-]{0,62}$/);
        expect(isContainerName(name)).toBe(true);
      }),
    );
  });

  it("differ by slot and by generation", () => {
    fc.assert(
      fc.property(owner, slot, slot, generation, generation, (of, a, b, m, n) => {
        expect(containerName(of, a, m) === containerName(of, b, n)).toBe(a === b && m === n);
      }),
    );
  });

  it("differ by cluster, by namespace and by uid of the group", () => {
    fc.assert(
      fc.property(owner, hex(17, 20), (of, other) => {
        const names = [
          of,
          { ...of, clusterId: other },
          { ...of, groupUid: other },
          { ...of, group: { ...of.group, namespace: `n${other}` } },
        ].map((one) => containerName(one, 1, 1));
        expect(new Set(names).size).toBe(4);
      }),
    );
  });

  it("are the same every time", () => {
    fc.assert(
      fc.property(owner, slot, generation, (of, number, count) => {
        const again = { ...of, group: groupRef(of.group.service, [...of.group.labels].reverse()) };
        expect(containerName(again, number, count)).toBe(containerName(of, number, count));
      }),
    );
  });
});

describe("label sets", () => {
  it("survive being written into a key and read back", () => {
    fc.assert(fc.property(labels, (set) => expect(decodeLabels(encodeLabels(set))).toEqual(set)));
  });

  it("are read only in the form in which they are written", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), (text) => {
        const set = decodeLabels(text);
        expect(set === undefined || encodeLabels(set) === text).toBe(true);
      }),
    );
  });
});

describe("names", () => {
  it("have a complaint for every text that is not a label", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 70 }), (text) => {
        expect(isLabel(text) || labelComplaint(text).length > 0).toBe(true);
      }),
    );
  });

  it("never contain what would leave a key's subtree", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 20 }), (text) => {
        const odd = /[/,\0\n]/.test(text);
        expect(odd && (isLabel(text) || isServiceName(text) || isContainerName(text))).toBe(false);
      }),
    );
  });
});

describe("selectors", () => {
  const term = fc.tuple(fc.boolean(), label).map(([not, name]) => (not ? `!${name}` : name));
  const clauses = fc.array(fc.array(term, { minLength: 1, maxLength: 3 }), { maxLength: 4 });

  it("hold exactly when every clause has a term that holds", () => {
    fc.assert(
      fc.property(clauses, labels, (all, set) => {
        const parsed = parseSelector(all.map((clause) => clause.join("|")).join(","));
        if ("problem" in parsed) throw new Error(parsed.problem);
        const holds = (text: string): boolean =>
          text.startsWith("!") ? !set.includes(text.slice(1)) : set.includes(text);
        expect(matches(parsed.selector, set)).toBe(all.every((clause) => clause.some(holds)));
        expect(unmetClauses(parsed.selector, set)).toEqual(
          all.filter((clause) => !clause.some(holds)).map((clause) => clause.join("|")),
        );
      }),
    );
  });

  it("of any text are understood or explained, never thrown at", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        const parsed = parseSelector(text);
        expect("problem" in parsed ? parsed.problem : parsed.selector).toBeDefined();
      }),
    );
  });
});

describe("fingerprints", () => {
  const pin: Pin = { asked: "web:1", pinned: "sha256:1" };
  const config: fc.Arbitrary<GroupConfig> = fc.record(
    {
      image: fc.constant("web:1"),
      env: fc.dictionary(fc.stringMatching(/^[A-Z]{1,5}$/), fc.string({ maxLength: 5 })),
      args: fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 }),
      mem: fc.integer({ min: 1 }),
      cpu: fc.double({ min: 0.1, max: 8, noNaN: true }),
      init: fc.boolean(),
    },
    { requiredKeys: ["image"] },
  );

  it("do not change with the order of keys, nor with keys that are absent or of a later version", () => {
    fc.assert(
      fc.property(config, (one) => {
        const reversed = Object.fromEntries(Object.entries(one).reverse());
        const later = {
          ...reversed,
          image: "web:1",
          user: undefined,
          aKeyOfALaterVersion: 7,
        } as unknown as GroupConfig;
        expect(fingerprint(later, pin)).toBe(fingerprint(one, pin));
      }),
    );
  });

  it("do not change with what replaces no container", () => {
    fc.assert(
      fc.property(config, fc.nat({ max: 1000 }), (one, number) => {
        const other: GroupConfig = {
          ...one,
          instances: number,
          weight: number,
          constraints: "ssd",
          update: { maxParallel: "2" },
          health: { check: { kind: "tcp", port: "http" } },
        };
        expect(fingerprint(other, pin)).toBe(fingerprint(one, pin));
      }),
    );
  });

  it("change with everything that a container is made of", () => {
    fc.assert(
      fc.property(config, (one) => {
        const others: GroupConfig[] = [
          { ...one, env: { ...one.env, NEWKEY: "1" } },
          { ...one, args: [...(one.args ?? []), "more"] },
          { ...one, mem: (one.mem ?? 0) + 1 },
          { ...one, user: "1000" },
          { ...one, health: { check: { kind: "exec", command: ["true"] } } },
          { ...one, stop: { signal: "SIGINT" } },
        ];
        const prints = [one, ...others].map((each) => fingerprint(each, pin));
        expect(new Set([...prints, fingerprint(one, { ...pin, pinned: "sha256:2" })]).size).toBe(others.length + 2);
      }),
    );
  });
});

// The keys of the store: what is built can be read back, two things never share a key, and nothing leaves its subtree.

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import * as keys from "../../src/etcd/keys.js";
import { parseKey } from "../../src/etcd/parse-key.js";
import { labelSet } from "../../src/model/labels.js";

const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/);
const namespace = fc.oneof(fc.constant("default"), name);
const label = fc.stringMatching(/^[a-z0-9]([a-z0-9._=-]{0,8}[a-z0-9])?$/);
const labels = fc.array(label, { maxLength: 16 }).map(labelSet);
const containerName = fc.stringMatching(/^[a-z0-9]([a-z0-9._-]{0,12}[a-z0-9])?$/);
const group = fc.record({ namespace, service: name, labels });
const container = fc.record({ namespace, service: name, labels, name: containerName });
const anyText = fc.oneof(
  fc.string({ minLength: 1, unit: "binary" }),
  fc.constantFrom("/", "..", "a/b", "%2F", "config"),
);
const text = anyText.filter((t) => !/\p{Surrogate}/u.test(t));

const built = fc.oneof(
  fc.record({ namespace, service: name }).map((ref) => [keys.serviceKey(ref), { kind: "service", ref }] as const),
  group.map((ref) => [keys.groupKey(ref), { kind: "group", ref }] as const),
  group.map((ref) => [keys.configKey(ref), { kind: "config", ref }] as const),
  container.map((ref) => [keys.containerKey(ref), { kind: "intent", ref }] as const),
  container.map((ref) => [keys.infoKey(ref), { kind: "info", ref }] as const),
  container.map((ref) => [keys.holderKey(ref), { kind: "holder", ref }] as const),
  container.map((ref) => [keys.heartbeatKey(ref), { kind: "heartbeat", ref }] as const),
  container.map((ref) => [keys.drainKey(ref), { kind: "drain", ref }] as const),
  fc
    .tuple(container, text)
    .map(([ref, serverId]) => [keys.drainAnswerKey(ref, serverId), { kind: "drainAnswer", ref, serverId }] as const),
  name.filter((n) => n !== "default").map((n) => [keys.namespaceKey(n), { kind: "namespace", name: n }] as const),
  text.map((id) => [keys.hostKey(id), { kind: "host", id }] as const),
  text.map((id) => [keys.epochKey(id), { kind: "epoch", id }] as const),
  text.map((id) => [keys.serverKey(id), { kind: "server", id }] as const),
  text.map((id) => [keys.rosterKey(id), { kind: "roster", id }] as const),
  fc.tuple(text, text).map(([n, id]) => [keys.slotsKey(n, id), { kind: "slots", namespace: n, id }] as const),
  fc
    .tuple(text, text, fc.maxSafeNat())
    .map(
      ([namespace, groupUid, configRevision]) =>
        [
          keys.historyKey(namespace, groupUid, configRevision),
          { kind: "history", namespace, groupUid, configRevision },
        ] as const,
    ),
  fc
    .record({
      ...{ namespace: text, groupUid: text, configRevision: fc.maxSafeNat() },
      ...{ slot: fc.maxSafeNat(), container: containerName },
    })
    .map((all) => [keys.evidenceKey(all.namespace, all.groupUid, all), { kind: "evidence", ...all }] as const),
  fc
    .record({
      ...{
        namespace: fc.option(namespace, { nil: undefined }),
        at: fc.nat(),
        count: fc.integer({ min: 1, max: 999 }),
      },
      id: fc.constantFrom("0", "ab12", "ffffffffffff"),
    })
    .map((all) => [keys.eventsKey(all.namespace, all), { kind: "events", ...all }] as const),
  fc.tuple(text, text).map(([n, id]) => [keys.requestKey(n, id), { kind: "request", namespace: n, id }] as const),
);

const runs = { numRuns: 5000 };

describe("keys", () => {
  it("are read back as what they were built from", () => {
    fc.assert(
      fc.property(built, ([key, meaning]) => {
        expect(parseKey(key)).toEqual(meaning);
      }),
      runs,
    );
  });

  it("differ for different things", () => {
    fc.assert(
      fc.property(built, built, ([a, meaningA], [b, meaningB]) => {
        expect(a === b).toBe(JSON.stringify(meaningA) === JSON.stringify(meaningB));
      }),
      runs,
    );
  });

  it("stay in their subtree or are refused, whatever the input", () => {
    const rough = fc.oneof(text, name);
    fc.assert(
      fc.property(rough, rough, fc.array(rough, { maxLength: 3 }), rough, (ns, service, some, container) => {
        const ref = { namespace: ns, service, labels: some, name: container };
        const key = attempt(() => keys.infoKey(ref));
        if (key !== undefined) expect(parseKey(key)).toEqual({ kind: "info", ref: { ...ref, labels: labelSet(some) } });
        const slots = attempt(() => keys.slotsKey(ns, service));
        if (slots !== undefined) expect(slots.split("/")).toHaveLength(5);
      }),
      runs,
    );
  });

  it("parse any text to nothing or to a thing that gives the same text again", () => {
    const part = fc.oneof(
      name,
      label,
      fc.constantFrom(
        "services",
        "namespaces",
        "theseus",
        "config",
        "containers",
        "info",
        "hosts",
        "history",
        "-",
        "",
        "default",
      ),
    );
    const path = fc.array(part, { maxLength: 9 }).map((parts) => `/${parts.join("/")}`);
    fc.assert(
      fc.property(fc.oneof(path, text), (key) => {
        const parsed = parseKey(key);
        if (parsed?.kind === "info") expect(keys.infoKey(parsed.ref)).toBe(key);
        if (parsed?.kind === "group") expect(keys.groupKey(parsed.ref)).toBe(key);
        if (parsed?.kind === "history") {
          expect(keys.historyKey(parsed.namespace, parsed.groupUid, parsed.configRevision)).toBe(key);
        }
        if (parsed?.kind === "host") expect(keys.hostKey(parsed.id)).toBe(key);
        if (parsed?.kind === "namespace") expect(keys.namespaceKey(parsed.name)).toBe(key);
      }),
      runs,
    );
  });

  it("of configs are in the order of their revisions, and no other number has one", () => {
    fc.assert(
      fc.property(text, fc.maxSafeNat(), fc.maxSafeNat(), (uid, a, b) => {
        const [first, second] = [keys.historyKey("default", uid, a), keys.historyKey("default", uid, b)];
        expect(first < second).toBe(a < b);
        expect(parseKey(`${first}0`)).toBeUndefined();
        expect(parseKey(first.slice(0, -1))).toBeUndefined();
      }),
      runs,
    );
    for (const odd of [-1, 1.5, Number.NaN, 2 ** 53]) {
      expect(() => keys.historyKey("default", "u", odd)).toThrow(expect.objectContaining({ reason: "BAD_NAME" }));
    }
  });

  it("of a service are not below another whose name begins the same", () => {
    const { key, end } = keys.below(`${keys.serviceKey({ namespace: "default", service: "a" })}/`);
    const other = keys.groupKey({ namespace: "default", service: "ab", labels: [] });
    expect(other >= key && other < end).toBe(false);
    expect(() => keys.namespaceKey("default")).toThrow(expect.objectContaining({ reason: "BAD_NAME" }));
  });
});

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

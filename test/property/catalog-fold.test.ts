import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { createFold } from "../../src/catalog/fold.js";
import type { CatalogView } from "../../src/model/catalog.js";
import { groupRef } from "../../src/model/reference.js";
import type { Entry, EntryAt } from "../../src/model/store.js";

const info = { instanceName: "i", instanceHost: "h", instancePort: null, portMappings: {} };
const change = { actor: "a", command: "c", message: "", time: 0 };

/** Keys of every kind over few names, so that they meet. */
const keyed = fc
  .record({
    namespace: fc.constantFrom("default", "shop", "shop-a"),
    service: fc.constantFrom("web", "api", "web-a"),
    labels: fc.constantFrom<string[]>([], ["a"], ["a", "b"]),
    name: fc.constantFrom("c1", "c2"),
    kind: fc.constantFrom("service", "group", "config", "intent", "info", "namespace", "cluster"),
    broken: fc.boolean(),
    n: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ namespace, service, labels, name, kind, broken, n }): Omit<EntryAt, "modRevision"> => {
    const group = groupRef(service, labels, namespace);
    const container = { ...group, name };
    const made = ((): [string[], Entry] => {
      switch (kind) {
        case "service":
          return [[service], { kind, ref: { namespace, service }, created: n }];
        case "group":
          return [[service, ...labels], { kind, ref: group, uid: `u${n}`, created: n }];
        case "config":
          return [
            [service, ...labels],
            { kind, ref: group, record: { config: { image: "i" }, configRevision: n, change } },
          ];
        case "intent":
          return [
            [service, ...labels, name],
            {
              kind,
              ref: container,
              intent: {
                name,
                slot: n,
                generation: 1,
                configRevision: 1,
                fingerprint: "f",
                host: "h",
                hostPorts: {},
                phase: "running",
              },
            },
          ];
        case "info":
          return [[service, ...labels, name], { kind, ref: container, info: { ...info, weight: n } }];
        case "namespace":
          return [[], { kind, record: { name: namespace, created: n } }];
        default:
          return [[], { kind: "cluster", clusterId: `cluster${n}` }];
      }
    })();
    const [path, entry] = made;
    const key = [kind, kind === "cluster" ? "" : namespace, ...path].join("/");
    return { key, entry: broken && "ref" in entry ? { kind: "broken", ref: entry.ref, problem: `p${n}` } : entry };
  });

const step = fc.oneof(
  fc.record({ what: fc.constant("put" as const), entry: keyed }),
  fc.record({ what: fc.constant("remove" as const), entry: keyed }),
  fc.record({ what: fc.constant("look" as const), entry: keyed }),
);

function content(view: CatalogView) {
  return { clusterId: view.clusterId, namespaces: view.namespaces(), services: view.services(), groups: view.groups() };
}

describe("folding", () => {
  it("step by step, looked at in between, gives what building from scratch gives", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const fold = createFold();
        const held = new Map<string, EntryAt>();
        const looks: { view: CatalogView; text: string }[] = [];
        steps.forEach(({ what, entry }, i) => {
          const put: EntryAt = { ...entry, modRevision: BigInt(i + 1) };
          if (what === "put") {
            fold.put(put);
            held.set(put.key, put);
          } else if (what === "remove") {
            fold.remove(put.key);
            held.delete(put.key);
          } else {
            const view = fold.view(BigInt(i));
            looks.push({ view, text: text(view) });
          }
        });
        const view = fold.view(99n);
        expect(content(view)).toEqual(content(createFold(held.values()).view(99n)));
        for (const { view: old, text: then } of looks) expect(text(old)).toBe(then);
        expectFindable(view);
      }),
      { numRuns: 300 },
    );
  });
});

function text(view: CatalogView): string {
  return JSON.stringify(content(view), (_, value) => (typeof value === "bigint" ? `${value}` : value));
}

/** Every group is found by its reference, its service and its namespace. */
function expectFindable(view: CatalogView): void {
  for (const group of view.groups()) {
    const { namespace, service } = group.ref;
    expect(view.group(group.ref)).toBe(group);
    expect(view.groups(namespace, service)).toContain(group);
    expect(view.groups(undefined, service)).toContain(group);
    expect(view.services(namespace).map(({ ref }) => ref.service)).toContain(service);
    expect(view.services(namespace).every(({ ref }) => ref.namespace === namespace)).toBe(true);
    expect(view.namespaces().map(({ name }) => name)).toContain(namespace);
  }
}

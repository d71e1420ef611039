// Which changes the scheduler is told of: what others put beside its groups gives it nothing to do.

import { describe, expect, it } from "@jest/globals";
import { createFold, type Fold } from "../../../src/catalog/fold.js";
import type { ContainerInfo } from "../../../src/model/container.js";
import { groupRef } from "../../../src/model/reference.js";
import type { Entry, EntryAt } from "../../../src/model/store.js";

const WEB = groupRef("web", ["dev"]);
const at = (key: string, entry: Entry): EntryAt => ({ key, entry, modRevision: 1n });

function info(name: string, origin?: ContainerInfo["origin"]): EntryAt {
  const facts = { instanceName: name, instanceHost: "10.0.0.1", instancePort: 1, portMappings: {} };
  const told = origin === undefined ? facts : { ...facts, origin };
  return at(`${name}/info`, { kind: "info", ref: { ...WEB, name }, info: told });
}

const broken = (name: string): EntryAt => at(name, { kind: "broken", ref: { ...WEB, name }, problem: "no JSON" });
const GROUP = at("group", { kind: "group", ref: WEB, uid: "u", created: 1 });

const put = (fold: Fold, entry: EntryAt): boolean => {
  fold.put(entry);
  return fold.isManaged(entry);
};

describe("a change of the catalog", () => {
  it("is none of the scheduler's when others put records into a group that is only theirs", () => {
    const fold = createFold();
    expect(put(fold, info("a", "registered"))).toBe(false);
    expect(put(fold, info("b"))).toBe(false);
    expect(fold.isManaged(fold.remove("a/info") ?? GROUP)).toBe(false);
    expect(fold.isManaged(fold.remove("b/info") ?? GROUP)).toBe(false);
  });

  it("is the scheduler's in a group with keys of its own, and when the last of these goes", () => {
    const fold = createFold([GROUP]);
    expect(put(fold, info("a", "registered"))).toBe(true);
    expect(fold.isManaged(fold.remove("group") ?? info("x"))).toBe(true);
  });

  it("is the scheduler's when it is about a container of Theseus's, even under another's record", () => {
    const fold = createFold();
    expect(put(fold, info("a", "managed"))).toBe(true);
    const over = fold.put(info("a", "foreign"));
    expect(over !== undefined && fold.isManaged(over)).toBe(true);
    expect(put(fold, broken("b"))).toBe(true);
    expect(put(fold, info("b", "foreign"))).toBe(true);
  });
});

// What somebody may have meant.

import { describe, expect, it } from "@jest/globals";
import { editDistance, nearGroups, nearNames } from "../../../src/grpc/near-misses.js";
import type { GroupEntry } from "../../../src/model/catalog.js";
import { formatGroup, groupRef } from "../../../src/model/reference.js";

const entry = (service: string, ...labels: string[]): GroupEntry => ({
  ref: groupRef(service, labels),
  containers: [],
  problems: [],
  modRevision: 1n,
});
const GROUPS = [entry("web", "canary", "prod"), entry("web", "frontend", "prod"), entry("wob", "dev"), entry("api")];

describe("near misses", () => {
  it("are the groups that contain the labels first", () => {
    expect(nearGroups(GROUPS, groupRef("web", ["prod"])).map(formatGroup)).toEqual([
      "web/canary,prod",
      "web/frontend,prod",
    ]);
  });

  it("are references at most two letters away, nearest first", () => {
    expect(nearGroups(GROUPS, groupRef("web", ["dev"])).map(formatGroup)).toEqual(["wob/dev"]);
    expect(nearGroups(GROUPS, groupRef("apii", [])).map(formatGroup)).toEqual(["api/-"]);
    expect(nearGroups(GROUPS, groupRef("zzz", ["x"]))).toEqual([]);
  });

  it("count letters added, dropped and exchanged", () => {
    expect([editDistance("", "ab"), editDistance("kitten", "sitting"), editDistance("a", "a")]).toEqual([2, 3, 0]);
    expect(editDistance("a".repeat(1000), "b")).toBe(Number.POSITIVE_INFINITY);
    expect(nearNames(["stop", "ship", "far"], "shp")).toEqual(["ship", "stop"]);
  });
});

// How a conflict tells who was first, also where that is much.

import { describe, expect, it } from "@jest/globals";
import { ErrorInfo, PreconditionFailure } from "../../../clients/gen/google/rpc/error_details.js";
import { Status } from "../../../clients/gen/google/rpc/status.js";
import { conflict } from "../../../src/grpc/conflict.js";
import { failureOf, toWireStatus } from "../../../src/grpc/status.js";
import type { GroupConfig } from "../../../src/model/group.js";
import type { HistoryRecord } from "../../../src/model/history.js";
import { groupRef } from "../../../src/model/reference.js";
import { aGroup } from "../../support/builders.js";
import { detailsOf } from "./rig.js";

const variables = (count: number, value: string, length = 0): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${"N".repeat(length)}AME_${1000 + i}`, value]));

/** The details of a change from rev 1 of a group that is at the last of these by now. */
async function told(message: string, ...envs: readonly Record<string, string>[]) {
  const { config, change: made } = aGroup().record;
  const change = { ...made, actor: "ana", message };
  const history = envs.map((env, i): HistoryRecord => {
    const asked: GroupConfig = { ...config, env };
    return { service: "web", labels: ["dev"], config: asked, configRevision: i + 1, change };
  });
  const [record = aGroup().record] = history.slice(-1);
  const store = { readHistory: () => Promise.resolve([...history].reverse()) };
  const error = await conflict(store, groupRef("web", ["dev"]), 1, { uid: "u", record });
  const [bytes] = toWireStatus(failureOf(error, "id1"), "id1").metadata.get("grpc-status-details-bin");
  if (!Buffer.isBuffer(bytes)) throw new Error("no details");
  const status = Status.decode(bytes);
  const metadata = detailsOf(status, "ErrorInfo", ErrorInfo)[0]?.metadata ?? {};
  const violations = detailsOf(status, "PreconditionFailure", PreconditionFailure)[0]?.violations ?? [];
  return { metadata, violations, size: bytes.length };
}

describe("a conflict", () => {
  it("names a hundred fields of 450 that differ, and counts the others", async () => {
    const { metadata, violations } = await told("much", variables(450, "a"), variables(450, "b"));
    const fields = metadata["fields"]?.split("\n") ?? [];
    expect(fields).toHaveLength(101);
    expect([fields[0], fields.at(-1)]).toEqual(["env.AME_1000", "350 more"]);
    expect(violations.filter(({ type }) => type === "FIELD_CHANGED")).toHaveLength(101);
    expect(metadata).toMatchObject({ expected: "1", actual: "2", actor: "ana", message: "much" });
  });

  it("cuts messages that nobody reads to their end", async () => {
    const { metadata } = await told("long ".repeat(800), variables(1, "a"), variables(1, "b"), variables(1, "c"));
    expect(metadata["message"]).toHaveLength(200);
    expect(metadata["message"]).toMatch(/^long .*…$/);
    expect(metadata["why"]?.length).toBeLessThan(1500);
  });

  it("says who was first also where not everything fits", async () => {
    const { metadata, size } = await told("long", variables(450, "a", 3000), variables(450, "b", 3000));
    expect(metadata).toMatchObject({ expected: "1", actual: "2", actor: "ana", message: "long" });
    expect(metadata["next"]).toContain("theseus describe");
    expect(size).toBeLessThanOrEqual(32 * 1024);
  });
});

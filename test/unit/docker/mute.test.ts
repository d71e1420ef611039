import { describe, expect, it } from "@jest/globals";
import { observeMute, type Row } from "../../../src/docker/observe.js";
import { groupRef } from "../../../src/model/reference.js";

const OWNER = {
  cluster: "c0ffee",
  group: groupRef("web", ["dev"]),
  groupUid: "0123456789abcdef",
  slot: 1,
  generation: 1,
  configRevision: 1,
  fingerprint: "f",
};
const row = (State: string, Status: string): Row => ({
  Id: "a".repeat(64),
  Names: ["/web.dev.1.1-aaaaaa"],
  State,
  Status,
  Labels: {},
  Ports: [],
});
const mute = (State: string, Status: string) => observeMute("local", OWNER, row(State, Status), undefined);

describe("a container of which the engine gives its row alone", () => {
  it.each([
    ["running", "Up 6 minutes", "none"],
    ["running", "Up 6 minutes (healthy)", "healthy"],
    ["running", "Up 6 minutes (unhealthy)", "unhealthy"],
    ["running", "Up 3 seconds (health: starting)", "starting"],
    ["paused", "Up 3 seconds (Paused)", "none"],
  ])("%s, %s: its checks are %s", (state, status, health) => {
    expect(mute(state, status)).toMatchObject({ status: state, health, name: "web.dev.1.1-aaaaaa" });
  });

  it("has ended with the code that the row tells", () => {
    expect(mute("exited", "Exited (137) 2 seconds ago")).toMatchObject({ status: "exited", exitCode: 137 });
    expect(mute("running", "Up 2 seconds")).not.toHaveProperty("exitCode");
  });
});

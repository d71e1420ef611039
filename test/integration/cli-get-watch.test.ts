// `get groups -w` and `get services -w` against a server that says what it is told to say, goes away and comes back.

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Group, GroupState } from "../../clients/gen/theseus/v1/group.js";
import { endpointOf, groupOf } from "../support/fake-groups.js";
import { type FakeTheseus, type Handlers, Refusal, startFakeTheseus } from "../support/fake-theseus.js";
import { FollowingCli } from "../support/following-cli.js";
import { ScriptedWatch } from "../support/scripted-watch.js";
import { until } from "../support/until.js";

let watch: ScriptedWatch;
let server: FakeTheseus;
let groups: Group[];
const started: FollowingCli[] = [];

const handlers = (): Handlers => ({
  ...watch.handlers,
  listGroups: () => ({ groups, nextPageToken: "", revision: 100n }),
  getGroup: () => {
    const [group] = groups;
    if (group === undefined) throw new Refusal({ code: 5, reason: "NO_SUCH_GROUP", message: "there is no such group" });
    return { group };
  },
  listServices: () => ({
    services: [
      { namespace: "default", name: "web", groups: groups.length, wanted: 2, ready: 1, createTime: undefined },
      { namespace: "default", name: "db", groups: 1, wanted: 1, ready: 1, createTime: undefined },
    ],
    nextPageToken: "",
    revision: 100n,
  }),
});

beforeEach(async () => {
  watch = new ScriptedWatch();
  watch.tell([]);
  groups = [groupOf("web/dev"), groupOf("web/prod")];
  server = await startFakeTheseus(handlers());
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((cli) => cli.stop()));
  server.close();
});

function follow(...argv: readonly string[]): FollowingCli {
  const cli = new FollowingCli(["get", ...argv, "-w"], { server: server.address });
  started.push(cli);
  return cli;
}

const readings = () => server.calls.filter(({ name }) => name === "listGroups").length;

type Change = { type: string; kind: string; revision: string; object?: { ref?: string; name?: string } };
const changesOf = ({ stdout }: FollowingCli) =>
  stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Change);
const said = (cli: FollowingCli) =>
  changesOf(cli).map(({ type, kind, object }) => [type, kind, object?.ref ?? object?.name].filter(Boolean).join(" "));

describe("get groups -w", () => {
  it("tells what is there, then each change as an object, until Ctrl-C", async () => {
    const cli = follow("groups", "-o", "jsonl");
    await cli.said("stdout", "SYNCED");
    groups = [groupOf("web/dev", { ready: 1, state: GroupState.DEGRADED }), groupOf("web/prod"), groupOf("web/test")];
    watch.tell([endpointOf("web/dev", 1)]);
    await cli.said("stdout", "ADDED");
    // A config alone: Discovery has nothing to tell.
    groups = [groupOf("web/dev", { image: "web:2", rev: 2 }), groupOf("web/test")];
    await cli.said("stdout", "REMOVED");
    expect(await cli.stop()).toBe(130);
    expect(said(cli)).toEqual([
      "SNAPSHOT Group web/dev",
      "SNAPSHOT Group web/prod",
      "SYNCED Group",
      "CHANGED Group web/dev",
      "ADDED Group web/test",
      "REMOVED Group web/prod",
      "CHANGED Group web/dev",
    ]);
  });

  it("is a line for each change, and a table on a terminal", async () => {
    const lines = follow("groups");
    await lines.said("stderr", "up to date at revision 100");
    expect(lines.stdout).toMatch(
      /^\d\d:\d\d:\d\d {2}SNAPSHOT {2}web\/dev {2}rev 1 {2}web:1 {2}2 of 2 ready {2}steady\n/,
    );
    const table = new FollowingCli(["get", "grp", "-w"], { server: server.address, terminal: true });
    started.push(table);
    await table.said("stdout", "GROUP");
    groups = [groupOf("web/dev", { ready: 1, state: GroupState.DEGRADED })];
    watch.tell([endpointOf("web/dev", 1)]);
    await lines.said("stdout", /CHANGED {3}web\/dev {2}rev 1 {2}web:1 {2}1 of 2 ready {2}degraded/);
    await until("the table to be drawn anew", () => table.stdout.split("GROUP").length > 2);
  });

  it("reads once for changes that come together", async () => {
    const cli = follow("groups");
    await cli.said("stderr", "up to date");
    const before = readings();
    for (let slot = 1; slot <= 50; slot += 1) watch.tell([endpointOf("web/dev", slot)]);
    groups = [];
    await cli.said("stdout", "REMOVED");
    expect(readings() - before).toBeLessThan(10);
  });

  it("goes on over a restart of the server", async () => {
    const cli = follow("groups", "-o", "jsonl");
    await cli.said("stdout", "SYNCED");
    const port = Number(server.address.split(":")[1]);
    server.close();
    await cli.said("stdout", "STALE");
    groups = [groupOf("web/dev")];
    server = await startFakeTheseus(handlers(), port);
    await cli.said("stdout", "RESUMED");
    await cli.said("stdout", "REMOVED");
    expect(cli.stderr).toContain("connection lost");
    expect(await cli.stop(143)).toBe(143);
  });

  it("of one group tells that it goes, and is exit 4 when it never was there", async () => {
    groups = [groupOf("web/dev")];
    const cli = follow("groups", "web/dev", "-o", "jsonl");
    await cli.said("stdout", "SYNCED");
    groups = [];
    await cli.said("stdout", "REMOVED");
    const none = follow("group", "web/dev");
    expect(await none.ended).toBe(4);
    expect(none.stderr).toContain("there is no such group");
  });
});

describe("get services -w", () => {
  it("tells each change of a service, or of the one that is named", async () => {
    const [all, one] = [follow("services", "-o", "jsonl"), follow("svc", "db", "-o", "jsonl")];
    await all.said("stdout", "SYNCED");
    await one.said("stdout", "SYNCED");
    groups = [];
    await all.said("stdout", "CHANGED");
    expect(said(all)).toEqual(["SNAPSHOT Service web", "SNAPSHOT Service db", "SYNCED Service", "CHANGED Service web"]);
    expect(said(one)).toEqual(["SNAPSHOT Service db", "SYNCED Service"]);
  });
});

describe("get -w", () => {
  it("refuses what cannot be followed, before anything is sent", async () => {
    const [hosts, yaml] = [follow("hosts"), follow("groups", "-o", "yaml")];
    expect([await hosts.ended, await yaml.ended]).toEqual([2, 2]);
    expect(hosts.stderr).toContain("hosts cannot be watched");
    expect(yaml.stderr).toContain("a watch cannot be told as yaml");
    expect(server.calls).toEqual([]);
  });
});

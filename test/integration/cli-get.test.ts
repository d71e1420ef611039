// get, against a server that says what it is told to say.

import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "@jest/globals";
import { ListGroupsResponse } from "../../clients/gen/theseus/v1/discovery_service.js";
import { CliStage } from "../support/cli-stage.js";
import { GROUPS, READING } from "../support/fake-reading.js";
import { type Handlers, Refusal } from "../support/fake-theseus.js";
import type { CliResult } from "../support/run-cli.js";

const stage = new CliStage();
afterEach(() => stage.strike());

const json = ({ stdout }: CliResult): unknown => JSON.parse(stdout);

describe("get", () => {
  it("shows groups in a table, with the reason beside the state", async () => {
    const { stdout, exit } = await stage.theseus(READING, [
      "get",
      "groups",
      "--columns",
      "group,rev,image,wanted,ready,old,state",
    ]);
    expect(exit).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
"GROUP    REV  IMAGE  WANTED  READY  OLD  STATE
api/dev    1  web:1       1      1    0  steady
web/dev    1  web:1       2      0    0  failing: it ended with exit code 1
"
`);
  });

  it("gives lists in every format", async () => {
    expect((await stage.theseus(READING, ["get", "grp", "-o", "name"])).stdout).toBe("api/dev\nweb/dev\n");
    expect((await stage.theseus(READING, ["get", "grp", "-o", "tsv", "--columns", "group,ready"])).stdout).toBe(
      "api/dev\t1\nweb/dev\t0\n",
    );
    expect(
      (await stage.theseus(READING, ["get", "grp", "-o", "jsonl"])).stdout
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { ref: string }).ref),
    ).toEqual(["api/dev", "web/dev"]);
    expect((await stage.theseus(READING, ["get", "grp", "-o", "yaml"])).stdout).toMatch(
      /^apiVersion: theseus\.v1\nkind: GroupList\n/,
    );
    expect(json(await stage.theseus(READING, ["get", "grp", "-o", "json"]))).toMatchObject({
      apiVersion: "theseus.v1",
      kind: "GroupList",
      namespace: "default",
      revision: "100",
      items: [{ ref: "api/dev" }, { ref: "web/dev" }],
    });
  });

  it("gives the one that was named as the object itself", async () => {
    const object = json(await stage.theseus(READING, ["get", "group", "web/dev", "-o", "json"]));
    expect(object).toMatchInlineSnapshot(`
{
  "apiVersion": "theseus.v1",
  "configRevision": 1,
  "createdAt": "2026-01-02T03:04:05.000Z",
  "kind": "Group",
  "labels": [
    "dev",
  ],
  "lastChange": {
    "actor": "ana@desk",
    "at": "2026-01-02T03:04:05.000Z",
    "command": "theseus apply",
    "message": "why not",
  },
  "namespace": "default",
  "ref": "web/dev",
  "revision": "100",
  "service": "web",
  "spec": {
    "digest": "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "env": {
      "LOG_LEVEL": "info",
    },
    "image": "web:1",
    "instances": 2,
    "mem": 67108864,
    "ports": [
      {
        "container": 8080,
        "name": "http",
      },
    ],
  },
  "status": {
    "attention": [
      {
        "code": "CONTAINER_EXITED",
        "since": "2026-01-02T03:04:06.000Z",
        "slot": 1,
        "text": "it ended with exit code 1",
      },
    ],
    "outdated": 0,
    "ready": 0,
    "state": "failing",
    "wanted": 2,
  },
  "uid": "u1",
}
`);
  });

  it("sorts by a column, downwards with a minus", async () => {
    expect((await stage.theseus(READING, ["get", "groups", "-o", "name", "--sort", "-group"])).stdout).toBe(
      "web/dev\napi/dev\n",
    );
  });

  it("sends what was selected, and follows every page", async () => {
    const paged: Handlers = {
      listGroups: ({ pageToken }) =>
        ListGroupsResponse.fromPartial({
          groups: pageToken === "" ? GROUPS.slice(0, 1) : GROUPS.slice(1),
          nextPageToken: pageToken === "" ? "2" : "",
          revision: 5n,
        }),
    };
    const { stdout } = await stage.theseus(paged, [
      "get",
      "groups",
      "web",
      "-l",
      "prod,!canary",
      "-n",
      "shop",
      "-o",
      "name",
    ]);
    expect(stdout).toBe("api/dev\nweb/dev\n");
    expect(stage.sent("listGroups")).toMatchObject([
      { selector: { namespace: "shop", service: "web", labels: "prod,!canary" }, pageToken: "" },
      { pageToken: "2" },
    ]);
  });

  it("reads again from the start when a page's revision is gone", async () => {
    let failed = false;
    const handlers: Handlers = {
      listGroups: ({ pageToken }) => {
        if (pageToken === "2" && !failed) {
          failed = true;
          throw new Refusal({ code: status.INVALID_ARGUMENT, reason: "PAGE_TOKEN_EXPIRED", message: "gone" });
        }
        return ListGroupsResponse.fromPartial({
          groups: pageToken === "" ? GROUPS.slice(0, 1) : GROUPS.slice(1),
          nextPageToken: pageToken === "" ? "2" : "",
        });
      },
    };
    expect((await stage.theseus(handlers, ["get", "groups", "-o", "name"])).stdout).toBe("api/dev\nweb/dev\n");
  });

  it("of an empty list is no failure, and says where there are some", async () => {
    const empty: Handlers = { ...READING, listGroups: () => ListGroupsResponse.fromPartial({}) };
    expect(await stage.theseus(empty, ["get", "groups"])).toEqual({
      exit: 0,
      stdout: "",
      stderr: "no groups in namespace default. other namespaces with groups: billing 4\n",
    });
    expect((await stage.theseus(empty, ["get", "groups", "--fail-empty"])).exit).toBe(4);
    expect(json(await stage.theseus(empty, ["get", "groups", "-o", "json"]))).toMatchObject({ items: [] });
  });

  it("of what does not exist is exit 4", async () => {
    const empty: Handlers = { ...READING, listGroups: () => ListGroupsResponse.fromPartial({}) };
    expect(await stage.theseus(empty, ["get", "groups", "wbe"])).toMatchObject({
      exit: 4,
      stderr: expect.stringContaining("its services are web"),
    });
    expect(await stage.theseus(empty, ["get", "groups", "-n", "nope"])).toMatchObject({
      exit: 4,
      stderr: expect.stringContaining("[NO_SUCH_NAMESPACE]"),
    });
    const missing = await stage.theseus(READING, ["get", "group", "web/prod"]);
    expect(missing).toMatchObject({ exit: 4, stdout: "" });
    expect(missing.stderr).toMatchInlineSnapshot(`
"error: there is no group web/prod                                          [NO_SUCH_GROUP]
  why   did you mean: web/dev
  now   nothing was changed
  next  theseus describe web/dev
  id    req 7f3c91
"
`);
  });

  it("of what does not exist is a JSON line on stderr with -o json", async () => {
    const { stderr, stdout, exit } = await stage.theseus(READING, ["get", "group", "web/prod", "-o", "json"]);
    expect([stdout, exit]).toEqual(["", 4]);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "NO_SUCH_GROUP", exit: 4, requestId: "7f3c91" } });
  });

  it("shows containers, hosts, services and namespaces", async () => {
    expect(
      (await stage.theseus(READING, ["get", "ctr", "web/dev", "--columns", "container,host,address,rev,state"])).stdout,
    ).toMatchInlineSnapshot(`
"CONTAINER  HOST   ADDRESS                      REV  STATE
web/dev:1  local  http 172.17.0.1:20001->8080    1  ready
web/dev:2  local  http 172.17.0.1:20002->8080    1  failed
"
`);
    expect(
      (await stage.theseus(READING, ["get", "host", "--columns", "host,address,state,containers,cpu,mem,docker"]))
        .stdout,
    ).toMatchInlineSnapshot(`
"HOST   ADDRESS     STATE  CONTAINERS  CPU     MEM               DOCKER
local  172.17.0.1  ready           3  0 of 2  512 MiB of 4 GiB  20.10.24
"
`);
    expect(
      (await stage.theseus(READING, ["get", "svc", "--columns", "service,groups,wanted,ready"])).stdout,
    ).toMatchInlineSnapshot(`
"SERVICE  GROUPS  WANTED  READY
web           1       2      0
"
`);
    expect((await stage.theseus(READING, ["get", "ns", "-o", "name"])).stdout).toBe("default\nbilling\n");
    expect((await stage.theseus(READING, ["get", "ctr", "web/dev:1", "-o", "name"])).stdout).toBe("web/dev:1\n");
  });

  it("refuses what cannot be meant, before anything is sent", async () => {
    for (const argv of [
      ["get", "grups"],
      ["get", "groups", "web/dev", "-l", "a"],
      ["get", "groups", "-l", "A"],
      ["get", "groups", "-n", "A"],
      ["get", "groups", "--columns", "x"],
      ["get", "groups", "-o", "host:port"],
      ["get", "groups", "--timeout", "5"],
    ]) {
      const { exit, stderr, stdout } = await stage.theseus(READING, argv);
      expect({ argv, exit, stdout }).toEqual({ argv, exit: 2, stdout: "" });
      expect(stderr).toMatch(/^error: .*\[(USAGE|BAD_NAME)\]\n/);
    }
  });
});

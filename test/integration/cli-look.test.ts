// Commands that look, against a server that says what it is told to say.

import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "@jest/globals";
import { ContainerState } from "../../clients/gen/theseus/v1/container.js";
import {
  GetGroupResponse,
  ListContainersResponse,
  ListGroupsResponse,
  ListServicesResponse,
  LookupResponse,
} from "../../clients/gen/theseus/v1/discovery_service.js";
import { ErrorReason } from "../../clients/gen/theseus/v1/error_reason.js";
import { GroupState } from "../../clients/gen/theseus/v1/group.js";
import { HostState } from "../../clients/gen/theseus/v1/host.js";
import {
  GetNamespaceResponse,
  GetServerStatusResponse,
  ListHostsResponse,
  ListNamespacesResponse,
} from "../../clients/gen/theseus/v1/theseus_service.js";
import { containerOf, endpointOf, groupOf } from "../support/fake-groups.js";
import { type FakeTheseus, type Handlers, Refusal, startFakeTheseus } from "../support/fake-theseus.js";
import { type CliResult, runCli } from "../support/run-cli.js";

let server: FakeTheseus | undefined;
afterEach(() => server?.close());

async function theseus(handlers: Handlers, ...argv: string[]): Promise<CliResult> {
  server?.close();
  server = await startFakeTheseus(handlers);
  return runCli(argv, { env: { THESEUS_SERVER: server.address } });
}

const requests = (name: string) => server?.calls.filter((call) => call.name === name).map(({ request }) => request);
const json = ({ stdout }: CliResult): unknown => JSON.parse(stdout);

const GROUPS = [
  groupOf("api/dev", { wanted: 1 }),
  groupOf("web/dev", {
    state: GroupState.FAILING,
    ready: 0,
    attention: [{ reason: ErrorReason.CONTAINER_EXITED, text: "it ended with exit code 1", slot: 1 }],
  }),
];

const READING: Handlers = {
  listGroups: ({ selector }) =>
    ListGroupsResponse.fromPartial({
      groups: GROUPS.filter(({ ref }) => !selector?.service || ref?.service === selector.service),
      revision: 100n,
    }),
  getGroup: ({ group }) => {
    const found = GROUPS.find(
      ({ ref }) => ref?.service === group?.service && ref?.labels.join() === group?.labels.join(),
    );
    if (found === undefined)
      throw new Refusal({
        code: status.NOT_FOUND,
        reason: "NO_SUCH_GROUP",
        message: "there is no group web/prod",
        metadata: { why: "did you mean: web/dev", now: "nothing was changed", next: "theseus describe web/dev" },
      });
    return GetGroupResponse.fromPartial({ group: found });
  },
  listContainers: () =>
    ListContainersResponse.fromPartial({
      containers: [containerOf("web/dev", 1), containerOf("web/dev", 2, ContainerState.FAILED)],
      revision: 100n,
    }),
  getContainer: () => ({ container: containerOf("web/dev", 1) }),
  listServices: () =>
    ListServicesResponse.fromPartial({
      services: [{ namespace: "default", name: "web", groups: 1, wanted: 2, ready: 0 }],
      revision: 100n,
    }),
  getNamespace: ({ name }) => {
    if (name === "nope")
      throw new Refusal({ code: status.NOT_FOUND, reason: "NO_SUCH_NAMESPACE", message: "there is no namespace nope" });
    return GetNamespaceResponse.fromPartial({ namespace: { name } });
  },
  listNamespaces: () =>
    ListNamespacesResponse.fromPartial({ namespaces: [{ name: "default" }, { name: "billing", groups: 4 }] }),
  listHosts: () =>
    ListHostsResponse.fromPartial({
      hosts: [
        {
          name: "local",
          state: HostState.READY,
          address: "172.17.0.1",
          engineId: "E",
          engineVersion: "20.10.24",
          cpu: 2,
          memBytes: 1n << 32n,
          memBytesReserved: 1n << 29n,
          containers: 3,
        },
      ],
    }),
};

describe("get", () => {
  it("shows groups in a table, with the reason beside the state", async () => {
    const { stdout, exit } = await theseus(
      READING,
      "get",
      "groups",
      "--columns",
      "group,rev,image,wanted,ready,old,state",
    );
    expect(exit).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
"GROUP    REV  IMAGE  WANTED  READY  OLD  STATE
api/dev    1  web:1       1      1    0  steady
web/dev    1  web:1       2      0    0  failing: it ended with exit code 1
"
`);
  });

  it("gives lists in every format", async () => {
    expect((await theseus(READING, "get", "grp", "-o", "name")).stdout).toBe("api/dev\nweb/dev\n");
    expect((await theseus(READING, "get", "grp", "-o", "tsv", "--columns", "group,ready")).stdout).toBe(
      "api/dev\t1\nweb/dev\t0\n",
    );
    expect(
      (await theseus(READING, "get", "grp", "-o", "jsonl")).stdout
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { ref: string }).ref),
    ).toEqual(["api/dev", "web/dev"]);
    expect((await theseus(READING, "get", "grp", "-o", "yaml")).stdout).toMatch(
      /^apiVersion: theseus\.v1\nkind: GroupList\n/,
    );
    expect(json(await theseus(READING, "get", "grp", "-o", "json"))).toMatchObject({
      apiVersion: "theseus.v1",
      kind: "GroupList",
      namespace: "default",
      revision: "100",
      items: [{ ref: "api/dev" }, { ref: "web/dev" }],
    });
  });

  it("gives the one that was named as the object itself", async () => {
    const object = json(await theseus(READING, "get", "group", "web/dev", "-o", "json"));
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
    expect((await theseus(READING, "get", "groups", "-o", "name", "--sort", "-group")).stdout).toBe(
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
    const { stdout } = await theseus(paged, "get", "groups", "web", "-l", "prod,!canary", "-n", "shop", "-o", "name");
    expect(stdout).toBe("api/dev\nweb/dev\n");
    expect(requests("listGroups")).toMatchObject([
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
    expect((await theseus(handlers, "get", "groups", "-o", "name")).stdout).toBe("api/dev\nweb/dev\n");
  });

  it("of an empty list is no failure, and says where there are some", async () => {
    const empty: Handlers = { ...READING, listGroups: () => ListGroupsResponse.fromPartial({}) };
    expect(await theseus(empty, "get", "groups")).toEqual({
      exit: 0,
      stdout: "",
      stderr: "no groups in namespace default. other namespaces with groups: billing 4\n",
    });
    expect((await theseus(empty, "get", "groups", "--fail-empty")).exit).toBe(4);
    expect(json(await theseus(empty, "get", "groups", "-o", "json"))).toMatchObject({ items: [] });
  });

  it("of what does not exist is exit 4", async () => {
    const empty: Handlers = { ...READING, listGroups: () => ListGroupsResponse.fromPartial({}) };
    expect(await theseus(empty, "get", "groups", "wbe")).toMatchObject({
      exit: 4,
      stderr: expect.stringContaining("its services are web"),
    });
    expect(await theseus(empty, "get", "groups", "-n", "nope")).toMatchObject({
      exit: 4,
      stderr: expect.stringContaining("[NO_SUCH_NAMESPACE]"),
    });
    const missing = await theseus(READING, "get", "group", "web/prod");
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
    const { stderr, stdout, exit } = await theseus(READING, "get", "group", "web/prod", "-o", "json");
    expect([stdout, exit]).toEqual(["", 4]);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "NO_SUCH_GROUP", exit: 4, requestId: "7f3c91" } });
  });

  it("shows containers, hosts, services and namespaces", async () => {
    expect(
      (await theseus(READING, "get", "ctr", "web/dev", "--columns", "container,host,address,rev,state")).stdout,
    ).toMatchInlineSnapshot(`
"CONTAINER  HOST   ADDRESS                      REV  STATE
web/dev:1  local  http 172.17.0.1:20001->8080    1  ready
web/dev:2  local  http 172.17.0.1:20002->8080    1  failed
"
`);
    expect(
      (await theseus(READING, "get", "host", "--columns", "host,address,state,containers,cpu,mem,docker")).stdout,
    ).toMatchInlineSnapshot(`
"HOST   ADDRESS     STATE  CONTAINERS  CPU     MEM               DOCKER
local  172.17.0.1  ready           3  0 of 2  512 MiB of 4 GiB  20.10.24
"
`);
    expect(
      (await theseus(READING, "get", "svc", "--columns", "service,groups,wanted,ready")).stdout,
    ).toMatchInlineSnapshot(`
"SERVICE  GROUPS  WANTED  READY
web           1       2      0
"
`);
    expect((await theseus(READING, "get", "ns", "-o", "name")).stdout).toBe("default\nbilling\n");
    expect((await theseus(READING, "get", "ctr", "web/dev:1", "-o", "name")).stdout).toBe("web/dev:1\n");
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
      const { exit, stderr, stdout } = await theseus(READING, ...argv);
      expect({ argv, exit, stdout }).toEqual({ argv, exit: 2, stdout: "" });
      expect(stderr).toMatch(/^error: .*\[(USAGE|BAD_NAME)\]\n/);
    }
  });
});

describe("describe", () => {
  it("says state, why, what next, config and containers of a group", async () => {
    const { stdout } = await theseus(READING, "describe", "web/dev");
    const ageless = stdout.replaceAll(/\b\d+[smhd]\b/g, "AGE").replaceAll(/\S {2,}/g, (gap) => gap.slice(0, 3));
    expect(ageless).toMatchInlineSnapshot(`
"web/dev  namespace default · rev 1 · changed AGE ago by ana@desk "why not"
state  failing: 0 of 2 ready
why  :1 it ended with exit code 1  [CONTAINER_EXITED]
next  theseus get containers web/dev -o wide
config  image web:1 (sha256:0123456789ab) · 2 instances · 64 MiB · http 8080
          env LOG_LEVEL
containers
  CONTAINER  HOST  ADDRESS  REV  STATE  FOR  ORIGIN  NAME
  web/dev:1  local  http 172.17.0.1:20001->8080  1  ready  AGE  managed  web.dev.1.1-abcdef
  web/dev:2  local  http 172.17.0.1:20002->8080  1  failed  AGE  managed  web.dev.2.1-abcdef
"
`);
    expect(stdout).not.toContain("info");
  });

  it("is complete in JSON", async () => {
    expect(json(await theseus(READING, "describe", "web/dev", "-o", "json"))).toMatchObject({
      kind: "GroupDetail",
      group: { ref: "web/dev" },
      containers: [{ ref: "web/dev:1" }, { ref: "web/dev:2" }],
      attention: [{ code: "CONTAINER_EXITED", slot: 1 }],
    });
  });

  it("takes a container and a host", async () => {
    expect((await theseus(READING, "describe", "web/dev:1")).stdout).toMatch(/^web\/dev:1\nstate {5}ready/);
    const host: Handlers = {
      ...READING,
      getHost: () => ({
        host: {
          ...ListHostsResponse.fromPartial({ hosts: [{ name: "local", problem: "no answer" }] }).hosts[0],
        } as never,
      }),
    };
    expect((await theseus(host, "describe", "host", "local")).stdout).toMatch(/^local\nstate/);
  });
});

describe("discover", () => {
  const found = LookupResponse.fromPartial({
    endpoints: [endpointOf("web/dev", 1), endpointOf("web/dev", 2)],
    revision: 100n,
    matchingGroups: 1,
    matchingContainers: 3,
  });
  const handlers: Handlers = { lookup: () => found };

  it("shows endpoints, and on stderr how many of how many", async () => {
    const { stdout, stderr } = await theseus(handlers, "discover", "web", "-l", "dev", "-p", "http");
    expect(stdout).toMatchInlineSnapshot(`
"GROUP    ENDPOINT          PORT  HOST   REV  STATE
web/dev  172.17.0.1:20001  http  local    1  ready
web/dev  172.17.0.1:20002  http  local    1  ready
"
`);
    expect(stderr).toBe("2 ready of 3 · revision 100\n");
    expect(requests("lookup")).toMatchObject([
      { target: { $case: "selector", value: { service: "web", labels: "dev" } }, port: "http", includeNotReady: false },
    ]);
  });

  it("gives addresses for scripts, all or one", async () => {
    expect((await theseus(handlers, "discover", "web/dev", "-o", "host:port")).stdout).toBe(
      "172.17.0.1:20001\n172.17.0.1:20002\n",
    );
    expect((await theseus(handlers, "discover", "web/dev", "--one")).stdout).toMatch(/^172\.17\.0\.1:2000[12]\n$/);
    expect((await theseus(handlers, "discover", "web/dev:2", "-o", "host:port")).stdout).toBe("172.17.0.1:20002\n");
    expect(requests("lookup")).toMatchObject([
      { target: { $case: "group", value: { service: "web", labels: ["dev"] } } },
    ]);
  });

  it("is exit 4 with the reason when there is nothing", async () => {
    const none: Handlers = {
      ...READING,
      lookup: () => LookupResponse.fromPartial({ revision: 100n, matchingGroups: 1, matchingContainers: 2 }),
    };
    expect(await theseus(none, "discover", "web")).toMatchObject({
      exit: 4,
      stderr: expect.stringContaining("[NOTHING_READY]"),
    });
    const near: Handlers = { lookup: () => LookupResponse.fromPartial({ nearMisses: ["web/dev"] }) };
    expect(await theseus(near, "discover", "web/prod")).toMatchObject({
      exit: 4,
      stderr: expect.stringContaining("these are near: web/dev"),
    });
  });
});

describe("server status and version", () => {
  const well = GetServerStatusResponse.fromPartial({
    version: "0.1.0",
    serverId: "s1",
    leaderId: "s1",
    storeReachable: true,
    revision: 7n,
    serverIds: ["s1"],
  });

  it("are well, or say what is not", async () => {
    expect(await theseus({ getServerStatus: () => well }, "server", "status")).toMatchObject({ exit: 0, stderr: "" });
    const ill = { ...well, storeReachable: false, leaderId: "", problems: ["the disk is full"] };
    const { exit, stdout } = await theseus({ getServerStatus: () => ill }, "server", "status");
    expect(exit).toBe(1);
    expect(stdout).toMatch(/FAIL {2}store.*\nWARN {2}leader.*\nFAIL {2}problem {3}the disk is full\n/);
    expect(json(await theseus({ getServerStatus: () => ill }, "server", "status", "-o", "json"))).toMatchObject({
      kind: "Report",
      ok: false,
    });
  });

  it("can be waited for", async () => {
    let asked = 0;
    const starting: Handlers = {
      getServerStatus: () => {
        asked += 1;
        return asked < 3 ? { ...well, leaderId: "" } : well;
      },
    };
    expect((await theseus(starting, "server", "status", "--wait")).exit).toBe(0);
    expect(asked).toBe(3);
  });

  it("of this program needs no server", async () => {
    expect(await runCli(["version", "--client", "--server", "127.0.0.1:1"])).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^client {2}\d+\.\d+\.\d+/),
    });
    expect(json(await theseus({ getServerStatus: () => well }, "version", "-o", "json"))).toMatchObject({
      client: { api: "theseus.v1" },
      server: { version: "0.1.0" },
    });
  });
});

describe("without a server", () => {
  it("every command is exit 10 with four lines", async () => {
    const address = (await startFakeTheseus({}).then((fake) => (fake.close(), fake))).address;
    for (const argv of [
      ["get", "groups"],
      ["describe", "web/dev"],
      ["discover", "web"],
      ["version"],
      ["server", "status"],
      ["scale", "web/dev", "3"],
    ]) {
      const { exit, stderr, stdout } = await runCli([...argv, "--server", address]);
      expect({ argv, exit, stdout }).toEqual({
        argv,
        exit: 10,
        stdout: argv[0] === "version" ? expect.any(String) : "",
      });
      expect(stderr).toMatch(
        /^error: no answer .*\[SERVER_UNREACHABLE\]\n {2}why {3}connect ECONNREFUSED .*\n {2}now {3}.*\n {2}next {2}/,
      );
    }
  });
});

describe("help", () => {
  it("is printed for every command, on stdout", async () => {
    for (const words of [[], ["get"], ["apply"], ["set", "image"], ["namespace", "remove"], ["server", "status"]]) {
      const asked = await runCli([...words, "--help"]);
      expect({ words, ...asked }).toMatchObject({
        exit: 0,
        stderr: "",
        stdout: expect.stringContaining("Usage: theseus"),
      });
      expect(await runCli(["help", ...words])).toEqual(asked);
    }
    expect((await runCli(["help", "exit-codes"])).stdout).toMatch(/^EXIT {2}NAME/);
  });

  it("mistyped commands and flags are told the nearest", async () => {
    expect(await runCli(["aply"])).toMatchObject({ exit: 2, stderr: expect.stringContaining("did you mean apply") });
    expect(await runCli(["apply", "--fiel", "x"])).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining("did you mean --file"),
    });
    expect(await runCli(["set", "imgae"])).toMatchObject({ exit: 2 });
    expect(await runCli(["scale"])).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining("missing required argument"),
    });
    expect(JSON.parse((await runCli(["aply", "-o", "json"])).stderr)).toMatchObject({
      error: { code: "USAGE", exit: 2 },
    });
  });
});

// describe and discover, against a server that says what it is told to say.

import { afterEach, describe, expect, it } from "@jest/globals";
import { LookupResponse } from "../../clients/gen/theseus/v1/discovery_service.js";
import { ListHostsResponse } from "../../clients/gen/theseus/v1/theseus_service.js";
import { CliStage } from "../support/cli-stage.js";
import { endpointOf } from "../support/fake-groups.js";
import { READING } from "../support/fake-reading.js";
import type { Handlers } from "../support/fake-theseus.js";
import type { CliResult } from "../support/run-cli.js";

const stage = new CliStage();
afterEach(() => stage.strike());

const json = ({ stdout }: CliResult): unknown => JSON.parse(stdout);

describe("describe", () => {
  it("says state, why, what next, config and containers of a group", async () => {
    const { stdout } = await stage.theseus(READING, ["describe", "web/dev"]);
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
    expect(json(await stage.theseus(READING, ["describe", "web/dev", "-o", "json"]))).toMatchObject({
      kind: "GroupDetail",
      group: { ref: "web/dev" },
      containers: [{ ref: "web/dev:1" }, { ref: "web/dev:2" }],
      attention: [{ code: "CONTAINER_EXITED", slot: 1 }],
    });
  });

  it("takes a container and a host", async () => {
    expect((await stage.theseus(READING, ["describe", "web/dev:1"])).stdout).toMatch(/^web\/dev:1\nstate {5}ready/);
    const host: Handlers = {
      ...READING,
      getHost: () => ({
        host: {
          ...ListHostsResponse.fromPartial({ hosts: [{ name: "local", problem: "no answer" }] }).hosts[0],
        } as never,
      }),
    };
    expect((await stage.theseus(host, ["describe", "host", "local"])).stdout).toMatch(/^local\nstate/);
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
    const { stdout, stderr } = await stage.theseus(handlers, ["discover", "web", "-l", "dev", "-p", "http"]);
    expect(stdout).toMatchInlineSnapshot(`
"GROUP    ENDPOINT          PORT  HOST   REV  STATE
web/dev  172.17.0.1:20001  http  local    1  ready
web/dev  172.17.0.1:20002  http  local    1  ready
"
`);
    expect(stderr).toBe("2 ready of 3 · revision 100\n");
    expect(stage.sent("lookup")).toMatchObject([
      { target: { $case: "selector", value: { service: "web", labels: "dev" } }, port: "http", includeNotReady: false },
    ]);
  });

  it("gives addresses for scripts, all or one", async () => {
    expect((await stage.theseus(handlers, ["discover", "web/dev", "-o", "host:port"])).stdout).toBe(
      "172.17.0.1:20001\n172.17.0.1:20002\n",
    );
    expect((await stage.theseus(handlers, ["discover", "web/dev", "--one"])).stdout).toMatch(
      /^172\.17\.0\.1:2000[12]\n$/,
    );
    expect((await stage.theseus(handlers, ["discover", "web/dev:2", "-o", "host:port"])).stdout).toBe(
      "172.17.0.1:20002\n",
    );
    expect(stage.sent("lookup")).toMatchObject([
      { target: { $case: "group", value: { service: "web", labels: ["dev"] } } },
    ]);
  });

  it("is exit 4 with the reason when there is nothing", async () => {
    const none: Handlers = {
      ...READING,
      lookup: () => LookupResponse.fromPartial({ revision: 100n, matchingGroups: 1, matchingContainers: 2 }),
    };
    expect(await stage.theseus(none, ["discover", "web"])).toMatchObject({
      exit: 4,
      stderr: expect.stringContaining("[NOTHING_READY]"),
    });
    const near: Handlers = { lookup: () => LookupResponse.fromPartial({ nearMisses: ["web/dev"] }) };
    expect(await stage.theseus(near, ["discover", "web/prod"])).toMatchObject({
      exit: 4,
      stderr: expect.stringContaining("these are near: web/dev"),
    });
  });
});

// create and update, against a server that says what it is told to say.

import { afterEach, describe, expect, it } from "@jest/globals";
import { ErrorReason } from "../../clients/gen/theseus/v1/error_reason.js";
import { OnFailure, UpdateOrder } from "../../clients/gen/theseus/v1/group.js";
import { PlanAction } from "../../clients/gen/theseus/v1/plan.js";
import type { UpdateGroupRequest } from "../../clients/gen/theseus/v1/theseus_service.js";
import { CliStage, plan, STEADY, story, UPDATING } from "../support/cli-stage.js";
import { groupOf } from "../support/fake-groups.js";
import type { Handlers } from "../support/fake-theseus.js";

const stage = new CliStage();
afterEach(() => stage.strike());

describe("create", () => {
  it("sends what the flags say, and tells where it runs", async () => {
    const handlers: Handlers = {
      createGroup: () => ({
        group: undefined,
        plan: plan("web/dev", PlanAction.CREATE, { fromRevision: 0n, toRevision: 1n }),
        revision: 50n,
      }),
      ...story(groupOf("web/dev", { wanted: 1 })),
    };
    await stage.write("web.env", "A=1\nB=2\n");
    const flags = [
      "--image",
      "web:1",
      "-i",
      "1",
      "-p",
      "http=8080",
      "-p",
      "dns=53:5353/udp",
      "--cpu",
      "0.5",
      "--mem",
      "64MiB",
      "--env-file",
      "web.env",
      "--env",
      "B=x=y",
      "--health",
      "http:/healthz",
      "--constraints",
      "zone=eu-1",
      "--cmd",
      "httpd -f -p 'a b'",
      "--arg",
      "-v",
      "--arg=-n",
      "-m",
      "first",
    ];
    const { exit, stdout, stderr } = await stage.theseus(handlers, ["create", "web/dev", ...flags]);
    expect({ exit, stderr: stderr.split("\n")[0] }).toEqual({
      exit: 0,
      stderr: expect.stringMatching(/^\+ web\/dev +rev 1$/),
    });
    expect(stdout).toMatch(/^created web\/dev rev 1 · 1 of 1 ready on local 172\.17\.0\.1:20001 · \d+ ms\n$/);
    expect(stage.sent("createGroup")[0]).toMatchObject({
      group: { namespace: "default", service: "web", labels: ["dev"] },
      config: {
        image: "web:1",
        instances: 1,
        ports: [
          { name: "http", container: 8080 },
          { name: "dns", container: 53, host: 5353, protocol: 2 },
        ],
        cpu: 0.5,
        memBytes: 67_108_864n,
        env: { A: "1", B: "x=y" },
        health: { check: { $case: "http", value: { port: "http", path: "/healthz" } } },
        constraints: "zone=eu-1",
        command: ["httpd", "-f", "-p", "a b"],
        args: ["-v", "-n"],
      },
      validateOnly: false,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      change: { actor: expect.stringMatching(/^.+@.+$/), message: "first" },
    });
  });

  it("records the command without the values of --env", async () => {
    await stage.theseus({}, ["create", "web/dev", "--image", "x", "--env", "PASSWORD=hunter2", "--env=TOKEN=hunter3"]);
    const command = (stage.sent("createGroup")[0] as { change?: { command: string } }).change?.command;
    expect(command).toBe("theseus create web/dev --image x --env 'PASSWORD=***' '--env=TOKEN=***'");
  });

  it("tells every wrong flag at once, and sends nothing", async () => {
    const flags = [
      "--image",
      "x",
      "-i",
      "1001",
      "-p",
      "HTTP=80",
      "-p",
      "a=0",
      "--cpu",
      "x",
      "--mem",
      "5",
      "--env",
      "novalue",
      "--health",
      "ping",
      "--constraints",
      "A",
      "--cmd",
      "'x",
      "--env-file",
      "nope",
    ];
    const { exit, stderr } = await stage.theseus({}, ["create", "web/dev", ...flags]);
    expect([exit, stage.names()]).toEqual([2, []]);
    expect(stderr).toContain("error: 10 flags are wrong");
    expect((await stage.theseus({}, ["create", "web/dev"])).stderr).toContain("--image is missing");
    expect((await stage.theseus({}, ["create", "web/dev", "--image", "x", "--health", "http:/"])).exit).toBe(2);
  });

  it("gives the group as JSON", async () => {
    const handlers: Handlers = {
      createGroup: () => ({
        group: undefined,
        plan: plan("web/dev", PlanAction.CREATE, { toRevision: 1n }),
        revision: 50n,
      }),
      ...story(groupOf("web/dev")),
    };
    const { stdout } = await stage.theseus(handlers, ["create", "web/dev", "--image", "x", "-o", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({ kind: "Group", ref: "web/dev", status: { state: "steady" } });
  });

  it("only asks for the plan with --dry-run", async () => {
    const refusals = [
      {
        slot: 1,
        hosts: [{ host: "local", reason: ErrorReason.NO_HOST_FITS, text: "1.2 GiB of memory free, 2 GiB asked" }],
      },
    ];
    const handlers: Handlers = {
      createGroup: () => ({
        group: undefined,
        plan: plan("web/dev", PlanAction.CREATE, {
          fromRevision: 0n,
          toRevision: 1n,
          created: 2,
          placements: [{ slot: 2, host: "local" }],
          refusals,
        }),
        revision: 50n,
      }),
    };
    const { exit, stdout } = await stage.theseus(handlers, ["create", "web/dev", "--image", "x", "--dry-run"]);
    expect(stage.sent("createGroup")[0]).toMatchObject({ validateOnly: true });
    expect(exit).toBe(6);
    expect(stdout).toMatchInlineSnapshot(`
"+ web/dev                                 rev 1
    effect   2 new containers
    place    :2 local
             :1 does not fit
               local   1.2 GiB of memory free, 2 GiB asked

1 to create.  1 container fits nowhere.
"
`);
  });
});

describe("update", () => {
  it("names the fields that were set, and those that go", async () => {
    await stage.theseus({ ...UPDATING, ...story(STEADY) }, [
      "update",
      "web/dev",
      "--env",
      "A=1",
      "--env-rm",
      "B",
      "-p",
      "https=8443",
      "--mem",
      "none",
      "--health",
      "none",
      "--expected-revision",
      "1",
    ]);
    const [request] = stage.sent("updateGroup") as UpdateGroupRequest[];
    expect(request?.updateMask).toEqual(["mem", "ports.https", "env.A", "env.B", "health"]);
    expect(request).toMatchObject({
      expectedRevision: 1n,
      config: { env: { A: "1" }, ports: [{ name: "https", container: 8443 }] },
    });
    expect(request?.config?.memBytes).toBeUndefined();
  });

  it("sets single parts of the update policy, and leaves the others", async () => {
    const policy = "--max-parallel 25% --order stop-first --min-healthy-time 500ms --canary 0 --on-failure pause";
    const deadlines = "--healthy-deadline 2m --progress-deadline 1h";
    const argv = ["update", "web/dev", ...policy.split(" "), ...deadlines.split(" ")];
    expect((await stage.theseus({ ...UPDATING, ...story(STEADY) }, argv)).exit).toBe(0);
    const [request] = stage.sent("updateGroup") as UpdateGroupRequest[];
    expect(request?.updateMask).toEqual(
      [
        "max_parallel",
        "order",
        "min_healthy_time",
        "healthy_deadline",
        "progress_deadline",
        "canary",
        "on_failure",
      ].map((name) => `update.${name}`),
    );
    expect(request?.config?.update).toMatchObject({
      maxParallel: "25%",
      order: UpdateOrder.STOP_FIRST,
      minHealthyTime: { seconds: 0n, nanos: 500_000_000 },
      healthyDeadline: { seconds: 120n },
      progressDeadline: { seconds: 3600n },
      canary: 0,
      onFailure: OnFailure.PAUSE,
    });
  });

  it("says of every part of the update policy that is wrong what it should be, and sends nothing", async () => {
    const flags = "--max-parallel 101% --order both --min-healthy-time soon --canary -1 --on-failure constructor";
    const { exit, stderr } = await stage.theseus(UPDATING, ["update", "web/dev", ...flags.split(" ")]);
    expect(exit).toBe(2);
    for (const line of [
      "--max-parallel 101%: a number from 1 to 1000, or a share like 25%",
      "--order both: one of auto, start-first, stop-first",
      "--min-healthy-time soon: a whole number with a unit: 500ms 30s 5m",
      "--canary -1: a whole number from 0 to 1000",
      "--on-failure constructor: one of rollback, pause, continue",
    ])
      expect(stderr).toContain(line);
    expect(stage.names()).toEqual([]);
  });

  it("asks the group for its port when --health names none", async () => {
    await stage.theseus({ ...UPDATING, ...story(STEADY) }, ["update", "web/dev", "--health", "http:/ok"]);
    expect(stage.sent("updateGroup")[0]).toMatchObject({
      config: { health: { check: { value: { port: "http", path: "/ok" } } } },
    });
  });

  it("of nothing is a mistake", async () => {
    expect(await stage.theseus({}, ["update", "web/dev"])).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining("nothing to change"),
    });
  });
});

// Commands that change, against a server that says what it is told to say.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { ListContainersResponse, ListGroupsResponse } from "../../clients/gen/theseus/v1/discovery_service.js";
import { ErrorReason } from "../../clients/gen/theseus/v1/error_reason.js";
import { type Group, GroupState } from "../../clients/gen/theseus/v1/group.js";
import { GroupPlan, PlanAction } from "../../clients/gen/theseus/v1/plan.js";
import type { ApplyGroupsRequest, UpdateGroupRequest } from "../../clients/gen/theseus/v1/theseus_service.js";
import { containerOf, groupOf, refOf } from "../support/fake-groups.js";
import { type FakeTheseus, type Handlers, Refusal, startFakeTheseus } from "../support/fake-theseus.js";
import { type CliOptions, type CliResult, runCli } from "../support/run-cli.js";

let server: FakeTheseus | undefined;
let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "theseus-cli-"));
});
afterEach(async () => {
  server?.close();
  await rm(folder, { recursive: true });
});

async function theseus(handlers: Handlers, argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  server?.close();
  server = await startFakeTheseus(handlers);
  return runCli(argv, { cwd: folder, ...options, env: { THESEUS_SERVER: server.address, ...options.env } });
}

const sent = (name: string) => (server?.calls ?? []).filter((call) => call.name === name).map(({ request }) => request);
const names = () => (server?.calls ?? []).map(({ name }) => name);
const noSuchGroup = () =>
  new Refusal({ code: status.NOT_FOUND, reason: "NO_SUCH_GROUP", message: "there is no such group" });

/** What GetGroup answers, call after call; the last one stays. */
function story(...groups: readonly (Group | "gone")[]): Handlers {
  const left = [...groups];
  return {
    getGroup: () => {
      const group = left.length > 1 ? left.shift() : left[0];
      if (group === undefined || group === "gone") throw noSuchGroup();
      return { group };
    },
    listContainers: () => ListContainersResponse.fromPartial({ containers: [containerOf("web/dev", 1)] }),
  };
}

function plan(text: string, action: PlanAction, more: Partial<GroupPlan> = {}): GroupPlan {
  return GroupPlan.fromPartial({
    ref: refOf(text),
    action,
    fromRevision: 1n,
    toRevision: action === PlanAction.NONE ? 1n : 2n,
    ...more,
  });
}

const starting = groupOf("web/dev", { rev: 2, state: GroupState.STARTING, ready: 0 });
const steady = groupOf("web/dev", { rev: 2 });
const trouble = (reason: ErrorReason, text: string) =>
  groupOf("web/dev", { rev: 2, state: GroupState.FAILING, ready: 0, attention: [{ reason, text, slot: 1 }] });

const updating: Handlers = {
  updateGroup: () => ({ group: undefined, plan: plan("web/dev", PlanAction.UPDATE), revision: 50n }),
};

describe("waiting after a change", () => {
  const change = ["set", "image", "web/dev", "web:2"];

  it("follows the group until it is steady, reading its own write", async () => {
    const { exit, stdout, stderr } = await theseus(
      { ...updating, ...story(starting, groupOf("web/dev", { rev: 2, state: GroupState.ROLLING, ready: 1 }), steady) },
      change,
    );
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^web\/dev is steady at rev 2: 2 of 2 ready, \d+ ms\n$/);
    expect(stderr).toMatch(
      /^~ web\/dev +rev 1 -> 2\n\d\d:\d\d:\d\dZ web\/dev rev 2 0 of 2 ready, starting\n.* rev 2 1 of 2 ready, rolling\n.* 2 of 2 ready, steady\n$/,
    );
    expect(sent("getGroup")[0]).toMatchObject({ atLeastRevision: 50n });
  });

  it.each([
    [ErrorReason.IMAGE_NOT_FOUND, 7],
    [ErrorReason.IMAGE_DENIED, 7],
    [ErrorReason.REGISTRY_UNREACHABLE, 7],
    [ErrorReason.COMMAND_NOT_FOUND, 7],
    [ErrorReason.NO_HOST_FITS, 6],
    [ErrorReason.PORT_TAKEN, 6],
  ])("ends when there is no hope: reason %i, exit %i", async (reason, exit) => {
    const result = await theseus({ ...updating, ...story(starting, trouble(reason, "it is so")) }, change);
    expect(result).toMatchObject({ exit, stdout: "" });
    expect(result.stderr).toMatch(
      /error: web\/dev cannot become steady at rev 2: .*\[\w+\]\n {2}why {3}it is so\n {2}now {3}rev 2 is stored, 0 of 2 ready\n {2}next {2}theseus /,
    );
  });

  it("ends after three crashes of one slot", async () => {
    const crash = (n: number) => trouble(ErrorReason.CONTAINER_EXITED, `container ${n} ended with exit code 1`);
    const { exit, stderr } = await theseus(
      { ...updating, ...story(starting, crash(1), crash(1), crash(2), crash(3)) },
      change,
    );
    expect(exit).toBe(7);
    expect(stderr).toContain("[CONTAINER_EXITED]");
  });

  it("ends with our own patience, and says that the work goes on", async () => {
    const { exit, stderr } = await theseus({ ...updating, ...story(starting) }, [...change, "--timeout", "200ms"]);
    expect(exit).toBe(9);
    expect(stderr).toMatch(/error: stopped waiting after 200 ms: web\/dev is at 0 of 2 ready.*\[STILL_RUNNING\]/);
  });

  it("ends when a newer change takes over, or removes the group", async () => {
    const newer = await theseus({ ...updating, ...story(starting, groupOf("web/dev", { rev: 3 })) }, change);
    expect(newer).toMatchObject({ exit: 13, stderr: expect.stringContaining("it is at rev 3 by ana@desk") });
    expect((await theseus({ ...updating, ...story(starting, "gone") }, change)).exit).toBe(4);
  });

  it("is left out with --detach", async () => {
    const { exit, stdout } = await theseus(updating, [...change, "--detach"]);
    expect([exit, stdout, names()]).toEqual([0, "web/dev is accepted\n", ["updateGroup"]]);
  });

  it("survives a server that is away for a moment", async () => {
    const told: (Group | Refusal)[] = [
      starting,
      new Refusal({ code: status.UNAVAILABLE, reason: "NOT_READY", message: "x" }),
      steady,
    ];
    const getGroup = () => {
      const next = told.length > 1 ? told.shift() : told[0];
      if (next instanceof Refusal) throw next;
      return { group: next };
    };
    expect((await theseus({ ...updating, getGroup }, change)).exit).toBe(0);
  });

  it("ends with 130 when it is interrupted, and says that the work goes on", async () => {
    const stop = new AbortController();
    const getGroup = () => {
      setImmediate(() => stop.abort(130));
      return { group: starting };
    };
    const { exit, stderr } = await theseus({ ...updating, getGroup }, change, { interrupted: stop.signal });
    expect(exit).toBe(130);
    expect(stderr).toContain("the change was accepted; the work goes on in the server");
  });
});

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
    await writeFile(join(folder, "web.env"), "A=1\nB=2\n");
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
    const { exit, stdout, stderr } = await theseus(handlers, ["create", "web/dev", ...flags]);
    expect({ exit, stderr: stderr.split("\n")[0] }).toEqual({
      exit: 0,
      stderr: expect.stringMatching(/^\+ web\/dev +rev 1$/),
    });
    expect(stdout).toMatch(/^created web\/dev rev 1 · 1 of 1 ready on local 172\.17\.0\.1:20001 · \d+ ms\n$/);
    expect(sent("createGroup")[0]).toMatchObject({
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
    await theseus({}, ["create", "web/dev", "--image", "x", "--env", "PASSWORD=hunter2", "--env=TOKEN=hunter3"]);
    const command = (sent("createGroup")[0] as { change?: { command: string } }).change?.command;
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
    const { exit, stderr } = await theseus({}, ["create", "web/dev", ...flags]);
    expect([exit, names()]).toEqual([2, []]);
    expect(stderr).toContain("error: 10 flags are wrong");
    expect((await theseus({}, ["create", "web/dev"])).stderr).toContain("--image is missing");
    expect((await theseus({}, ["create", "web/dev", "--image", "x", "--health", "http:/"])).exit).toBe(2);
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
    const { stdout } = await theseus(handlers, ["create", "web/dev", "--image", "x", "-o", "json"]);
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
    const { exit, stdout } = await theseus(handlers, ["create", "web/dev", "--image", "x", "--dry-run"]);
    expect(sent("createGroup")[0]).toMatchObject({ validateOnly: true });
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
    await theseus({ ...updating, ...story(steady) }, [
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
    const [request] = sent("updateGroup") as UpdateGroupRequest[];
    expect(request?.updateMask).toEqual(["mem", "ports.https", "env.A", "env.B", "health"]);
    expect(request).toMatchObject({
      expectedRevision: 1n,
      config: { env: { A: "1" }, ports: [{ name: "https", container: 8443 }] },
    });
    expect(request?.config?.memBytes).toBeUndefined();
  });

  it("asks the group for its port when --health names none", async () => {
    await theseus({ ...updating, ...story(steady) }, ["update", "web/dev", "--health", "http:/ok"]);
    expect(sent("updateGroup")[0]).toMatchObject({
      config: { health: { check: { value: { port: "http", path: "/ok" } } } },
    });
  });

  it("of nothing is a mistake", async () => {
    expect(await theseus({}, ["update", "web/dev"])).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining("nothing to change"),
    });
  });
});

describe("scale", () => {
  const two = groupOf("web/dev", { rev: 1, wanted: 4 });
  const handlers = (): Handlers => ({ ...updating, ...story(two, steady) });

  it("up needs no yes", async () => {
    expect((await theseus(handlers(), ["scale", "web/dev", "5"])).exit).toBe(0);
    expect(sent("updateGroup")[0]).toMatchObject({ config: { instances: 5 }, updateMask: ["instances"] });
  });

  it("down to half needs one, and says the exact command", async () => {
    const { exit, stderr } = await theseus(handlers(), ["scale", "web/dev", "2"]);
    expect([exit, sent("updateGroup")]).toEqual([2, []]);
    expect(stderr).toContain("[CONFIRMATION_NEEDED]");
    expect(stderr).toContain("  next  theseus scale web/dev 2 --yes\n");
    expect((await theseus(handlers(), ["scale", "web/dev", "2", "--yes"])).exit).toBe(0);
  });

  it("asks a person at a terminal", async () => {
    const yes = await theseus(handlers(), ["scale", "web/dev", "0"], { answer: "y" });
    expect(yes).toMatchObject({
      exit: 0,
      stderr: expect.stringContaining("stops :1 (local), leaves 0\ngo on? [y/N] "),
    });
    const no = await theseus(handlers(), ["scale", "web/dev", "0"], { answer: "" });
    expect(no).toMatchObject({ exit: 130, stderr: expect.stringContaining("nothing was changed") });
    expect((await theseus(handlers(), ["scale", "web/dev", "0", "--no-input"], { answer: "y" })).exit).toBe(2);
  });

  it("of several groups is exit 12 when some fail", async () => {
    const many: Handlers = {
      listGroups: () => ListGroupsResponse.fromPartial({ groups: [groupOf("api/dev"), groupOf("web/dev")] }),
      listContainers: () => ListContainersResponse.fromPartial({}),
      updateGroup: ({ group }) => {
        if (group?.service === "api")
          throw new Refusal({ code: status.ABORTED, reason: "CONFLICT", message: "api/dev changed since you looked" });
        return { group: undefined, plan: plan("web/dev", PlanAction.UPDATE), revision: 50n };
      },
      getGroup: () => ({ group: steady }),
    };
    const { exit, stdout, stderr } = await theseus(many, ["scale", "-l", "dev", "1", "--yes"]);
    expect(exit).toBe(12);
    expect(stdout).toContain("web/dev is steady");
    expect(stderr).toContain("api/dev changed since you looked   [CONFLICT]");
  });

  it("refuses what says no group or no number", async () => {
    for (const words of [["web", "3"], ["3"], ["web/dev"], ["web/dev", "x"], ["web/dev:1", "2"], ["web/dev", "1001"]])
      expect({ words, ...(await theseus(handlers(), ["scale", ...words])) }).toMatchObject({ words, exit: 2 });
  });
});

describe("remove", () => {
  const removing = plan("web/dev", PlanAction.REMOVE, { toRevision: 1n });
  const group: Handlers = {
    removeGroup: () => ({ plan: removing, revision: 60n }),
    ...story(steady, groupOf("web/dev", { state: GroupState.REMOVING, ready: 1 }), "gone"),
  };

  it("of a group waits until it is gone", async () => {
    const { exit, stdout } = await theseus(group, ["remove", "web/dev", "--yes", "--volumes"]);
    expect([exit, stdout]).toEqual([0, expect.stringMatching(/^removed web\/dev · \d+ ms\n$/)]);
    expect(sent("removeGroup")[0]).toMatchObject({ volumes: true, validateOnly: false });
  });

  it("needs a yes", async () => {
    expect(await theseus({ ...group, ...story(steady) }, ["remove", "web/dev"])).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining("removes web/dev in namespace default: 2 ready containers"),
    });
    expect(names()).not.toContain("removeGroup");
  });

  it("of what does not exist is exit 4", async () => {
    expect((await theseus(story("gone"), ["remove", "web/dev", "--yes"])).exit).toBe(4);
  });

  it("of a service needs --all-groups", async () => {
    const service: Handlers = {
      listGroups: () => ListGroupsResponse.fromPartial({ groups: [steady] }),
      removeService: () => ({ plans: [removing], revision: 60n }),
      ...story("gone"),
    };
    expect(await theseus(service, ["remove", "web", "--yes"])).toMatchObject({
      exit: 5,
      stderr: expect.stringContaining("theseus remove web --all-groups"),
    });
    expect((await theseus(service, ["remove", "web", "--all-groups", "--yes"])).exit).toBe(0);
    expect(sent("removeService")[0]).toMatchObject({ service: "web", allGroups: true });
  });
});

describe("apply and plan", () => {
  const FILE = "version: 1\ngroups:\n  web/dev:\n    image: web:1\n    mem: 64MiB\n  api/dev: {image: api:1}\n";
  const plans = [
    plan("web/dev", PlanAction.UPDATE, {
      fields: [
        { path: "image", from: "web:0", to: "web:1" },
        { path: "env.A", from: "", to: "1" },
        { path: "cpu", from: "0.5", to: "" },
      ],
      replaced: 2,
      placements: [{ slot: 1, host: "local" }],
    }),
    plan("api/dev", PlanAction.NONE),
  ];
  const applying: Handlers = {
    applyGroups: () => ({ plans, revision: 50n }),
    getGroup: ({ group }) => ({ group: group?.service === "api" ? groupOf("api/dev") : steady }),
  };

  beforeEach(() => writeFile(join(folder, "shop.yaml"), FILE));

  it("plan shows fields, effect and placement, and changes nothing", async () => {
    const { exit, stdout } = await theseus(applying, ["plan", "-f", "shop.yaml"]);
    expect(exit).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
"~ web/dev                                 rev 1 -> 2
    image    web:0 -> web:1
    env.A    1
    cpu      0.5 -> not set
    effect   2 containers replaced
    place    :1 local
= api/dev                                 no change

1 to change, 1 unchanged.
"
`);
    expect(sent("applyGroups")).toMatchObject([{ validateOnly: true }]);
    expect((await theseus(applying, ["plan", "-f", "shop.yaml", "--detailed-exitcode"])).exit).toBe(3);
    expect(JSON.parse((await theseus(applying, ["plan", "-f", "shop.yaml", "-o", "json"])).stdout)).toMatchObject({
      kind: "Plan",
      revision: "50",
      changes: [
        { ref: "web/dev", action: "UPDATE", fromRev: 1, toRev: 2, effect: { replaced: 2 } },
        { action: "NONE" },
      ],
      summary: { update: 1, unchanged: 1 },
    });
    expect((await theseus(applying, ["diff", "-f", "shop.yaml"])).stdout).not.toContain("place");
  });

  it("apply sends all groups at once and waits for each", async () => {
    const { exit, stdout } = await theseus(applying, ["apply", "-f", "shop.yaml"]);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^web\/dev is steady at rev 2: .*\napi\/dev is steady at rev 1: .*\n$/);
    const [request] = sent("applyGroups") as ApplyGroupsRequest[];
    expect(request?.groups).toMatchObject([
      { ref: { service: "web" }, config: { image: "web:1", memBytes: 67_108_864n } },
      { ref: { service: "api" } },
    ]);
  });

  it("apply is exit 12 when some groups fail, and lists each in JSON", async () => {
    const failing: Handlers = {
      ...applying,
      getGroup: ({ group }) => ({
        group: group?.service === "api" ? groupOf("api/dev") : trouble(ErrorReason.IMAGE_NOT_FOUND, "no such image"),
      }),
    };
    const { exit, stdout, stderr } = await theseus(failing, ["apply", "-f", "shop.yaml", "-o", "json"]);
    expect(exit).toBe(12);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: "ApplyResult",
      items: [
        { ref: "web/dev", action: "UPDATE", error: { code: "IMAGE_NOT_FOUND", exit: 7 } },
        { ref: "api/dev", action: "NONE" },
      ],
    });
    expect(stderr).toContain('{"error":{"code":"IMAGE_NOT_FOUND"');
  });

  it("reads folders, several files, and standard input", async () => {
    await writeFile(join(folder, "b.yml"), "version: 1\nnamespace: shop\ngroups: {web/b: {image: x}}\n");
    await theseus(applying, ["plan", "-f", "."]);
    expect(
      (sent("applyGroups")[0] as ApplyGroupsRequest).groups.map(
        ({ ref }) => `${ref?.namespace}/${ref?.service}/${ref?.labels}`,
      ),
    ).toEqual(["shop/web/b", "default/web/dev", "default/api/dev"]);
    await theseus(applying, ["plan", "-f", "-", "-n", "other"], { stdin: FILE });
    expect((sent("applyGroups")[0] as ApplyGroupsRequest).groups[0]?.ref?.namespace).toBe("other");
  });

  it("fills in variables, and reads files beside the group file", async () => {
    await writeFile(join(folder, "app.conf"), "hello");
    await writeFile(
      join(folder, "v.yaml"),
      "version: 1\ngroups: {web/dev: {image: 'web:${TAG}', files: [{at: /etc/app.conf, from: app.conf}]}}\n",
    );
    await theseus(applying, ["plan", "-f", "v.yaml"], { env: { TAG: "7" } });
    expect((sent("applyGroups")[0] as ApplyGroupsRequest).groups[0]?.config).toMatchObject({
      image: "web:7",
      files: [{ at: "/etc/app.conf", content: Buffer.from("hello") }],
    });
  });

  it("sends nothing when any file has a problem, and tells all of them", async () => {
    await writeFile(join(folder, "bad.yaml"), "version: 1\ngroups:\n  web/dev: {imag: x, mem: 5}\n");
    const { exit, stderr } = await theseus(applying, ["apply", "-f", "shop.yaml", "-f", "bad.yaml"]);
    expect([exit, names()]).toEqual([2, []]);
    for (const problem of [
      "bad.yaml:3:13: groups.web/dev.imag: unknown key (expected image)",
      "bad.yaml:3:27: groups.web/dev.mem: 5 is a number",
      "bad.yaml:3:3: groups.web/dev.image: is missing",
    ])
      expect(stderr).toContain(problem);
  });

  it("refuses a group that is there twice, another namespace than -n, and files that cannot be read", async () => {
    await writeFile(join(folder, "ns.yaml"), "version: 1\nnamespace: shop\ngroups: {web/dev: {image: x}}\n");
    expect(await theseus(applying, ["apply", "-f", "shop.yaml", "-f", "shop.yaml"])).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining("is there twice"),
    });
    expect(await theseus(applying, ["apply", "-f", "ns.yaml", "-n", "other"])).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining("-n says other"),
    });
    for (const file of ["nope.yaml", "/dev/null/x"])
      expect((await theseus(applying, ["apply", "-f", file])).exit).toBe(2);
    expect((await theseus(applying, ["apply"])).exit).toBe(2);
    expect(names()).toEqual([]);
  });

  it("tells what the server refuses at its place in the file", async () => {
    const refusing: Handlers = {
      applyGroups: () => {
        const violations = [
          { field: "groups[0].config.mem", description: "it is too small" },
          { field: "groups[1].ref.labels[0]", description: "no" },
          { field: "groups", description: "too many" },
        ];
        throw new Refusal({
          code: status.INVALID_ARGUMENT,
          reason: "INVALID_REQUEST",
          message: "3 things are wrong",
          metadata: { why: "groups[0].config.mem: it is too small" },
          violations,
        });
      },
    };
    const { exit, stderr } = await theseus(refusing, ["apply", "-f", "shop.yaml"]);
    expect(exit).toBe(2);
    expect(stderr).toContain(
      "  why   shop.yaml:5:10: groups.web/dev.mem: it is too small\n        shop.yaml:6:3: groups.api/dev.labels[0]: no\n        groups: too many\n",
    );
  });
});

describe("namespaces", () => {
  it("are created, and removed after a yes", async () => {
    const handlers: Handlers = {
      createNamespace: ({ name }) => ({ namespace: { name, createTime: undefined, groups: 0 }, revision: 5n }),
      getNamespace: ({ name }) => ({ namespace: { name, createTime: undefined, groups: 0 } }),
      removeNamespace: () => ({ revision: 6n }),
    };
    expect(await theseus(handlers, ["namespace", "create", "shop"])).toMatchObject({
      exit: 0,
      stdout: "created namespace shop\n",
    });
    expect((await theseus(handlers, ["namespace", "create", "Shop"])).exit).toBe(2);
    expect((await theseus(handlers, ["namespace", "remove", "shop"])).exit).toBe(2);
    expect(await theseus(handlers, ["namespace", "remove", "shop", "--yes"])).toMatchObject({
      exit: 0,
      stdout: "removed namespace shop\n",
    });
  });
});

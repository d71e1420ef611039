// apply, plan and diff, against a server that says what it is told to say.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how the group file writes variables.

import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { ErrorReason } from "../../clients/gen/theseus/v1/error_reason.js";
import { PlanAction } from "../../clients/gen/theseus/v1/plan.js";
import type { ApplyGroupsRequest } from "../../clients/gen/theseus/v1/theseus_service.js";
import { CliStage, plan, STEADY, trouble } from "../support/cli-stage.js";
import { groupOf } from "../support/fake-groups.js";
import { type Handlers, Refusal } from "../support/fake-theseus.js";

const stage = new CliStage();
afterEach(() => stage.strike());

describe("apply and plan", () => {
  const FILE = "version: 1\ngroups:\n  web/dev:\n    image: web:1\n    mem: 64MiB\n  api/dev: {image: api:1}\n";
  const TOKEN = "50-aaaaaa.1.bbbbbb.0.cccccc-dddd.0.0";
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
    applyGroups: ({ validateOnly }) => ({ plans, revision: 50n, token: validateOnly ? TOKEN : "" }),
    getGroup: ({ group }) => ({ group: group?.service === "api" ? groupOf("api/dev") : STEADY }),
  };

  beforeEach(() => stage.write("shop.yaml", FILE));

  it("plan shows fields, effect and placement, and changes nothing", async () => {
    const { exit, stdout } = await stage.theseus(applying, ["plan", "-f", "shop.yaml"]);
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
run exactly this:   theseus apply -f shop.yaml --at 50-aaaaaa.1.bbbbbb.0.cccccc-dddd.0.0
"
`);
    expect(stage.sent("applyGroups")).toMatchObject([{ validateOnly: true }]);
    expect((await stage.theseus(applying, ["plan", "-f", "shop.yaml", "--detailed-exitcode"])).exit).toBe(3);
    expect(JSON.parse((await stage.theseus(applying, ["plan", "-f", "shop.yaml", "-o", "json"])).stdout)).toMatchObject(
      {
        kind: "Plan",
        revision: "50",
        token: TOKEN,
        changes: [
          { ref: "web/dev", action: "UPDATE", fromRev: 1, toRev: 2, effect: { replaced: 2 } },
          { action: "NONE" },
        ],
        summary: { update: 1, unchanged: 1 },
      },
    );
    expect((await stage.theseus(applying, ["diff", "-f", "shop.yaml"])).stdout).not.toContain("place");
  });

  it("apply sends all groups at once and waits for each", async () => {
    const { exit, stdout } = await stage.theseus(applying, ["apply", "-f", "shop.yaml"]);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^web\/dev is steady at rev 2: .*\napi\/dev is steady at rev 1: .*\n$/);
    const [request] = stage.sent("applyGroups") as ApplyGroupsRequest[];
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
    const { exit, stdout, stderr } = await stage.theseus(failing, ["apply", "-f", "shop.yaml", "-o", "json"]);
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
    await stage.write("b.yml", "version: 1\nnamespace: shop\ngroups: {web/b: {image: x}}\n");
    await stage.theseus(applying, ["plan", "-f", "."]);
    expect(
      (stage.sent("applyGroups")[0] as ApplyGroupsRequest).groups.map(
        ({ ref }) => `${ref?.namespace}/${ref?.service}/${ref?.labels}`,
      ),
    ).toEqual(["shop/web/b", "default/web/dev", "default/api/dev"]);
    await stage.theseus(applying, ["plan", "-f", "-", "-n", "other"], { stdin: FILE });
    expect((stage.sent("applyGroups")[0] as ApplyGroupsRequest).groups[0]?.ref?.namespace).toBe("other");
  });

  it("fills in variables, and reads files beside the group file", async () => {
    await stage.write("app.conf", "hello");
    await stage.write(
      "v.yaml",
      "version: 1\ngroups: {web/dev: {image: 'web:${TAG}', files: [{at: /etc/app.conf, from: app.conf}]}}\n",
    );
    await stage.theseus(applying, ["plan", "-f", "v.yaml"], { env: { TAG: "7" } });
    expect((stage.sent("applyGroups")[0] as ApplyGroupsRequest).groups[0]?.config).toMatchObject({
      image: "web:7",
      files: [{ at: "/etc/app.conf", content: Buffer.from("hello") }],
    });
  });

  it("sends nothing when any file has a problem, and tells all of them", async () => {
    await stage.write("bad.yaml", "version: 1\ngroups:\n  web/dev: {imag: x, mem: 5}\n");
    const { exit, stderr } = await stage.theseus(applying, ["apply", "-f", "shop.yaml", "-f", "bad.yaml"]);
    expect([exit, stage.names()]).toEqual([2, []]);
    for (const problem of [
      "bad.yaml:3:13: groups.web/dev.imag: unknown key (expected image)",
      "bad.yaml:3:27: groups.web/dev.mem: 5 is a number",
      "bad.yaml:3:3: groups.web/dev.image: is missing",
    ])
      expect(stderr).toContain(problem);
  });

  it("refuses a group that is there twice, another namespace than -n, and files that cannot be read", async () => {
    await stage.write("ns.yaml", "version: 1\nnamespace: shop\ngroups: {web/dev: {image: x}}\n");
    expect(await stage.theseus(applying, ["apply", "-f", "shop.yaml", "-f", "shop.yaml"])).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining("is there twice"),
    });
    expect(await stage.theseus(applying, ["apply", "-f", "ns.yaml", "-n", "other"])).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining("-n says other"),
    });
    for (const file of ["nope.yaml", "/dev/null/x"])
      expect((await stage.theseus(applying, ["apply", "-f", file])).exit).toBe(2);
    expect((await stage.theseus(applying, ["apply"])).exit).toBe(2);
    expect(stage.names()).toEqual([]);
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
    const { exit, stderr } = await stage.theseus(refusing, ["apply", "-f", "shop.yaml"]);
    expect(exit).toBe(2);
    expect(stderr).toContain(
      "  why   shop.yaml:5:10: groups.web/dev.mem: it is too small\n        shop.yaml:6:3: groups.api/dev.labels[0]: no\n        groups: too many\n",
    );
  });
});

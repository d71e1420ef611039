// How a plan is told, and how apply is held to one, against a server that says what it is told to say.

import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { ErrorReason } from "../../clients/gen/theseus/v1/error_reason.js";
import { UpdateOrder } from "../../clients/gen/theseus/v1/group.js";
import { type GroupPlan, PlanAction, PlannedActionKind } from "../../clients/gen/theseus/v1/plan.js";
import { CliStage, plan, STEADY } from "../support/cli-stage.js";
import { type Handlers, Refusal } from "../support/fake-theseus.js";

const TOKEN = "48812-5b1f02.41.9c1e77.77ab0342.7c1e55-1d2f.0.0";
const PINNED = { from: `web@sha256:${"9c1e".repeat(16)}`, to: `web@sha256:${"77ab".repeat(16)}` };
const stage = new CliStage();
beforeEach(() => stage.write("my shop.yaml", "version: 1\ngroups:\n  web/dev: {image: web:1}\n"));
afterEach(() => stage.strike());

const update = plan("web/dev", PlanAction.UPDATE, {
  fields: [{ path: "image", from: "web:0", to: "web:1" }],
  replaced: 6,
  order: UpdateOrder.STOP_FIRST,
  whyNotStartFirst: "fixed port 8443 (https)",
  maxParallel: 2,
  batches: 3,
  minReady: 4,
  placements: [1, 2].map((slot) => ({ slot, host: "node-a" })),
  actions: [{ slot: 1, kind: PlannedActionKind.REPLACE, fromHost: "node-b", toHost: "node-a", batch: 1 }],
  image: { image: "web:1", fromPinned: PINNED.from, toPinned: PINNED.to, problem: "" },
});

function refused(slots: readonly number[], reason: ErrorReason): GroupPlan {
  const hosts = [
    { host: "node-a", reason, text: "it has 1228 MiB of 4096 MiB free, and 2048 MiB are needed" },
    { host: "b", reason, text: "it has a container of this group, and distinct_host is set" },
  ];
  return plan("ingestor/eu", PlanAction.CREATE, { created: 3, refusals: slots.map((slot) => ({ slot, hosts })) });
}

const telling = (plans: GroupPlan[]): Handlers => ({ applyGroups: () => ({ plans, revision: 48812n, token: TOKEN }) });
const FILES = ["-f", "my shop.yaml"];

describe("plan", () => {
  it("says the effect, the order and why not start-first, the places, and what to run", async () => {
    const plans = [update, plan("api/dev", PlanAction.NONE)];
    const { exit, stdout } = await stage.theseus(telling(plans), ["plan", ...FILES]);
    expect(exit).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
"~ web/dev                                 rev 1 -> 2
    image    web:0 -> web:1  (sha256:9c1e9c1e9c1e… -> sha256:77ab77ab77ab…)
    effect   6 containers replaced in 3 batches, never fewer than 4 ready
    order    stop-first; start-first is impossible on this host: fixed port 8443 (https)
    place    :1 node-a  :2 node-a
= api/dev                                 no change

1 to change, 1 unchanged.
run exactly this:   theseus apply -f 'my shop.yaml' --at 48812-5b1f02.41.9c1e77.77ab0342.7c1e55-1d2f.0.0
"
`);
  });

  it("names every host where a slot does not fit, and ends with 6", async () => {
    const plans = [refused([2, 3], ErrorReason.NO_HOST_FITS)];
    const { exit, stdout } = await stage.theseus(telling(plans), ["plan", ...FILES, "-n", "shop"]);
    expect(exit).toBe(6);
    expect(stdout).toMatchInlineSnapshot(`
"+ ingestor/eu                             rev 2
    effect   3 new containers
             :2 :3 do not fit
               node-a   it has 1228 MiB of 4096 MiB free, and 2048 MiB are needed
               b        it has a container of this group, and distinct_host is set

1 to create.  2 containers fit nowhere.
run exactly this:   theseus apply -f 'my shop.yaml' -n shop --at 48812-5b1f02.41.9c1e77.77ab0342.7c1e55-1d2f.0.0
"
`);
  });

  it("is JSON with everything in it", async () => {
    const { stdout } = await stage.theseus(telling([update]), ["plan", ...FILES, "-o", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: "Plan",
      revision: "48812",
      token: TOKEN,
      changes: [
        {
          image: { image: "web:1", from: PINNED.from, to: PINNED.to },
          effect: {
            ...{ replaced: 6, created: 0, stopped: 0, batches: 3, maxParallel: 2, minReady: 4 },
            ...{ order: "stop-first", whyNotStartFirst: "fixed port 8443 (https)" },
          },
          actions: [{ slot: 1, kind: "REPLACE", from: "node-b", to: "node-a", batch: 1 }],
        },
      ],
    });
  });

  it("says why an image is not known, and nothing to run where nothing changes", async () => {
    const image = { image: "web:1", fromPinned: "", toPinned: "", problem: "docker.io does not answer" };
    const unknown = await stage.theseus(telling([{ ...update, image }]), ["plan", ...FILES]);
    expect(unknown.stdout).toContain("image    web:0 -> web:1  (not known now: docker.io does not answer)");
    const same = await stage.theseus(telling([plan("web/dev", PlanAction.NONE)]), ["plan", ...FILES]);
    expect(same.stdout).not.toContain("run exactly this");
  });

  it("is exit 3 with --detailed-exitcode, unless something does not fit", async () => {
    const asked = ["plan", ...FILES, "--detailed-exitcode"];
    expect((await stage.theseus(telling([update]), asked)).exit).toBe(3);
    expect((await stage.theseus(telling([plan("web/dev", PlanAction.NONE)]), asked)).exit).toBe(0);
    expect((await stage.theseus(telling([update, refused([1], ErrorReason.PORT_TAKEN)]), asked)).exit).toBe(6);
  });
});

describe("apply --at", () => {
  it("hands the token on, and waits as ever", async () => {
    const applying = { ...telling([plan("web/dev", PlanAction.UPDATE)]), getGroup: () => ({ group: STEADY }) };
    const { exit } = await stage.theseus(applying, ["apply", ...FILES, "--at", TOKEN]);
    expect(exit).toBe(0);
    expect(stage.sent("applyGroups")).toMatchObject([{ validateOnly: false, atToken: TOKEN }]);
  });

  it("is exit 5 when the plan does not hold any more, and says to plan again", async () => {
    const conflict: Handlers = {
      applyGroups: () => {
        throw new Refusal({
          code: status.ABORTED,
          reason: "CONFLICT",
          message: "what was planned is not what would happen",
        });
      },
    };
    const { exit, stderr } = await stage.theseus(conflict, ["apply", ...FILES, "--at", TOKEN, "-n", "shop"]);
    expect(exit).toBe(5);
    expect(stderr).toContain("[CONFLICT]");
    expect(stderr).toContain("next  theseus plan -f 'my shop.yaml' -n shop");
  });

  it("refuses an empty token, which may be a variable without a value", async () => {
    const { exit, stderr } = await stage.theseus(telling([update]), ["apply", ...FILES, "--at", ""]);
    expect([exit, stage.names()]).toEqual([2, []]);
    expect(stderr).toContain("--at is empty");
  });
});

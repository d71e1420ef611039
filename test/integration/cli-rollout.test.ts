// The commands about rollouts, against a server that says what it is told to say.

import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "@jest/globals";
import { ListGroupsResponse } from "../../clients/gen/theseus/v1/discovery_service.js";
import { PlanAction } from "../../clients/gen/theseus/v1/plan.js";
import { RolloutPauseReason, RolloutState } from "../../clients/gen/theseus/v1/rollout.js";
import { CliStage, plan, STEADY, story } from "../support/cli-stage.js";
import { groupOf } from "../support/fake-groups.js";
import {
  BACK,
  DONE,
  FAILURE,
  PAUSED,
  ROLLED_BACK,
  ROLLING_BACK,
  RUNNING,
  revisionAs,
  rolling,
  rolloutAs,
} from "../support/fake-rollouts.js";
import { type Handlers, Refusal } from "../support/fake-theseus.js";
import type { CliResult } from "../support/run-cli.js";

const stage = new CliStage();
afterEach(() => stage.strike());

const json = ({ stdout }: CliResult) => JSON.parse(stdout);
const newest = (rollout: typeof DONE): Handlers => ({ ...story(STEADY), ...rolling(rollout) });

describe("rollout status", () => {
  it.each([
    [DONE, 0],
    [RUNNING, 9],
    [PAUSED, 9],
    [ROLLING_BACK, 9],
    [rolloutAs(RolloutState.FAILED), 7],
    [rolloutAs(RolloutState.ROLLBACK_FAILED), 7],
    [ROLLED_BACK, 8],
    [rolloutAs(RolloutState.ABORTED), 8],
    [rolloutAs(RolloutState.SUPERSEDED), 13],
  ])("prints once how it is, and is the exit code of that: %#", async (rollout, exit) => {
    const argv = ["rollout", "status", "web/dev", "--no-wait"];
    expect(await stage.theseus(newest(rollout), argv)).toMatchObject({ exit, stderr: "" });
    const object = await stage.theseus(newest(rollout), [...argv, "-o", "json"]);
    expect([object.exit, json(object)]).toEqual([exit, expect.objectContaining({ kind: "Rollout", id: "r-2" })]);
  });

  it("shows slots, pauses and failures", async () => {
    const argv = ["rollout", "status", "web/dev", "--no-wait"];
    const running = await stage.theseus(newest(RUNNING), argv);
    expect(running.stdout).toMatch(
      /^web\/dev {2}rev 1 -> 2 {2}running {2}.* default · r-2\nnew █{10}░{10} 1 of 2 ready, 1 old .*, never below 2 .*\n {2}:1 node-a {2}done\n {2}:2 node-b {2}starting .* {3}no answer yet\n$/,
    );
    expect((await stage.theseus(newest(PAUSED), argv)).stdout).toContain('  paused by ben@desk: "error rate"\n');
    const failed = await stage.theseus(newest(rolloutAs(RolloutState.FAILED, { failure: FAILURE })), argv);
    expect(failed.stdout).toContain("  failed: :2 on node-b: exit code 1, 3 of 3 tries\n      starting\n");
  });

  it("is that of what a person asked for, not of the way back from it", async () => {
    const getRollout: Handlers["getRollout"] = ({ configRevision }) => ({
      rollout: configRevision === 2n ? ROLLED_BACK : rolloutAs(RolloutState.DONE, { toRevision: 3n, rollbackOf: 2n }),
      revision: 60n,
    });
    const argv = ["rollout", "status", "web/dev", "--no-wait"];
    expect((await stage.theseus({ ...story(BACK), getRollout }, argv)).exit).toBe(8);
    expect((await stage.theseus({ ...story(BACK), getRollout }, [...argv, "--rev", "3"])).exit).toBe(0);
    expect((await stage.theseus({}, [...argv, "--rev", "x"])).exit).toBe(2);
  });

  it("follows it to its end", async () => {
    const handlers = { ...story(STEADY), ...rolling(RUNNING, RUNNING, DONE) };
    const { exit, stdout, stderr } = await stage.theseus(handlers, ["rollout", "status", "web/dev"]);
    expect([exit, stdout]).toEqual([0, expect.stringMatching(/^web\/dev r-2 is done: rev 2, 2 of 2 ready, /)]);
    expect(stderr).toContain("r-2 :2 node-b starting\n");
    const back = await stage.theseus({ ...story(BACK), ...rolling(RUNNING, ROLLED_BACK) }, [
      ...["rollout", "status", "web/dev", "-o", "json"],
    ]);
    expect([back.exit, json(back).state]).toEqual([8, "ROLLED_BACK"]);
    expect(back.stderr).toContain('{"error":{"code":"ROLLED_BACK"');
  });

  it("of a group that is not there, or a server that knows none, says so", async () => {
    const getRollout = () => {
      throw new Refusal({ code: status.NOT_FOUND, reason: "NO_SUCH_GROUP", message: "there is no group web/dev" });
    };
    expect((await stage.theseus({ getRollout }, ["rollout", "status", "web/dev"])).exit).toBe(4);
    expect((await stage.theseus({}, ["rollout", "status", "web/dev"])).stderr).toContain("[NO_SUCH_CALL]");
  });
});

describe("steering a rollout", () => {
  it("pause says what serves, and who asked goes with it", async () => {
    const handlers: Handlers = { pauseRollout: () => ({ rollout: PAUSED, revision: 60n }) };
    const paused = await stage.theseus(handlers, ["rollout", "pause", "web/dev", "-m", "error rate"]);
    expect(paused).toMatchObject({
      exit: 0,
      stdout: "paused r-2 at 1 of 2 new. now serving: 1 new + 1 old. old containers stay. resume | undo when ready.\n",
      stderr: "next: theseus rollout resume web/dev\n",
    });
    expect(stage.sent("pauseRollout")).toMatchObject([{ change: { message: "error rate" }, expectedRevision: 0n }]);
    expect(json(await stage.theseus(handlers, ["rollout", "pause", "web/dev", "-o", "json"]))).toMatchObject({
      kind: "Rollout",
      state: "PAUSED",
      pause: { reason: "asked", actor: "ben@desk", message: "error rate" },
    });
  });

  it("resume and promote say how far it is", async () => {
    const handlers: Handlers = {
      resumeRollout: () => ({ rollout: RUNNING, revision: 60n }),
      promoteRollout: () => ({ rollout: RUNNING, revision: 60n }),
    };
    const expected = ["--expected-revision", "2"];
    expect(await stage.theseus(handlers, ["rollout", "resume", "web/dev"])).toMatchObject({
      exit: 0,
      stdout: "resumed r-2 at 1 of 2 new\n",
      stderr: "next: theseus rollout status web/dev\n",
    });
    expect((await stage.theseus(handlers, ["rollout", "promote", "web/dev", ...expected])).exit).toBe(0);
    expect(stage.sent("promoteRollout")).toMatchObject([{ expectedRevision: 2n }]);
  });

  it("of what does not go on is exit 5", async () => {
    const pauseRollout = () => {
      throw new Refusal({ code: status.FAILED_PRECONDITION, reason: "NO_ROLLOUT", message: "no rollout goes on" });
    };
    expect((await stage.theseus({ pauseRollout }, ["rollout", "pause", "web/dev"])).exit).toBe(5);
  });
});

describe("rollout undo", () => {
  const undoing: Handlers = {
    ...story(STEADY),
    ...rolling(DONE),
    listRevisions: () => ({ revisions: [revisionAs(2, "web:2"), revisionAs(1, "web:1")], revision: 60n }),
    undoGroup: () => ({
      group: undefined,
      plan: plan("web/dev", PlanAction.UPDATE, { replaced: 2 }),
      madeFrom: 1n,
      revision: 60n,
    }),
  };

  it("needs a yes, and says what it makes from what", async () => {
    const { exit, stderr } = await stage.theseus(undoing, ["rollout", "undo", "web/dev"]);
    expect([exit, stage.sent("undoGroup")]).toEqual([2, [expect.objectContaining({ validateOnly: true })]]);
    expect(stderr).toContain(
      "undo web/dev: rev 2 = same config as rev 1 (web:1, applied 2 Jan 03:04Z by ana@desk). replaces 2 containers\n",
    );
    expect(stderr).toContain("  next  theseus rollout undo web/dev --yes\n");
  });

  it("sends exactly what was shown, and follows it", async () => {
    const done = await stage.theseus(undoing, ["rollout", "undo", "web/dev@1", "-m", "error rate", "--yes"]);
    expect(done).toMatchObject({ exit: 0, stdout: expect.stringContaining("web/dev is steady at rev 2") });
    expect(stage.sent("undoGroup")).toMatchObject([
      { toRevision: 1n, expectedRevision: 0n, validateOnly: true },
      { toRevision: 1n, expectedRevision: 1n, validateOnly: false, change: { message: "error rate" } },
    ]);
    const object = await stage.theseus(undoing, ["rollout", "undo", "web/dev", "--yes", "-o", "json"]);
    expect(json(object)).toMatchObject({ kind: "Rollout", state: "DONE" });
  });

  it("with --dry-run or --detach waits for nothing", async () => {
    expect(await stage.theseus(undoing, ["rollout", "undo", "web/dev", "--dry-run"])).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining("2 containers replaced"),
    });
    expect(stage.names()).toEqual(["undoGroup"]);
    const argv = ["rollout", "undo", "web/dev", "--yes", "--detach", "-o", "json"];
    expect(json(await stage.theseus(undoing, argv))).toMatchObject({ id: "r-2", state: "RUNNING" });
  });

  it("does nothing when the answer is no", async () => {
    expect((await stage.theseus(undoing, ["rollout", "undo", "web/dev"], { answer: "n" })).exit).toBe(130);
    expect(stage.sent("undoGroup")).toHaveLength(1);
  });
});

describe("rollout restart", () => {
  const restarting: Handlers = {
    ...story(STEADY),
    ...rolling(DONE),
    updateGroup: () => ({ group: undefined, plan: plan("web/dev", PlanAction.UPDATE), revision: 50n }),
    restartGroup: () => ({
      group: undefined,
      plan: plan("web/dev", PlanAction.UPDATE, { replaced: 2 }),
      revision: 60n,
    }),
  };

  it("needs a yes, and follows the new revision", async () => {
    const asked = await stage.theseus(restarting, ["rollout", "restart", "web/dev"]);
    expect(asked).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining("same config as rev 1. replaces 2 containers"),
    });
    expect((await stage.theseus(restarting, ["rollout", "restart", "web/dev", "--yes"])).exit).toBe(0);
    expect(stage.sent("restartGroup")).toMatchObject([{ validateOnly: true }, { expectedRevision: 1n }]);
    expect(stage.sent("updateGroup")).toEqual([]);
  });

  it("with --wait asks for that pace in this restart alone", async () => {
    const argv = ["rollout", "restart", "web/dev", "--yes", "--wait", "1500ms"];
    const { exit, stderr } = await stage.theseus(restarting, argv);
    expect(exit).toBe(0);
    expect(stderr).toContain("replaces 2 containers, 1.5 s between two of them\n");
    expect(stage.sent("updateGroup")).toEqual([]);
    const wait = { seconds: 1n, nanos: 500_000_000 };
    expect(stage.sent("restartGroup")).toMatchObject([
      { validateOnly: true, wait },
      { validateOnly: false, wait, expectedRevision: 1n },
    ]);
    expect((await stage.theseus(restarting, ["rollout", "restart", "web/dev", "--wait", "soon"])).exit).toBe(2);
  });
});

describe("rollout abort", () => {
  const aborted = rolloutAs(RolloutState.ABORTED, { rollbackRevision: 3n });
  const abortRollout = () => ({ rollout: ROLLING_BACK, revision: 60n });

  it("needs a yes, waits until it is taken back, and is exit 0 then", async () => {
    const argv = ["rollout", "abort", "web/dev"];
    const handlers = { ...story(BACK), ...rolling(RUNNING, ROLLING_BACK, aborted), abortRollout };
    expect(await stage.theseus(handlers, argv)).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining("abort r-2 of web/dev at 1 of 2 new: goes back to rev 1, replaces 1 container\n"),
    });
    const again = { ...story(BACK), ...rolling(RUNNING, ROLLING_BACK, aborted), abortRollout };
    expect(await stage.theseus(again, [...argv, "--yes"])).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^r-2 of web\/dev is taken back: rev 1 serves again as rev 3, 2 of 2 ready, /),
    });
    expect(stage.sent("abortRollout")).toMatchObject([{ expectedRevision: 2n }]);
  });

  it("of what is over, or was done meanwhile, is exit 5", async () => {
    const over = await stage.theseus(newest(DONE), ["rollout", "abort", "web/dev", "--yes"]);
    expect(over).toMatchObject({ exit: 5, stderr: expect.stringContaining("the newest one, r-2, is done") });
    const meanwhile = { ...story(STEADY), ...rolling(RUNNING, DONE), abortRollout };
    expect((await stage.theseus(meanwhile, ["rollout", "abort", "web/dev", "--yes"])).exit).toBe(5);
  });

  it("is exit 7 when the way back fails", async () => {
    const stuck = rolloutAs(RolloutState.ROLLBACK_FAILED, { rollbackRevision: 3n });
    const handlers = { ...story(BACK), ...rolling(RUNNING, stuck), abortRollout };
    expect((await stage.theseus(handlers, ["rollout", "abort", "web/dev", "--yes"])).exit).toBe(7);
  });
});

describe("rollouts of several groups", () => {
  const listGroups = () => ListGroupsResponse.fromPartial({ groups: [groupOf("api/dev"), groupOf("web/dev")] });

  it("are listed, one for each group", async () => {
    const canary = { ...PAUSED, pause: { reason: RolloutPauseReason.CANARY, sinceTime: undefined, change: undefined } };
    const handlers: Handlers = {
      listGroups,
      getRollout: ({ group }) => {
        if (group?.service === "web") return { rollout: canary, revision: 1n };
        throw new Refusal({ code: status.NOT_FOUND, reason: "NO_SUCH_REVISION", message: "none is kept" });
      },
    };
    const { exit, stdout } = await stage.theseus(handlers, ["get", "ro"]);
    expect([exit, stdout.replaceAll(/ +/g, " ")]).toEqual([
      0,
      expect.stringMatching(
        /^GROUP ROLLOUT REV STATE NEW OLD AGE WHY\nweb\/dev r-2 1 -> 2 paused 1 of 2 1 \S+ the canaries are ready and wait/,
      ),
    ]);
    expect(json(await stage.theseus(handlers, ["get", "rollouts", "-o", "json"]))).toMatchObject({
      kind: "RolloutList",
      items: [{ id: "r-2", state: "PAUSED" }],
    });
    expect(json(await stage.theseus(handlers, ["get", "rollout", "web/dev", "-o", "json"])).kind).toBe("Rollout");
  });
});

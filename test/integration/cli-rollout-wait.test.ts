// Following a rollout after a change, against a server that says what it is told to say.

import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "@jest/globals";
import { ErrorReason } from "../../clients/gen/theseus/v1/error_reason.js";
import { GroupState } from "../../clients/gen/theseus/v1/group.js";
import { PlanAction } from "../../clients/gen/theseus/v1/plan.js";
import { RolloutState } from "../../clients/gen/theseus/v1/rollout.js";
import { CliStage, plan, STARTING, STEADY, story, trouble, UPDATING } from "../support/cli-stage.js";
import { groupOf } from "../support/fake-groups.js";
import {
  BACK,
  DONE,
  FAILURE,
  PAUSED,
  ROLLED_BACK,
  ROLLING_BACK,
  RUNNING,
  rolling,
  rolloutAs,
} from "../support/fake-rollouts.js";
import { Refusal } from "../support/fake-theseus.js";

const stage = new CliStage();
afterEach(() => stage.strike());

const change = ["set", "image", "web/dev", "web:2"];

describe("following a rollout", () => {
  it("ends when it is done, not when the group is steady", async () => {
    const { exit, stdout, stderr } = await stage.theseus(
      { ...UPDATING, ...story(STEADY), ...rolling(RUNNING, RUNNING, DONE) },
      change,
    );
    expect([exit, stdout]).toEqual([0, expect.stringMatching(/^web\/dev is steady at rev 2: 2 of 2 ready, /)]);
    expect(stage.sent("getRollout")).toHaveLength(3);
    expect(stderr.replaceAll(/^\d\d:\d\d:\d\dZ/gm, "TIME")).toBe(
      [
        "~ web/dev                                 rev 1 -> 2",
        "TIME web/dev r-2 start rev 1 -> 2, want 2, never below 2, start-first, 1 at a time, deadline 03:14:05Z",
        "TIME web/dev r-2 :2 node-b starting",
        "TIME web/dev r-2 2 of 2 new; 2 ready, never below 2",
        "TIME web/dev r-2 done, 2 of 2 ready",
        "",
      ].join("\n"),
    );
  });

  it("goes on through the way back, and is exit 8 with the cause, what serves, and what to run", async () => {
    const handlers = { ...UPDATING, ...story(STARTING, BACK), ...rolling(RUNNING, ROLLING_BACK, ROLLED_BACK) };
    const { exit, stdout, stderr } = await stage.theseus(handlers, change);
    expect([exit, stdout]).toEqual([8, ""]);
    expect(stderr).toContain("r-2 failed: :2 on node-b: exit code 1, 3 of 3 tries | Error: no config\n");
    expect(stderr).toContain("r-2 rolls back to rev 1 as rev 3\n");
    expect(stderr).toContain(`error: rollout r-2 of web/dev failed and was rolled back                   [ROLLED_BACK]
  why   :2 on node-b: exit code 1, 3 of 3 tries
        last lines of :2 (rev 2):
          starting
          Error: no config
  now   rev 1 serves again as rev 3, 2 of 2 ready · took 1 m 12 s
  next  theseus logs web/dev:2 --previous
        theseus rollout diff web/dev@1 web/dev@2
        theseus describe web/dev
`);
  });

  it("is exit 7 when it fails, or its way back does, and says how many serve", async () => {
    const few = groupOf("web/dev", { rev: 3, wanted: 6, ready: 3, state: GroupState.DEGRADED });
    const stuck = rolloutAs(RolloutState.ROLLBACK_FAILED, { rollbackRevision: 3n, failure: FAILURE });
    const both = await stage.theseus({ ...UPDATING, ...story(few), ...rolling(RUNNING, stuck) }, change);
    expect(both).toMatchObject({
      exit: 7,
      stderr: expect.stringMatching(/rolled back: 3 of 6 serving +\[ROLLBACK_FAILED\]/),
    });
    const failed = rolloutAs(RolloutState.FAILED, { failure: FAILURE, fromRevision: 0n });
    const first = await stage.theseus({ ...UPDATING, ...story(STARTING), ...rolling(failed) }, change);
    expect(first).toMatchObject({ exit: 7, stderr: expect.stringContaining("[ROLLOUT_FAILED]") });
    expect(first.stderr).toContain("  now   it stands still at rev 2, 0 of 2 ready");
    expect(first.stderr).not.toContain("rollout undo");
  });

  it("is exit 8 when somebody else aborts it", async () => {
    const aborted = rolloutAs(RolloutState.ABORTED, { rollbackRevision: 3n });
    expect(await stage.theseus({ ...UPDATING, ...story(BACK), ...rolling(RUNNING, aborted) }, change)).toMatchObject({
      exit: 8,
      stderr: expect.stringContaining("rollout r-2 of web/dev was aborted and taken back"),
    });
  });

  it("is exit 13 when a newer change takes over, and not for the leader's own", async () => {
    const newer = groupOf("web/dev", { rev: 3 });
    const over = rolloutAs(RolloutState.SUPERSEDED, { supersededBy: 3n });
    for (const rollouts of [rolling(RUNNING, over), rolling(RUNNING)]) {
      const { exit, stderr } = await stage.theseus({ ...UPDATING, ...story(STARTING, newer), ...rollouts }, change);
      expect([exit, stderr]).toEqual([
        13,
        expect.stringContaining("it is at rev 3 by ana@desk; this waited for rev 2"),
      ]);
      expect(stderr).toContain("theseus rollout diff web/dev@2 web/dev@3");
    }
    const own = { ...newer, lastChange: { actor: "theseus", command: "", message: "", time: undefined } };
    const handlers = { ...UPDATING, ...story(STARTING, own), ...rolling(RUNNING, RUNNING, RUNNING, ROLLED_BACK) };
    expect((await stage.theseus(handlers, change)).exit).toBe(8);
  });

  it("that was done just before a newer change came is done", async () => {
    const newer = groupOf("web/dev", { rev: 3 });
    const handlers = { ...UPDATING, ...story(newer), ...rolling(RUNNING, DONE) };
    expect((await stage.theseus(handlers, change)).exit).toBe(0);
  });

  it("keeps waiting while it is paused, and says how it goes on", async () => {
    const handlers = { ...UPDATING, ...story(STARTING), ...rolling(RUNNING, PAUSED) };
    const { exit, stderr } = await stage.theseus(handlers, [...change, "--timeout", "400ms"]);
    expect(exit).toBe(9);
    expect(stderr).toContain(
      'r-2 paused at 1 of 2 new, by ben@desk: "error rate"; go on: theseus rollout resume web/dev',
    );
    expect(stderr).toMatch(/error: stopped waiting after 400 ms: r-2 of web\/dev is at 1 of 2 new +\[STILL_RUNNING\]/);
    expect(stderr).toContain("  now   the rollout stands still until somebody resumes it; 0 of 2 ready\n");
    const resumed = { ...UPDATING, ...story(STARTING), ...rolling(PAUSED, RUNNING, DONE) };
    expect(await stage.theseus(resumed, change)).toMatchObject({
      exit: 0,
      stderr: expect.stringContaining("r-2 goes on\n"),
    });
  });

  it("says what it waited for when our own patience ends", async () => {
    const { exit, stderr } = await stage.theseus({ ...UPDATING, ...story(STARTING), ...rolling(RUNNING) }, [
      ...change,
      "--timeout",
      "200ms",
    ]);
    expect(exit).toBe(9);
    expect(stderr).toContain(`  why   :2 node-b starting: no answer yet
  now   the rollout goes on, its own deadline is 03:14:05Z; 0 of 2 ready
  next  theseus rollout status web/dev
        theseus rollout pause web/dev
`);
  });
});

describe("a rollout that cannot begin", () => {
  it.each([
    [ErrorReason.IMAGE_NOT_FOUND, 7],
    [ErrorReason.NO_HOST_FITS, 6],
  ])("ends the wait: reason %i, exit %i", async (reason, exit) => {
    const handlers = { ...UPDATING, ...story(STARTING, trouble(reason, "it is so")), ...rolling(RUNNING) };
    const result = await stage.theseus(handlers, change);
    expect(result).toMatchObject({ exit, stdout: "" });
    expect(result.stderr).toContain("        theseus rollout undo web/dev\n");
  });

  it("does not end of crashes, which are the rollout's to count", async () => {
    const crash = (n: number) => trouble(ErrorReason.CONTAINER_EXITED, `container ${n} ended with exit code 1`);
    const handlers = {
      ...UPDATING,
      ...story(STARTING, crash(1), crash(2), BACK),
      ...rolling(RUNNING, RUNNING, RUNNING, RUNNING, ROLLED_BACK),
    };
    expect((await stage.theseus(handlers, change)).exit).toBe(8);
  });

  it("is left to its way back where that is on its way", async () => {
    const bad = trouble(ErrorReason.IMAGE_NOT_FOUND, "no such image");
    const handlers = { ...UPDATING, ...story(bad, bad, BACK), ...rolling(ROLLING_BACK, ROLLING_BACK, ROLLED_BACK) };
    expect((await stage.theseus(handlers, change)).exit).toBe(8);
  });
});

describe("nothing to wait for", () => {
  const nothing = { updateGroup: () => ({ group: undefined, plan: plan("web/dev", PlanAction.NONE), revision: 50n }) };
  const rev1 = groupOf("web/dev", { rev: 1, state: GroupState.DEGRADED, ready: 1 });

  it("where nothing was to be done, and the rollout is done", async () => {
    const done = rolloutAs(RolloutState.DONE, { toRevision: 1n });
    expect((await stage.theseus({ ...nothing, ...story(rev1), ...rolling(done) }, change)).exit).toBe(0);
    expect(stage.sent("getRollout")).toHaveLength(1);
  });

  it("where nothing was to be done, and no rollout is kept of a steady group", async () => {
    const steady = groupOf("web/dev", { rev: 1 });
    expect((await stage.theseus({ ...nothing, ...story(steady), ...rolling() }, change)).exit).toBe(0);
  });
});

describe("a server without rollouts", () => {
  it("is asked once, and a steady group is the end", async () => {
    const { exit } = await stage.theseus({ ...UPDATING, ...story(STARTING, STARTING, STEADY) }, change);
    expect([exit, stage.sent("getRollout").length]).toEqual([0, 1]);
  });

  it("that is away for a moment is asked again", async () => {
    const told = [RUNNING, new Refusal({ code: status.UNAVAILABLE, reason: "NOT_READY", message: "x" }), DONE];
    const getRollout = () => {
      const next = told.length > 1 ? told.shift() : told[0];
      if (next instanceof Refusal) throw next;
      return { rollout: next, revision: 1n };
    };
    const { exit } = await stage.theseus({ ...UPDATING, ...story(STARTING), getRollout }, change);
    expect(exit).toBe(0);
  });
});

describe("an interrupted wait", () => {
  it.each([
    ["a change", change, "stopped waiting for web/dev", "the change was accepted; r-2 goes on in the server, at "],
    [
      "a mere look",
      ["rollout", "status", "web/dev"],
      "stopped watching web/dev",
      "this command has changed nothing; r-2 goes on in the server, at ",
    ],
  ])("of %s says what it has done, is exit 130, and names the way back", async (_, argv, what, now) => {
    const stop = new AbortController();
    let looks = 0;
    const getRollout = () => {
      looks += 1;
      if (looks === 3) setImmediate(() => stop.abort(130));
      return { rollout: RUNNING, revision: 1n };
    };
    const handlers = { ...UPDATING, ...story(STARTING), getRollout };
    const { exit, stderr } = await stage.theseus(handlers, argv, { interrupted: stop.signal });
    expect(exit).toBe(130);
    expect(stderr).toContain(`error: ${what} `);
    expect(stderr).toContain(`  now   ${now}`);
    expect(stderr).toContain("  next  theseus rollout status web/dev");
  });
});

describe("a change with -o json", () => {
  it("is the group with its rollout, or an error with it", async () => {
    const argv = [...change, "-o", "json"];
    const done = await stage.theseus({ ...UPDATING, ...story(STEADY), ...rolling(DONE) }, argv);
    expect(JSON.parse(done.stdout)).toMatchObject({
      kind: "Group",
      rollout: { id: "r-2", state: "DONE", want: 2, newHealthy: 2, oldServing: 0, failure: null },
    });
    const counts = { madeNew: 2, madeOld: 1, slotsDone: 1, slotsFailed: 0 };
    const going = { ...rolling({ ...RUNNING, ...counts }), ...story(STARTING) };
    const status = ["rollout", "status", "web/dev", "--no-wait", "-o", "json"];
    expect(JSON.parse((await stage.theseus(going, status)).stdout)).toMatchObject({
      ...{ batch: 2, batches: 2 },
      counts: { wanted: 2, updated: 2, ready: RUNNING.readyNew + RUNNING.readyOld, available: 1, old: 1, failed: 0 },
    });
    const back = await stage.theseus({ ...UPDATING, ...story(BACK), ...rolling(ROLLED_BACK) }, argv);
    const [error] = back.stderr.split("\n").filter((line) => line.startsWith('{"error"'));
    expect(back.stdout).toBe("");
    expect(JSON.parse(error ?? "")).toMatchObject({
      error: { code: "ROLLED_BACK", exit: 8, rollout: { failure: { slot: 2, lastLines: FAILURE.lastLines } } },
    });
  });

  it("tells progress as JSON lines on stderr where that is asked for", async () => {
    const handlers = { ...UPDATING, ...story(STEADY), ...rolling(RUNNING, DONE) };
    const { stderr } = await stage.theseus(handlers, [...change, "--progress", "json", "-o", "json"]);
    const events = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.map(({ type }) => type)).toEqual(["plan", "start", "slot", "progress", "ended"]);
    expect(events[1]).toMatchObject({ ref: "web/dev", rollout: "r-2", fromRev: 1, toRev: 2, minHealthy: 2 });
    expect(events[2]).toMatchObject({ slot: 2, host: "node-b", state: "STARTING", text: ":2 node-b starting" });
  });
});

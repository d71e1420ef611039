// What has become of a group's revisions, and what differs between them, against a server that says what it is told.

import { afterEach, describe, expect, it } from "@jest/globals";
import { RolloutState } from "../../clients/gen/theseus/v1/rollout.js";
import { CliStage, STEADY, story } from "../support/cli-stage.js";
import { FAILURE, PAUSED, ROLLED_BACK, revisionAs, rolling, rolloutAs } from "../support/fake-rollouts.js";
import type { Handlers } from "../support/fake-theseus.js";

const stage = new CliStage();
afterEach(() => stage.strike());

const back = { actor: "theseus", command: "", message: "exit code 1", time: undefined };
const REVISIONS = [
  revisionAs(3, "web:1", { change: back, rollout: rolloutAs(RolloutState.DONE, { toRevision: 3n, rollbackOf: 2n }) }),
  revisionAs(2, "web:2", {
    config: { image: "web:2", instances: 2, env: { API_KEY: "x", LOG: "debug" }, memBytes: 512n << 20n },
    rollout: ROLLED_BACK,
  }),
  revisionAs(1, "web:1"),
];
const handlers: Handlers = { listRevisions: () => ({ revisions: REVISIONS, revision: 60n }) };

describe("rollout history", () => {
  it("says who, when, what, how it ended, and why", async () => {
    const { exit, stdout } = await stage.theseus(handlers, ["rollout", "history", "web/dev"]);
    expect([exit, stdout.replaceAll(/ {2,}/g, " | ")]).toEqual([
      0,
      `REV | WHEN | WHO | WHAT | RESULT | WHY
 | 3 | - | theseus | takes back rev 2 (= rev 1) | done 1 m 12 s | exit code 1
 | 2 | 2 Jan 03:04Z | ana@desk | image web:1 -> web:2, env.API_KEY unset -> (hidden), env.LOG unset -> debug and 1 more | rolled back 1 m 12 s | :2 on node-b: exit code 1, 3 of 3 tries
 | 1 | 2 Jan 03:04Z | ana@desk | created with web:1 | done 1 m 12 s | m1
`,
    ]);
  });

  it("is a RevisionList for programs", async () => {
    const { stdout } = await stage.theseus(handlers, ["rollout", "history", "web/dev", "-o", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: "RevisionList",
      revision: "60",
      items: [
        { rev: 3, ref: "web/dev", actor: "theseus", sameAs: 1, spec: { image: "web:1" }, rollout: { rollbackOf: 2 } },
        { rev: 2, message: "m2", rollout: { state: "ROLLED_BACK", failure: { lastLines: FAILURE.lastLines } } },
        { rev: 1 },
      ],
    });
    expect((await stage.theseus(handlers, ["rollout", "history", "web/dev", "-o", "name"])).stdout).toBe(
      "web/dev@3\nweb/dev@2\nweb/dev@1\n",
    );
  });

  it("of one revision is everything of it", async () => {
    const { stdout } = await stage.theseus(handlers, ["rollout", "history", "web/dev@2"]);
    expect(stdout).toMatch(
      /^web\/dev@2 {3}namespace default · 2 Jan 03:04Z by ana@desk\nwhat {6}image web:1 -> web:2, env\.API_KEY/,
    );
    expect(stdout).toContain(
      "why       exit code 1, 3 of 3 tries\n            starting\n            Error: no config\n          m2\n",
    );
    expect(stdout).toContain("config    image web:2 · 2 instances · 512 MiB\n");
    const json = await stage.theseus(handlers, ["rollout", "history", "web/dev@2", "-o", "json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ kind: "Revision", rev: 2 });
  });

  it("of one that is not kept is exit 4, and names those that are", async () => {
    const { exit, stderr } = await stage.theseus(handlers, ["rollout", "history", "web/dev@9"]);
    expect([exit, stderr]).toEqual([
      4,
      expect.stringMatching(/kept of web\/dev@9 .*\[NO_SUCH_REVISION\]\n {2}why {3}kept are 3 2 1\n/),
    ]);
  });
});

describe("rollout diff", () => {
  it("shows fields, hides secrets, and is exit 3 only where that is asked for", async () => {
    const argv = ["rollout", "diff", "web/dev@1", "web/dev@2"];
    const { exit, stdout } = await stage.theseus(handlers, argv);
    expect([exit, stdout]).toEqual([
      0,
      `~ web/dev                                 rev 1 -> 2
    env.API_KEY (hidden)
    env.LOG     debug
    image       web:1 -> web:2
    mem         512MiB
`,
    ]);
    expect((await stage.theseus(handlers, [...argv, "--detailed-exitcode"])).exit).toBe(3);
    expect(JSON.parse((await stage.theseus(handlers, [...argv, "-o", "json"])).stdout)).toMatchObject({
      kind: "Plan",
      changes: [{ ref: "web/dev", action: "UPDATE", fromRev: 1, toRev: 2, fields: [{}, {}, { path: "image" }, {}] }],
    });
  });

  it("compares with the newest one where no revision is named", async () => {
    const { stdout } = await stage.theseus(handlers, ["rollout", "diff", "web/dev@1", "web/dev"]);
    expect(stdout).toBe("= web/dev                                 no change\n");
  });

  it("refuses two groups, and names that are none", async () => {
    expect((await stage.theseus(handlers, ["rollout", "diff", "web/dev@1", "api/dev@2"])).exit).toBe(2);
    expect((await stage.theseus(handlers, ["rollout", "diff", "web/dev:1", "web/dev@2"])).exit).toBe(2);
    expect((await stage.theseus(handlers, ["rollout", "diff", "web/dev@1", "web/dev@9"])).exit).toBe(4);
  });
});

describe("describe", () => {
  it("shows the rollout between the state and the config", async () => {
    const paused = await stage.theseus({ ...story(STEADY), ...rolling(PAUSED) }, ["describe", "web/dev"]);
    expect(paused.stdout).toMatch(
      /\nstate .*\nrollout {3}r-2 paused: rev 1 -> 2, 1 of 2 new, 1 old, never below 2, deadline 03:14:05Z\n {10}paused by ben@desk: "error rate"; go on: theseus rollout resume web\/dev\nconfig /,
    );
    const failed = await stage.theseus({ ...story(STEADY), ...rolling(ROLLED_BACK) }, ["describe", "web/dev"]);
    expect(failed.stdout).toMatch(
      /\nrollout {3}r-2 rolled back: rev 1 -> 2, taken back by rev 3, after 1 m 12 s, \S+ ago\n {10}failed: :2 on node-b: exit code 1, 3 of 3 tries\n {12}starting\n/,
    );
    const json = await stage.theseus({ ...story(STEADY), ...rolling(PAUSED) }, ["describe", "web/dev", "-o", "json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ kind: "GroupDetail", rollout: { id: "r-2", state: "PAUSED" } });
  });

  it("shows none from a server that knows none", async () => {
    expect((await stage.theseus(story(STEADY), ["describe", "web/dev"])).stdout).not.toContain("rollout");
  });
});

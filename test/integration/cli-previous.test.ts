// `logs --previous`, and describe's last lines, against a server that says what it is told to say.

import { afterEach, describe, expect, it } from "@jest/globals";
import { ListContainersResponse, ListGroupsResponse } from "../../clients/gen/theseus/v1/discovery_service.js";
import { ErrorReason } from "../../clients/gen/theseus/v1/error_reason.js";
import { Evidence } from "../../clients/gen/theseus/v1/rollout.js";
import { CliStage, trouble } from "../support/cli-stage.js";
import { groupOf, refOf } from "../support/fake-groups.js";
import type { Handlers } from "../support/fake-theseus.js";

const stage = new CliStage();
afterEach(() => stage.strike());

const NANOS = 1_000_000n;
const MINUTE = 60_000;
const NOON = Date.UTC(2026, 10, 22, 12);

/** Ended so many minutes after noon; each line was written a second after the one before, from a minute before that. */
function evidence(slot: number, generation: number, minutes: number, lines: readonly string[]): Evidence {
  const begin = NOON + (minutes - 1) * MINUTE;
  return Evidence.fromPartial({
    ...{ group: refOf("web/dev"), container: `web.dev.${slot}.${generation}-abc123`, slot, host: "local" },
    ...{ generation: BigInt(generation), configRevision: 42n, exitCode: 3, reason: ErrorReason.CONTAINER_EXITED },
    time: new Date(NOON + minutes * MINUTE),
    text: `web.dev.${slot}.${generation}-abc123 ended by itself with exit code 3`,
    lines: lines.map((text, i) => ({ timeUnixNanos: BigInt(begin + i * 1000) * NANOS + 7n, stderr: i > 0, text })),
  });
}

/** Newest first, as a server tells them. */
const KEPT = [
  evidence(1, 9, 4, ["one again", "gone again"]),
  evidence(2, 5, 3, ["two", "gone too"]),
  evidence(1, 8, 2, ["one", "gone"]),
];

function serving(kept: readonly Evidence[]): Handlers {
  return { listEvidence: () => ({ evidence: [...kept], revision: 7n }) };
}

describe("logs --previous", () => {
  it("prints the lines of the newest container of each slot by time, and how each ended", async () => {
    const { stdout, stderr, exit } = await stage.theseus(serving(KEPT), ["logs", "web/dev", "--previous"]);
    expect(exit).toBe(0);
    expect(stdout).toBe(
      [
        "12:02:00.000 :2 local  two",
        "12:02:01.000 :2 local  gone too",
        "12:03:00.000 :1 local  one again",
        "12:03:01.000 :1 local  gone again",
        "",
      ].join("\n"),
    );
    const ended = "ended by itself with exit code 3 [CONTAINER_EXITED] --";
    expect(stderr).toBe(
      [2, 1]
        .map((slot) => `-- web/dev:${slot} rev 42 on local: web.dev.${slot}.${slot === 1 ? 9 : 5}-abc123 ${ended}\n`)
        .join(""),
    );
  });

  it("prints all that is kept where all is asked for, or a stretch of time", async () => {
    const all = await stage.theseus(serving(KEPT), ["logs", "web/dev", "--previous", "--tail", "all", "--no-prefix"]);
    expect(all.stdout.match(/^12:\S+ .*(?=\n)/gm)?.map((line) => line.slice(13))).toEqual([
      ...["one", "gone", "two", "gone too", "one again", "gone again"],
    ]);
    const since = ["--since", "2026-11-22T12:02:01Z", "--until", "2026-11-22T12:03:01Z"];
    const some = await stage.theseus(serving(KEPT), ["logs", "web/dev", "--previous", ...since]);
    expect(some.stdout).toBe("12:02:01.000 :2 local  gone too\n12:03:00.000 :1 local  one again\n");
  });

  it("takes slots, hosts, patterns, a number of lines and JSON as logs does", async () => {
    const slot = ["logs", "web/dev:2", "--previous", "-o", "jsonl", "--grep", "gone"];
    const { stdout } = await stage.theseus(serving([evidence(2, 5, 3, ["two", "gone too"])]), slot);
    expect(stage.sent("listEvidence")).toMatchObject([{ group: refOf("web/dev"), slots: [2] }]);
    expect(JSON.parse(stdout)).toEqual({
      ...{ t: "2026-11-22T12:02:01.000000007Z", ref: "web/dev", slot: 2, host: "local" },
      ...{ container: "web.dev.2.5-abc123", rev: 42, stream: "stderr", line: "gone too" },
    });
    const last = await stage.theseus(serving(KEPT), ["logs", "web/dev", "--previous", "--tail", "1"]);
    expect(last.stdout).toBe("12:03:01.000 :1 local  gone again\n");
    expect(last.stderr).toContain("last line; --tail all for everything");
    const elsewhere = ["logs", "web/dev", "--previous", "--host", "elsewhere"];
    expect((await stage.theseus(serving(KEPT), elsewhere)).stdout).toBe("");
  });

  it("asks for each group of a service", async () => {
    const groups = [groupOf("web/dev"), groupOf("web/prod")];
    const listGroups = () => ListGroupsResponse.fromPartial({ groups });
    await stage.theseus({ ...serving([]), listGroups }, ["logs", "web", "--previous"]);
    expect(stage.sent("listEvidence")).toMatchObject(groups.map(({ ref }) => ({ group: ref })));
  });

  it("says that nothing is kept, and that what is gone cannot be followed", async () => {
    const nothing = await stage.theseus(serving([]), ["logs", "web/dev", "--previous"]);
    expect(nothing).toMatchObject({ exit: 0, stdout: "", stderr: "no output of a container that failed is kept\n" });
    const followed = await stage.theseus(serving(KEPT), ["logs", "web/dev", "--previous", "-f"]);
    expect(followed).toMatchObject({ exit: 2, stderr: expect.stringContaining("-f is not for --previous") });
  });
});

describe("describe", () => {
  const group = trouble(ErrorReason.CONTAINER_EXITED, "web.dev.1.9-abc123 ended by itself with exit code 3");
  const lines = Array.from({ length: 8 }, (_, i) => `line ${i}\u001b[2J\u0007\there`);
  const handlers: Handlers = {
    ...serving([evidence(1, 9, 4, lines)]),
    getGroup: () => ({ group }),
    listContainers: () => ListContainersResponse.fromPartial({ containers: [] }),
  };

  it("shows the last lines of a failing slot, harmless to a terminal, and how to see more", async () => {
    const { stdout } = await stage.theseus(handlers, ["describe", "web/dev"]);
    expect(stdout).toContain(
      [3, 4, 5, 6, 7]
        .map((n, i) => `          ${i === 0 ? "last lines:  " : " ".repeat(13)}12:03:0${n}  line ${n}  here\n`)
        .join(""),
    );
    expect(stdout).toContain("next      theseus logs web/dev:1 --previous\n");
  });

  it("gives programs all of it", async () => {
    const { stdout } = await stage.theseus(handlers, ["describe", "web/dev", "-o", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      evidence: [{ container: "web.dev.1.9-abc123", exitCode: 3, code: "CONTAINER_EXITED", lines: { length: 8 } }],
    });
  });

  it("does without where the server has nothing to say", async () => {
    const { listEvidence: _, ...older } = handlers;
    const { stdout, exit } = await stage.theseus(older, ["describe", "web/dev"]);
    expect({ exit, stdout }).toMatchObject({ exit: 0, stdout: expect.not.stringContaining("last lines") });
  });
});

// Waiting after a change, against a server that says what it is told to say.

import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "@jest/globals";
import { ErrorReason } from "../../clients/gen/theseus/v1/error_reason.js";
import { type Group, GroupState } from "../../clients/gen/theseus/v1/group.js";
import { RemoveGroupResponse } from "../../clients/gen/theseus/v1/theseus_service.js";
import { CliStage, STARTING, STEADY, story, trouble, UPDATING } from "../support/cli-stage.js";
import { groupOf } from "../support/fake-groups.js";
import { Refusal } from "../support/fake-theseus.js";

const stage = new CliStage();
afterEach(() => stage.strike());

describe("waiting after a change", () => {
  const change = ["set", "image", "web/dev", "web:2"];

  it("follows the group until it is steady, reading its own write", async () => {
    const { exit, stdout, stderr } = await stage.theseus(
      { ...UPDATING, ...story(STARTING, groupOf("web/dev", { rev: 2, state: GroupState.ROLLING, ready: 1 }), STEADY) },
      change,
    );
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^web\/dev is steady at rev 2: 2 of 2 ready, \d+ ms\n$/);
    expect(stderr).toMatch(
      /^~ web\/dev +rev 1 -> 2\n\d\d:\d\d:\d\dZ web\/dev rev 2 0 of 2 ready, starting\n.* rev 2 1 of 2 ready, rolling\n.* 2 of 2 ready, steady\n$/,
    );
    expect(stage.sent("getGroup")[0]).toMatchObject({ atLeastRevision: 50n });
  });

  it.each([
    [ErrorReason.IMAGE_NOT_FOUND, 7],
    [ErrorReason.IMAGE_DENIED, 7],
    [ErrorReason.REGISTRY_UNREACHABLE, 7],
    [ErrorReason.COMMAND_NOT_FOUND, 7],
    [ErrorReason.NO_HOST_FITS, 6],
    [ErrorReason.PORT_TAKEN, 6],
  ])("ends when there is no hope: reason %i, exit %i", async (reason, exit) => {
    const result = await stage.theseus({ ...UPDATING, ...story(STARTING, trouble(reason, "it is so")) }, change);
    expect(result).toMatchObject({ exit, stdout: "" });
    expect(result.stderr).toMatch(
      /error: web\/dev rev 2: .*\[\w+\]\n {2}why {3}it is so\n {2}now {3}rev 2 is stored, 0 of 2 ready\n {2}next {2}theseus /,
    );
  });

  it("ends after two crashes of one slot", async () => {
    const crash = (n: number) => trouble(ErrorReason.CONTAINER_EXITED, `container ${n} ended with exit code 1`);
    const { exit, stderr } = await stage.theseus(
      { ...UPDATING, ...story(STARTING, crash(1), crash(1), crash(2), crash(3)) },
      change,
    );
    expect(exit).toBe(7);
    expect(stderr).toContain("[CONTAINER_EXITED]");
  });

  it("ends with our own patience, and says that the work goes on", async () => {
    const { exit, stderr } = await stage.theseus({ ...UPDATING, ...story(STARTING) }, [
      ...change,
      "--timeout",
      "200ms",
    ]);
    expect(exit).toBe(9);
    expect(stderr).toMatch(/error: stopped waiting after 200 ms: web\/dev is at 0 of 2 ready.*\[STILL_RUNNING\]/);
  });

  it("ends when a newer change takes over, or removes the group", async () => {
    const newer = await stage.theseus({ ...UPDATING, ...story(STARTING, groupOf("web/dev", { rev: 3 })) }, change);
    expect(newer).toMatchObject({ exit: 13, stderr: expect.stringContaining("it is at rev 3 by ana@desk") });
    expect((await stage.theseus({ ...UPDATING, ...story(STARTING, "gone") }, change)).exit).toBe(4);
  });

  it("of a removal ends when what others have registered is all that is left of the group", async () => {
    const removing = groupOf("web/dev", { state: GroupState.REMOVING, ready: 1 });
    const left: Group = { ...groupOf("web/dev", { ready: 1 }), config: undefined };
    const removed = await stage.theseus(
      { removeGroup: () => RemoveGroupResponse.fromPartial({ revision: 50n }), ...story(STEADY, removing, left) },
      ["remove", "web/dev", "--yes", "--timeout", "5s"],
    );
    expect(removed).toMatchObject({ exit: 0 });
  });

  it("is left out with --detach", async () => {
    const { exit, stdout } = await stage.theseus(UPDATING, [...change, "--detach"]);
    expect([exit, stdout, stage.names()]).toEqual([0, "web/dev rev 2 is accepted\n", ["updateGroup"]]);
  });

  it("survives a server that is away for a moment", async () => {
    const told: (Group | Refusal)[] = [
      STARTING,
      new Refusal({ code: status.UNAVAILABLE, reason: "NOT_READY", message: "x" }),
      STEADY,
    ];
    const getGroup = () => {
      const next = told.length > 1 ? told.shift() : told[0];
      if (next instanceof Refusal) throw next;
      return { group: next };
    };
    expect((await stage.theseus({ ...UPDATING, getGroup }, change)).exit).toBe(0);
  });

  it("ends with 130 when it is interrupted, and says that the work goes on", async () => {
    const stop = new AbortController();
    const getGroup = () => {
      setImmediate(() => stop.abort(130));
      return { group: STARTING };
    };
    const { exit, stderr } = await stage.theseus({ ...UPDATING, getGroup }, change, { interrupted: stop.signal });
    expect(exit).toBe(130);
    expect(stderr).toContain("the change was accepted; the work goes on in the server");
  });
});

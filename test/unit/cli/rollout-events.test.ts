import { describe, expect, it } from "@jest/globals";
import type { Context } from "../../../clients/cli/context.js";
import { eventsBetween, waitingText } from "../../../clients/cli/wait/events.js";
import { progressFor, progressMode } from "../../../clients/cli/wait/progress.js";
import type { View } from "../../../clients/cli/wait/view.js";
import { ErrorReason } from "../../../clients/gen/theseus/v1/error_reason.js";
import { GroupState } from "../../../clients/gen/theseus/v1/group.js";
import { type Rollout, RolloutSlotState, RolloutState } from "../../../clients/gen/theseus/v1/rollout.js";
import type { Fields } from "../../../clients/partial.js";
import { groupOf } from "../../support/fake-groups.js";
import { DONE, FAILURE, PAUSED, ROLLED_BACK, ROLLING_BACK, rolloutAs, WAY_BACK } from "../../support/fake-rollouts.js";

const { WAITING, STARTING, READY, FAILED } = RolloutSlotState;

function view(rollout: Rollout | undefined, more: Partial<View> = {}): View {
  return {
    name: "web/dev",
    namespace: "default",
    group: groupOf("web/dev", { rev: 2 }),
    rollout,
    waits: [],
    target: "",
    ...more,
  };
}

function slots(...states: [RolloutSlotState, string?][]): Fields<Rollout> {
  return { slots: states.map(([state, text = ""], i) => ({ slot: i + 1, host: "node-a", state, text })) };
}

const running = (more: Fields<Rollout>) => rolloutAs(RolloutState.RUNNING, more);
const texts = (before: Rollout | undefined, after: Rollout) =>
  eventsBetween(before === undefined ? undefined : view(before), view(after)).map(({ text }) => text);

describe("events of a rollout", () => {
  it("are each change of a slot, and not that it waits", () => {
    const before = running(slots([WAITING, "the old one serves"], [STARTING, "it is being created"], [WAITING]));
    const after = running(slots([STARTING, "x"], [READY, "it has to stay ready"], [WAITING, "the old one serves"]));
    expect(texts(before, after)).toEqual([":1 node-a starting", ":2 node-a ready"]);
    expect(texts(after, running(slots([WAITING], [READY, "the old one goes"], [WAITING])))).toEqual([]);
  });

  it("of a failed slot are one for each cause", () => {
    const first = running(slots([FAILED, "exit code 1"]));
    expect(texts(running(slots([STARTING])), first)).toEqual([":1 node-a failed: exit code 1"]);
    expect(texts(first, running(slots([FAILED, "exit code 2"])))).toEqual([":1 node-a failed: exit code 2"]);
    expect(texts(first, first)).toEqual([]);
  });

  it("begin once the leader has decided how", () => {
    const awaited = running({ deadlineTime: undefined });
    expect(texts(undefined, awaited)).toEqual([]);
    expect(texts(awaited, running({}))).toEqual([expect.stringMatching(/^start rev 1 -> 2, want 2, never below 2, /)]);
    expect(texts(undefined, DONE)).toEqual([]);
  });

  it("tell the way back in the order of what happens", () => {
    const before = view(running({}));
    const back = view(ROLLING_BACK, { back: WAY_BACK });
    const types = (from: View, to: View) => eventsBetween(from, to).map(({ rollout, type }) => `${rollout} ${type}`);
    expect(types(before, back)).toEqual(["r-2 failed", "r-2 rolling-back", "r-3 start"]);
    const done = { ...WAY_BACK, state: RolloutState.DONE };
    expect(types(back, view(ROLLED_BACK, { back: done }))).toEqual(["r-3 ended", "r-2 ended"]);
  });

  it("tell once why a group is not as asked, and leave crashes to the slots", () => {
    const attention = [
      { reason: ErrorReason.NO_HOST_FITS, text: "no host takes slot 2", slot: 2 },
      { reason: ErrorReason.CONTAINER_EXITED, text: "exit code 1", slot: 1 },
    ];
    const group = groupOf("web/dev", { rev: 2, state: GroupState.DEGRADED, attention });
    const events = eventsBetween(view(running({})), view(running({}), { group, waits: [":2 waits for x"] }));
    expect(events.map(({ text }) => text)).toEqual(["no host takes slot 2", ":2 waits for x"]);
    expect(eventsBetween(view(undefined), view(undefined, { group })).map(({ type }) => type)).toEqual([
      "status",
      "attention",
      "attention",
    ]);
  });

  it("name what is waited for: a pause, a slot in motion, a drain, the group", () => {
    expect(waitingText(view(PAUSED))).toContain("go on: theseus rollout resume web/dev");
    expect(waitingText(view(running(slots([WAITING], [STARTING, "no answer yet"]))))).toBe(
      ":2 node-a starting: no answer yet",
    );
    expect(waitingText(view(running({}), { waits: [":1 waits to be acknowledged"] }))).toBe(
      ":1 waits to be acknowledged",
    );
    expect(waitingText(view(running({})))).toBe("1 of 2 new");
    expect(waitingText(view(undefined))).toBe("rev 2 2 of 2 ready, steady");
  });
});

function contextWith(progress: string, env: Record<string, string> = {}, isTTY = false) {
  const written: string[] = [];
  const stderr = { write: (text: string) => void written.push(text), isTTY };
  const context = { io: { stderr, env }, globals: { progress, quiet: progress === "none" } } as unknown as Context;
  return { context, written };
}

describe("plain progress", () => {
  const started = Date.parse("2026-01-02T10:00:00Z");

  it("says every 30 s what it waits for, and nothing twice", () => {
    const { context, written } = contextWith("plain");
    const progress = progressFor(context);
    const waiting = view(running(slots([STARTING, "no answer yet"])));
    for (let second = 0; second <= 65; second += 1) progress.show(waiting, started + second * 1000);
    expect(written).toEqual([
      expect.stringContaining("10:00:00Z web/dev r-2 start "),
      "10:00:00Z web/dev r-2 :1 node-a starting\n",
      "10:00:30Z web/dev r-2 waiting 30 s on :1 node-a starting: no answer yet\n",
      "10:01:00Z web/dev r-2 waiting 1 m 0 s on :1 node-a starting: no answer yet\n",
    ]);
  });

  it("tells a cause once, also when it comes again", () => {
    const { context, written } = contextWith("plain");
    const progress = progressFor(context);
    const shown = [slots([STARTING]), slots([FAILED, "exit 1"]), slots([STARTING]), slots([FAILED, "exit 1"])];
    shown.forEach((one, i) => {
      progress.show(view(running(one)), started + i);
    });
    expect(written.filter((line) => line.includes("exit 1"))).toHaveLength(1);
  });

  it("carries the failure to programs as JSON", () => {
    const { context, written } = contextWith("json");
    const progress = progressFor(context);
    progress.show(view(running({})), started);
    progress.show(view(ROLLING_BACK), started);
    progress.lost("web/dev", started);
    const [, failed, , lost] = written.map((line) => JSON.parse(line));
    expect(failed).toMatchObject({
      ...{ t: "2026-01-02T10:00:00.000Z", type: "failed", ref: "web/dev", rollout: "r-2" },
      failure: { slot: 2, container: FAILURE.container, lastLines: FAILURE.lastLines },
    });
    expect(lost).toMatchObject({ type: "lost", ref: "web/dev" });
  });
});

describe("the mode of progress", () => {
  it("is frames for a person, and lines for CI, pipes and dumb terminals", () => {
    const mode = (progress: string, env: Record<string, string>, isTTY: boolean) =>
      progressMode(contextWith(progress, env, isTTY).context);
    expect(mode("auto", {}, true)).toBe("tty");
    expect(mode("auto", { CI: "true" }, true)).toBe("plain");
    expect(mode("auto", { TERM: "dumb" }, true)).toBe("plain");
    expect(mode("auto", {}, false)).toBe("plain");
    expect(mode("tty", { CI: "1" }, false)).toBe("tty");
    expect(mode("json", {}, true)).toBe("json");
  });

  it("is silent with --quiet", () => {
    const { context, written } = contextWith("none");
    progressFor(context).show(view(running({})), 0);
    expect(written).toEqual([]);
  });
});

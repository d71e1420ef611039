import { describe, expect, it } from "@jest/globals";
import { frameOf } from "../../../clients/cli/wait/frame.js";
import { Live } from "../../../clients/cli/wait/live.js";
import type { View } from "../../../clients/cli/wait/view.js";
import { ErrorReason } from "../../../clients/gen/theseus/v1/error_reason.js";
import {
  type Rollout,
  RolloutPauseReason,
  RolloutSlotState,
  RolloutState,
} from "../../../clients/gen/theseus/v1/rollout.js";
import { CHANGED, groupOf } from "../../support/fake-groups.js";
import { DONE, PAUSED, ROLLING_BACK, RUNNING, rolloutAs, WAY_BACK } from "../../support/fake-rollouts.js";

const plain = { paint: (_: string, text: string) => text, state: (word: string) => word };
const now = CHANGED.getTime() + 72_000;

function view(rollout: Rollout | undefined, more: Partial<View> = {}): View {
  const group = groupOf("web/dev", { rev: 2 });
  return { name: "web/dev", namespace: "shop", group, rollout, waits: [], target: " -n shop", ...more };
}

const frame = (seen: View, lostSince?: number) => frameOf(seen, { now, style: plain, lostSince });

function many(count: number, moving: number): Rollout {
  const slots = Array.from({ length: count }, (_, i) => {
    const state = i < moving ? RolloutSlotState.STARTING : RolloutSlotState.WAITING;
    return { slot: i + 1, state, host: "node-a" };
  });
  return rolloutAs(RolloutState.RUNNING, { wanted: count, slots });
}

describe("a frame", () => {
  it("has the revisions, a bar, the capacity that is promised, each slot, and what can be done", () => {
    expect(frame(view(RUNNING))).toEqual([
      "web/dev  rev 1 -> 2  running  1 m 12 s   shop · r-2",
      "new ██████████░░░░░░░░░░ 1 of 2 ready, 1 old   capacity 2 of 2, never below 2   deadline 03:14:05Z",
      "  :1 node-a  done",
      "  :2 node-b  starting 52 s   no answer yet",
      "ctrl-c stops watching, not the rollout · pause: theseus rollout pause web/dev -n shop",
    ]);
  });

  it("is broken between words where the terminal is narrow, and keeps commands whole", () => {
    const slot = { slot: 2, state: RolloutSlotState.STARTING, host: "node-b", sinceTime: new Date(now - 20_000) };
    const slots = [{ ...slot, text: "its checks have not passed yet; before: it ended by itself with exit code 1" }];
    const lines = frameOf(view({ ...RUNNING, slots }), { now, style: plain, columns: 70 });
    expect(lines).toEqual([
      "web/dev  rev 1 -> 2  running  1 m 12 s   shop · r-2",
      "new ██████████░░░░░░░░░░ 1 of 2 ready, 1 old   capacity 2 of 2, never",
      "    below 2   deadline 03:14:05Z",
      "  :2 node-b  starting 20 s   its checks have not passed yet; before:",
      "                             it ended by itself with exit code 1",
      "ctrl-c stops watching, not the rollout",
      "pause: theseus rollout pause web/dev -n shop",
    ]);
  });

  it("of many slots has those in motion, and counts the others", () => {
    const few = frame(view(many(50, 2)));
    expect(few.slice(2, -1)).toEqual([
      expect.stringContaining(":1  node-a"),
      expect.stringContaining(":2  node-a"),
      "  0 done, 48 waiting",
    ]);
    const crowd = frame(view(many(50, 30)));
    expect(crowd).toHaveLength(2 + 20 + 1 + 1);
    expect(crowd.at(-2)).toBe("  10 more in motion, 0 done, 20 waiting");
  });

  it("says once why a slot waits", () => {
    const text = "port 8443 on node-b is taken";
    const attention = [{ reason: ErrorReason.PORT_TAKEN, text, slot: 2 }];
    const slots = [{ slot: 2, state: RolloutSlotState.WAITING, host: "", text }];
    const group = groupOf("web/dev", { rev: 2, attention });
    const lines = frame(view(rolloutAs(RolloutState.RUNNING, { slots }), { group }));
    expect(lines.filter((line) => line.includes(text))).toEqual([`  :2   waiting   ${text}`]);
    expect(frame(view(rolloutAs(RolloutState.RUNNING), { group }))).toContain(`  ${text}`);
  });

  it("says what the policy waits for", () => {
    const lines = frame(view({ ...PAUSED, pause: { reason: RolloutPauseReason.CANARY, sinceTime: CHANGED } as never }));
    expect(lines).toContain("  paused: the canaries are ready and wait to be promoted");
    expect(lines.at(-1)).toContain("promote: theseus rollout promote web/dev -n shop");
  });

  it("says who paused it and how it goes on", () => {
    const lines = frame(view(PAUSED));
    expect(lines).toContain('  paused by ben@desk: "error rate"');
    expect(lines.at(-1)).toContain("resume: theseus rollout resume web/dev -n shop");
  });

  it("of a way back keeps the cause, and begins a bar of its own", () => {
    const lines = frame(view(ROLLING_BACK, { back: { ...WAY_BACK, readyNew: 2, readyOld: 0 } }));
    expect(lines.slice(1, 6)).toEqual([
      "  failed: :2 on node-b: exit code 1, 3 of 3 tries",
      "      starting",
      "      Error: no config",
      "  rolling back to rev 1 as rev 3",
      expect.stringMatching(/^back █{20} 2 of 2 ready /),
    ]);
  });

  it("of one that is over asks for nothing more", () => {
    expect(frame(view(DONE))[0]).toBe("web/dev  rev 1 -> 2  done  2 of 2 ready  1 m 12 s   shop · r-2");
    expect(frame(view(DONE)).join()).not.toContain("ctrl-c");
  });

  it("is dated when no server answers, and shows the group where there are no rollouts", () => {
    expect(frame(view(RUNNING), now)).toContain("  connection lost, trying again; as of 03:05:17Z");
    expect(frame(view(undefined, { waits: [":1 waits for somebody"] }))).toEqual([
      "web/dev  rev 2  steady  2 of 2 ready",
      "  :1 waits for somebody",
    ]);
  });
});

function terminal(size: { readonly columns?: number; readonly rows?: number } = {}) {
  const written: string[] = [];
  const out = { write: (text: string) => void written.push(text), isTTY: true, columns: 200, rows: 40, ...size };
  return { live: new Live(out, { color: "never" }), written };
}

describe("drawing", () => {
  it("erases as many rows as the last frame took, at most ten times a second", () => {
    const { live, written } = terminal();
    live.show(view(RUNNING), 0);
    live.show(view(RUNNING), 50);
    live.show(view(DONE), 100);
    expect(written).toHaveLength(2);
    expect(written[0]?.split("\n")).toHaveLength(6);
    expect(written[1]?.startsWith("\u001b[5A\r\u001b[Jweb/dev ")).toBe(true);
  });

  it("counts the rows of lines that are wider than the terminal", () => {
    const { live, written } = terminal({ columns: 60 });
    live.show(view(RUNNING), 0);
    live.show(view(RUNNING), 200);
    expect(written[1]?.startsWith("\u001b[7A\r")).toBe(true);
  });

  it("takes a terminal that tells no size for one of the usual size", () => {
    const { live, written } = terminal({ columns: 0, rows: 0 });
    const usual = terminal({ columns: 80, rows: 24 });
    for (const now of [0, 200]) {
      live.show(view(RUNNING), now);
      usual.live.show(view(RUNNING), now);
    }
    expect(written).toEqual(usual.written);
  });

  it("leaves the newest frame on the screen", () => {
    const { live, written } = terminal();
    live.show(view(RUNNING), 0);
    live.show(view(DONE), 10);
    live.end(20);
    expect(written.at(-1)).toContain("✓ done");
  });

  it("draws several groups under each other, one line each where there is no room", () => {
    const { live, written } = terminal({ rows: 4 });
    for (let i = 0; i < 5; i += 1) live.show(view(RUNNING, { name: `web/g${i}` }), i * 200);
    const lines = written.at(-1)?.split("\n") ?? [];
    expect(lines.filter((line) => line.includes("web/g"))).toHaveLength(2);
    expect(lines.at(-2)).toBe("and 3 more");
    live.lost("web/g4", 5000);
    live.end(5000);
    expect(written.at(-1)).toContain("connection lost");
  });
});

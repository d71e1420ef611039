import { describe, expect, it } from "@jest/globals";
import type { Event } from "../../../src/model/event.js";
import type { Rollout } from "../../../src/model/rollout.js";
import { hostEvents, releaseEvents, rolloutEvents } from "../../../src/scheduler/events.js";
import { asWrite, joined, portions } from "../../../src/scheduler/group-edit.js";
import { aGroup, aHostRecord, anInfo, anIntent, aRollout, NOW } from "../../support/builders.js";
import { config, House, WEB } from "../../support/scheduler-house.js";

const GROUP = aGroup();
const failure = { reason: "CONTAINER_EXITED", text: "it ended", at: NOW, slot: 2, host: "local" } as const;

function told(before: Rollout | undefined, now: Rollout): string[] {
  const rollouts = before && { value: { rollouts: [before] }, modRevision: 1n };
  return rolloutEvents({ ref: GROUP.ref, rollouts }, [now], NOW).map(({ kind, text }) => `${kind}: ${text}`);
}

describe("what becomes of a rollout", () => {
  const running = aRollout({ to: 2, from: 1 });
  it.each<[string, Rollout]>([
    ["rollout-done: r-2 is done: rev 2 is stable", { ...running, state: "done" }],
    ["rollout-failed: r-2 failed: it ended", { ...running, state: "failed", failure }],
    [
      "rolling-back: r-2 is taken back to rev 1 by rev 3: it ended",
      { ...running, state: "rolling_back", backBy: 3, failure },
    ],
    ["rolled-back: r-2 was taken back to rev 1 by rev 3", { ...running, state: "rolled_back", backBy: 3, failure }],
    [
      "rollback-failed: r-2 could not be taken back to rev 1 by rev 3",
      { ...running, state: "rollback_failed", backBy: 3 },
    ],
    ["rollout-superseded: r-2 gave way to rev 4", { ...running, state: "superseded", supersededBy: 4 }],
    [
      "rollout-aborted: r-2 was taken back to rev 1 by rev 3: it ended",
      { ...running, state: "aborted", backBy: 3, failure },
    ],
    ["rollout-failed: r-2 goes on, as its policy says: it ended", { ...running, failure }],
    [
      "rollout-waits: r-2 waits to be promoted: its canaries are ready",
      { ...running, state: "paused", pause: { since: NOW, reason: "canary" } },
    ],
  ])("is told as %s", (text, now) => {
    expect(told(running, now)).toEqual([text]);
    expect(told(now, { ...now, progressAt: NOW + 1 })).toEqual([]);
  });

  it("begins with how it goes, and says what it takes back", () => {
    expect(told(undefined, running)).toEqual(["rollout-begun: r-2 begins: stop-first, at most 1 at a time"]);
    const back = aRollout({ to: 3, takesBack: 2, replaces: false });
    expect(told(undefined, back)).toEqual(["rollout-begun: r-3 begins, to take r-2 back"]);
  });

  it("is not told where it only goes on, or where a person paused or resumed it", () => {
    const paused = { ...running, state: "paused", pause: { since: NOW, reason: "asked" } } as const;
    expect(told(running, { ...running, done: 1 })).toEqual([]);
    expect(told(running, paused)).toEqual([]);
    expect(told(paused, running)).toEqual([]);
  });

  it("has the place of its failure", () => {
    const events = rolloutEvents(
      { ref: GROUP.ref, rollouts: undefined },
      [{ ...running, state: "failed", failure }],
      NOW,
    );
    expect(events).toMatchObject([{ actor: "theseus", slot: 2, host: "local", configRevision: 2 }]);
  });
});

describe("a container that failed", () => {
  const intent = anIntent(GROUP);
  const attention = { reason: "COMMAND_NOT_FOUND", text: "no such command", slot: 1, since: NOW } as const;
  const released = { intent, failure: { attention, counts: true } };

  it("is told when it goes, unless it was told before", () => {
    const snapshot = { ref: GROUP.ref, infos: new Map() };
    expect(releaseEvents(snapshot, released, NOW)).toMatchObject([
      { kind: "container-failed", text: "no such command" },
    ]);
    expect(releaseEvents(snapshot, { intent }, NOW)).toEqual([]);
    const failed = { value: anInfo(GROUP, intent, { state: "failed" }), modRevision: 1n };
    expect(releaseEvents({ ...snapshot, infos: new Map([[intent.name, failed]]) }, released, NOW)).toEqual([]);
  });
});

describe("a host", () => {
  it("is told when it falls silent, for another reason, and when it is back", () => {
    const silent = aHostRecord({ problem: { reason: "HOST_UNREACHABLE", text: "no answer", since: NOW } });
    const other = aHostRecord({ problem: { reason: "ENGINE_CHANGED", text: "another ID", since: NOW } });
    const kinds = (events: readonly Event[]) => events.map(({ kind }) => kind);
    expect(kinds(hostEvents(undefined, aHostRecord(), NOW))).toEqual([]);
    expect(kinds(hostEvents(aHostRecord(), silent, NOW))).toEqual(["host-silent"]);
    expect(kinds(hostEvents(silent, { ...silent, lastSeen: NOW + 1 }, NOW))).toEqual([]);
    expect(kinds(hostEvents(silent, other, NOW))).toEqual(["host-silent"]);
    expect(kinds(hostEvents(other, aHostRecord(), NOW))).toEqual(["host-back"]);
  });
});

describe("events of edits that share a write", () => {
  const event = (text: string): Event => ({ at: NOW, actor: "theseus", kind: "x", text });

  it("stay in their order, and count as a key", () => {
    const edits = ["a", "b"].map((text) => ({ events: [event(text)] }));
    expect(joined(edits).events?.map(({ text }) => text)).toEqual(["a", "b"]);
    expect(portions(edits, 6)).toHaveLength(1);
    expect(portions(edits, 5)).toHaveLength(2);
  });

  it("leave nothing in the write where there are none", () => {
    const snapshot = new House().store.snapshot(WEB);
    expect(asWrite(joined([{ events: [] }]), snapshot, undefined)).toEqual({});
  });
});

describe("the timeline of a term", () => {
  it("has a rollout's beginning and end once, each in the write that stores it", async () => {
    const house = new House();
    house.startTerm();
    house.store.ask(WEB, config(2));
    await house.clock.advance(60_000);
    expect(house.store.events.map(({ kind }) => kind)).toEqual(["rollout-begun", "rollout-done"]);
    const begun = house.store.writes.find(({ write }) => write.events !== undefined);
    expect(begun?.write.rollouts).toBeDefined();
  });

  it("has each end of a container that crashes again and again once", async () => {
    const house = new House();
    house.startTerm();
    house.store.ask(WEB, config(1));
    await house.clock.advance(60_000);
    for (const exitCode of [3, 4]) {
      const [intent] = house.store.intents(WEB);
      house.runtime.exit(intent?.name ?? "", exitCode);
      await house.clock.advance(60_000);
    }
    const failed = house.store.events.filter(({ kind }) => kind === "container-failed");
    expect(failed.map(({ text }) => text.replace(/^\S+ /, ""))).toEqual([
      "ended by itself with exit code 3",
      "ended by itself with exit code 4",
    ]);
    expect(failed[0]).toMatchObject({ group: WEB, slot: 1, host: "local", configRevision: 1, actor: "theseus" });
  });

  it("has a host that falls silent and comes back once each", async () => {
    const house = new House();
    house.startTerm();
    await house.clock.advance(10_100);
    house.runtime.down(true);
    await house.clock.advance(60_000);
    house.runtime.down(false);
    await house.clock.advance(60_000);
    expect(house.store.events.map(({ kind }) => kind)).toEqual(["host-silent", "host-back"]);
  });

  it("is swept every five minutes", async () => {
    const house = new House();
    house.startTerm();
    await house.clock.advance(1000);
    const first = house.store.eventsForgotten ?? 0;
    await house.clock.advance(301_000);
    expect((house.store.eventsForgotten ?? 0) - first).toBe(300_000);
  });
});

import { describe, expect, it } from "@jest/globals";
import type { GroupConfig } from "../../../src/model/group.js";
import { plan } from "../../../src/planner/plan.js";
import {
  aDrain,
  aGroup,
  anIntent,
  assigned,
  created,
  doings,
  draining,
  exited,
  NOW,
  only,
  ready,
  situation,
  slotsOf,
  starting,
} from "../../support/builders.js";

const slots = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

describe("scaling", () => {
  it("assigns all missing slots in one action, each the next generation", () => {
    const group = aGroup({ instances: 10 });
    const seen = { slots: { 3: { generation: 7, failures: 0 } }, attention: [] };
    const { intents } = only(plan(situation(group, [ready(group, 1)], { slots: seen })), "assign");
    expect(intents.map(({ slot }) => slot)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(intents.map(({ generation }) => generation)).toEqual([1, 8, 1, 1, 1, 1, 1, 1, 1]);
    expect(intents[0]).toMatchObject({
      phase: "creating",
      host: "local",
      configRevision: 1,
      name: anIntent(group, { slot: 2 }).name,
    });
  });

  it("assigns no more at once than one transaction takes", () => {
    const group = aGroup({ instances: 1000 });
    expect(only(plan(situation(group, [])), "assign").intents).toHaveLength(100);
  });

  it("has nothing to do when all are ready", () => {
    const group = aGroup({ instances: 3 });
    const done = plan(
      situation(
        group,
        slots(3).map((slot) => ready(group, slot)),
      ),
    );
    expect(done.actions).toEqual([]);
    expect(done.lookAgainAt).toBeUndefined();
    expect(done.status).toEqual({ state: "steady", wanted: 3, ready: 3, outdated: 0 });
  });

  it("launches what was assigned, and what was created and never started", () => {
    const group = aGroup({ instances: 2 });
    const { actions } = plan(situation(group, [assigned(group, 1), created(group, 2)]));
    expect(actions).toMatchObject([
      { kind: "launch", image: "web:1@sha256:0", intent: { slot: 1 } },
      { kind: "launch", intent: { slot: 2 }, containerId: expect.any(String) },
    ]);
    expect(actions[0]).not.toHaveProperty("containerId");
  });

  it("launches again when the intent says running and the container was never started", () => {
    const group = aGroup();
    expect(doings(plan(situation(group, [created(group, 1, { intent: { phase: "running" } })])))).toEqual(["launch 1"]);
  });

  it("is finished first where its files or networks may be missing", () => {
    const taken = (config: Partial<GroupConfig>): boolean => {
      const group = aGroup(config);
      return only(plan(situation(group, [created(group)])), "launch").containerId !== undefined;
    };
    expect([taken({}), taken({ networks: ["one"] })]).toEqual([true, true]);
    expect(taken({ networks: ["one", "two"] })).toBe(false);
    expect(taken({ files: [{ at: "/etc/x", content: "" }] })).toBe(false);
  });

  it("stops the highest slots first, whatever the engine's restart policy of a container is", () => {
    const group = aGroup({ instances: 2 });
    const parts = slots(5).map((slot) =>
      ready(group, slot, { container: { restartPolicy: slot === 4 ? "unless-stopped" : "no" } }),
    );
    const { actions } = plan(situation(group, parts));
    expect(doings({ ...plan(situation(group, parts)), actions: actions.slice(0, 3) })).toEqual([
      "drain 5",
      "drain 4",
      "drain 3",
    ]);
    expect(actions[0]).toMatchObject({
      reason: "slot 5 is above the 2 instances asked for",
      info: { state: "draining", since: NOW },
    });
  });

  it("goes on with a departure from wherever it stood", () => {
    const group = aGroup({ instances: 0 });
    const gone = { intent: anIntent(group, { slot: 4, phase: "stopping" }) };
    const parts = [draining(group), exited(group, 2, 0, { intent: { phase: "stopping" } }), assigned(group, 3), gone];
    const drains = [aDrain(draining(group))];
    expect(doings(plan(situation(group, parts, { drains })))).toEqual(["release 4", "release 3", "remove 2", "stop 1"]);
  });

  it("keeps a surplus one that serves until enough others do", () => {
    const group = aGroup({ instances: 1 });
    const waiting = [starting(group, 1), ready(group, 2)];
    expect(doings(plan(situation(group, waiting)))).not.toContain("drain 2");
  });

  it("lets go as many of those that serve as can be spared, the highest slot first", () => {
    const group = aGroup({ instances: 2 });
    const parts = [starting(group, 1), ready(group, 2), ready(group, 3), ready(group, 4)];
    const [first, ...others] = plan(situation(group, parts)).actions;
    expect(first).toMatchObject({ kind: "drain", containerId: parts[3]?.container.id });
    expect(others).toEqual([]);
  });

  it("tells first that one does not serve any more, and lets it go after that", () => {
    const group = aGroup({ instances: 1, ports: [{ name: "http", container: 80 }] });
    const restarted = { startedAt: NOW - 100, restartCount: 1, verdict: "untried" as const };
    const ended = exited(group, 1, 137, { intent: { generation: 2 }, info: { state: "failed" } });
    const passOn = (state: "ready" | "starting"): string[] => {
      const older = ready(group, 1, { container: restarted, info: { state, since: NOW - 60_000 } });
      return doings(plan(situation(group, [older, ended])));
    };
    expect(passOn("ready")).toContain("publish 1 starting");
    expect(passOn("ready")).not.toContain("drain 1");
    expect(passOn("starting")).toContain("drain 1");
  });

  it("lets the older one of a slot go once the newer one serves", () => {
    const group = aGroup();
    const old = ready(group, 1);
    const newer = ready(group, 1, { intent: { generation: 2 } });
    const young = starting(group, 1, { intent: { generation: 2 } });
    expect(doings(plan(situation(group, [old, young])))).toEqual([]);
    const drained = only(plan(situation(group, [old, newer])), "drain");
    expect(drained).toMatchObject({
      intent: { generation: 1, phase: "draining" },
      reason: "slot 1 has a newer container",
    });
  });

  it("lets go of a slot only what another one of that slot stands in for, however many serve elsewhere", () => {
    const group = aGroup({ instances: 2 });
    const others = [ready(group, 1), ready(group, 1, { intent: { generation: 2 } }), ready(group, 2)];
    const young = starting(group, 2, { intent: { generation: 2 } });
    expect(doings(plan(situation(group, [...others, young])))).toEqual(["drain 1"]);
    const grown = ready(group, 2, { intent: { generation: 2 } });
    expect(doings(plan(situation(group, [...others, grown])))).toEqual(["drain 2", "drain 1"]);
  });

  it("keeps the newest that serves of a slot whose present one does not yet", () => {
    const group = aGroup({ instances: 1 });
    const parts = [ready(group, 1), ready(group, 1, { intent: { generation: 2 } })];
    const young = starting(group, 1, { intent: { generation: 3 } });
    expect(only(plan(situation(group, [...parts, young])), "drain").intent.generation).toBe(1);
  });

  it("does not fill a slot whose old container is still on its way out", () => {
    const group = aGroup();
    const leaving = exited(group, 1, 0, { intent: { phase: "stopping" } });
    expect(doings(plan(situation(group, [leaving])))).toEqual(["remove 1"]);
  });

  it("takes a generation whose name nobody holds on the host", () => {
    const group = aGroup();
    const taken = new Set([anIntent(group, { generation: 1 }).name, anIntent(group, { generation: 2 }).name]);
    const input = situation(group, []);
    const hosts = input.hosts.map((host) => ({ ...host, takenNames: taken }));
    expect(only(plan({ ...input, hosts }), "assign").intents[0]).toMatchObject({ generation: 3 });
  });

  it("never takes a generation again, even where the slots record was lost", () => {
    const group = aGroup({ instances: 1 });
    const leaving = anIntent(group, { generation: 4 });
    const input = situation(aGroup({ instances: 2 }), [{ intent: { ...leaving, slot: 2 } }], { slots: slotsOf([]) });
    const { intents } = only(plan(input), "assign");
    expect(intents.map(({ slot }) => slot)).toEqual([1]);
  });
});

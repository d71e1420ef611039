import { describe, expect, it } from "@jest/globals";
import type { DrainState } from "../../../src/model/drain.js";
import type { GroupConfig } from "../../../src/model/group.js";
import { plan } from "../../../src/planner/plan.js";
import { aDrain, aGroup, doings, draining, NOW, only, ready, situation } from "../../support/builders.js";

const OPEN = {
  answeredAt: undefined,
  unanswered: [{ server: "s2", awaits: [{ watcherId: "proxy", peer: "10.0.0.9:4000", connected: false }] }],
} as const;

/** One container on its way out, its drain as told. */
function leaving(drain: Partial<DrainState>, stop: GroupConfig["stop"] = {}) {
  const group = aGroup({ instances: 0, stop });
  const part = draining(group);
  return plan(situation(group, [part], { drains: [aDrain(part, drain)] }));
}

describe("a container that leaves", () => {
  it("asks everybody who was told of it, and names the deadline of its group", () => {
    const asked = (stop: GroupConfig["stop"]) => {
      const group = aGroup({ instances: 0, ...(stop === undefined ? {} : { stop }) });
      return only(plan(situation(group, [ready(group, 1, { container: { restartPolicy: "no" } })])), "drain");
    };
    expect(asked(undefined)).toMatchObject({ ackDeadline: 10_000, info: { state: "draining" } });
    expect(asked({ ackDeadline: 500 })).toMatchObject({ ackDeadline: 500 });
  });

  it("is stopped as soon as that is answered", () => {
    expect(doings(leaving({ since: NOW - 40, answeredAt: NOW }))).toEqual(["stop 1"]);
  });

  it("runs on until its deadline while somebody has not answered", () => {
    const waiting = leaving({ ...OPEN, since: NOW - 4000 });
    expect(waiting.actions).toEqual([]);
    expect(waiting.lookAgainAt).toBe(NOW + 6000);
  });

  it("is stopped at its deadline, and the reason names who has not answered", () => {
    const late = leaving({ ...OPEN, since: NOW - 10_000 });
    const { reason } = only(late, "stop");
    expect(reason).toContain("it is to go; not acknowledged in time by watcher proxy on 10.0.0.9:4000");
    expect(reason).toContain("whose connection is broken (at server s2)");
    const silent = leaving({ ...OPEN, since: NOW - 10_000, unanswered: [{ server: "s3", awaits: undefined }] });
    expect(only(silent, "stop").reason).toContain("server s3 (it has not said anything)");
  });

  it("waits as long as its group asks for besides, from the answer on", () => {
    const policy = { drainWait: 3000, grace: 500 };
    const early = leaving({ since: NOW - 9000, answeredAt: NOW - 1000 }, policy);
    expect(early.actions).toEqual([]);
    expect(early.lookAgainAt).toBe(NOW + 2000);
    expect(only(leaving({ since: NOW - 9000, answeredAt: NOW - 3000 }, policy), "stop")).toMatchObject({ grace: 500 });
  });

  it("waits that long from the deadline on where nobody answered, or only after it", () => {
    const policy = { drainWait: 3000 };
    expect(leaving({ ...OPEN, since: NOW - 11_000 }, policy).lookAgainAt).toBe(NOW + 2000);
    expect(leaving({ since: NOW - 11_000, answeredAt: NOW }, policy).lookAgainAt).toBe(NOW + 2000);
  });

  it("asks again rather than stop it unheard, where nothing says that anybody was asked", () => {
    const group = aGroup({ instances: 0 });
    const lost = plan(situation(group, [draining(group)]));
    expect(only(lost, "drain")).toMatchObject({ intent: { phase: "draining" }, reason: "it is to go" });
    expect(doings(lost)).toEqual(["drain 1"]);
  });

  it("is stopped at once where nobody was ever told of it", () => {
    const group = aGroup({ instances: 0 });
    const { info: _, ...untold } = draining(group);
    expect(doings(plan(situation(group, [untold])))).toEqual(["stop 1"]);
  });

  it("does not ask a second time once its stop is paid for", () => {
    const group = aGroup({ instances: 0 });
    const stopping = draining(group, 1, { intent: { phase: "stopping" } });
    expect(doings(plan(situation(group, [stopping])))).toEqual(["stop 1"]);
  });

  it("does not wait for the others that leave with it", () => {
    const group = aGroup({ instances: 0 });
    const parts = [1, 2, 3].map((slot) => draining(group, slot));
    const drains = parts.map((part) => aDrain(part, part === parts[0] ? OPEN : {}));
    expect(doings(plan(situation(group, parts, { drains })))).toEqual(["stop 3", "stop 2"]);
  });
});

import { describe, expect, it } from "@jest/globals";
import { plan } from "../../../src/planner/plan.js";
import {
  aGroup,
  aHost,
  anIntent,
  assigned,
  changed,
  created,
  doings,
  exited,
  only,
  ready,
  situation,
  starting,
} from "../../support/builders.js";

const old = aGroup({ instances: 3, update: { order: "stop-first" } });
const now = changed(old, { image: "web:2" });
const noRestart = { container: { restartPolicy: "no" as const } };

describe("replacing after a change", () => {
  it("takes one slot at a time, the lowest first, while all others are ready", () => {
    const parts = [ready(old, 1, noRestart), ready(old, 2), ready(old, 3)];
    const next = plan(situation(now, parts));
    expect(doings(next)).toEqual(["drain 1"]);
    expect(only(next, "drain").reason).toBe("it is not made from the present config");
    expect(next.status).toMatchObject({ state: "rolling", outdated: 3, ready: 3 });
  });

  it("waits until the new one is ready", () => {
    const parts = [starting(now, 1), ready(old, 2), ready(old, 3)];
    expect(doings(plan(situation(now, parts)))).toEqual([]);
  });

  it("waits until an empty slot is filled and ready", () => {
    expect(doings(plan(situation(now, [ready(old, 2), ready(old, 3)])))).toEqual(["assign 1"]);
  });

  it("does not count one as ready whose checks fail now, whatever is told", () => {
    const http = { ports: [{ name: "http", container: 80 }] };
    const before = aGroup({ instances: 2, ...http });
    const after = changed(before, { image: "web:2" });
    const failing = ready(after, 2, { container: { verdict: "failing" } });
    expect(doings(plan(situation(after, [ready(before, 1), failing])))).toEqual(["publish 2 unhealthy"]);
  });

  it("tells first that an old one does not serve any more, and takes it after that", () => {
    const before = aGroup({ instances: 2, ports: [{ name: "http", container: 80 }], update: { order: "stop-first" } });
    const after = changed(before, { image: "web:2" });
    const failing = { container: { verdict: "failing" as const } };
    const mistold = [ready(before, 1), ready(before, 2, failing)];
    expect(doings(plan(situation(after, mistold)))).toContain("publish 2 unhealthy");
    expect(doings(plan(situation(after, mistold)))).not.toContain("drain 2");
    const told = [ready(before, 1), ready(before, 2, { ...failing, info: { state: "unhealthy" } })];
    expect(doings(plan(situation(after, told)))).toContain("drain 2");
  });

  it("takes one that is not ready without waiting for the others", () => {
    const parts = [ready(old, 1), starting(old, 2), starting(old, 3)];
    expect(doings(plan(situation(now, parts)))).toEqual(["drain 2"]);
  });

  it("lets only one be on its way out at a time", () => {
    const leaving = exited(old, 1, 0, { intent: { phase: "stopping" } });
    expect(doings(plan(situation(now, [leaving, starting(old, 2), starting(old, 3)])))).toEqual(["remove 1"]);
  });

  it("drops at once what never ran or has ended", () => {
    const parts = [assigned(old, 1), created(old, 2), exited(old, 3)];
    expect(doings(plan(situation(now, parts)))).toEqual(["remove 3", "remove 2", "release 1"]);
  });

  it("releases what is gone without counting a failure", () => {
    const { intent, info } = ready(old, 1);
    expect(only(plan(situation(now, [{ intent, info }, ready(old, 2), ready(old, 3)])), "release")).not.toHaveProperty(
      "failure",
    );
  });

  it("stops nothing whose successor fits nowhere, and says why", () => {
    const wide = changed(old, { cpu: 16 });
    const parts = [ready(old, 1), ready(old, 2), ready(old, 3)];
    const next = plan(situation(wide, parts));
    expect(doings(next)).toEqual(["noteAttention NO_HOST_FITS,NO_HOST_FITS,NO_HOST_FITS"]);
    const hosts = [{ host: "local", reason: "NO_HOST_FITS" }];
    expect(next.refusals).toMatchObject([1, 2, 3].map((slot) => ({ slot, hosts })));
  });

  it("gives a fixed host port from the old container to the new one", () => {
    const fixed = aGroup({ ports: [{ name: "http", container: 80, host: 8080 }] });
    const after = changed(fixed, { image: "web:2" });
    const hostPorts = { http: 8080 };
    const parts = [ready(fixed, 1, { ...noRestart, intent: { hostPorts } })];
    const resting = [aHost({ quarantinedPorts: new Set([8080]) })];
    expect(doings(plan(situation(after, parts, { hosts: resting })))).toEqual(["drain 1"]);
    const refilled = only(plan(situation(after, [], { hosts: resting })), "assign");
    expect(refilled.intents[0]?.hostPorts).toEqual(hostPorts);
  });

  it("replaces nothing for instances, constraints, update policy, probes and weight, but tells revision and weight", () => {
    const before = aGroup({ instances: 1 });
    const after = changed(before, {
      weight: 50,
      update: { maxParallel: "2" },
      health: { check: { kind: "none" } },
      maxPerHost: 9,
    });
    const told = only(plan(situation(after, [ready(before, 1)])), "publish");
    expect(told.info).toMatchObject({
      configRevision: 2,
      weight: 50,
      state: "ready",
      since: ready(before, 1).info.since,
    });
    expect(anIntent(before).fingerprint).toBe(anIntent(after).fingerprint);
  });

  it("keeps the told ports of a container that was made from another config", () => {
    const before = aGroup({ instances: 2, ports: [{ name: "http", container: 80 }] });
    const after = changed(before, { ports: [{ name: "web", container: 81 }], weight: 7 });
    const { actions } = plan(situation(after, [ready(before, 1), ready(before, 2)]));
    const told = actions.find(({ kind }) => kind === "publish");
    expect(told).toMatchObject({ info: { portMappings: { http: { exposed: 80 } }, configRevision: 1, weight: 7 } });
  });
});

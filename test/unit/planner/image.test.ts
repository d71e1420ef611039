import { describe, expect, it } from "@jest/globals";
import { plan } from "../../../src/planner/plan.js";
import { aGroup, aHost, assigned, changed, doings, NOW, only, ready, situation } from "../../support/builders.js";

const unpinned = aGroup({ pinned: false, pull: "always", instances: 2 });
const failure = {
  reason: "IMAGE_NOT_FOUND",
  text: "image web:1 was not found",
  since: NOW - 20_000,
  retryAt: NOW + 5000,
} as const;
const failing = { slots: {}, attention: [failure] };

describe("pinning the image", () => {
  it("comes before anything is assigned", () => {
    const next = plan(situation(unpinned, []));
    expect(doings(next)).toEqual(["pinImage"]);
    expect(next.actions[0]).toMatchObject({ host: "local", image: "web:1", pull: "always" });
  });

  it("comes before anything that runs is replaced", () => {
    const old = aGroup();
    const now = changed(old, { image: "web:2", pinned: false });
    expect(doings(plan(situation(now, [ready(old, 1)])))).toEqual(["pinImage"]);
  });

  it("is done again when the pin is of another image", () => {
    const pinned = aGroup({ image: "web:2" });
    const stale = { ...pinned, record: { ...pinned.record, pin: { asked: "web:1", pinned: "sha256:1" } } };
    expect(doings(plan(situation(stale, [assigned(stale)])))).toEqual(["pinImage"]);
  });

  it("asks a host that may run it", () => {
    const group = aGroup({ pinned: false, constraints: "ssd" });
    const hosts = [
      aHost({ name: "a" }),
      aHost({ name: "b", labels: ["ssd"] }),
      aHost({ name: "c", labels: ["ssd"], reachable: false }),
    ];
    expect(only(plan(situation(group, [], { hosts })), "pinImage").host).toBe("b");
    expect(only(plan(situation(group, [], { hosts: hosts.slice(0, 1) })), "pinImage").host).toBe("a");
  });

  it("is tried again at its time, and people are told all along", () => {
    const waiting = plan(situation(unpinned, [], { slots: failing }));
    expect(waiting.actions).toEqual([]);
    expect(waiting.lookAgainAt).toBe(NOW + 5000);
    const due = plan(situation(unpinned, [], { slots: failing, now: NOW + 5000 }));
    expect(doings(due)).toEqual(["pinImage"]);
    expect(due.status.state).toBe("failing");
  });

  it("is not held up by the failure of an image that is no longer asked for", () => {
    for (const image of ["web:2", "web:11", "shop/web:1"]) {
      const now = aGroup({ image, pinned: false });
      expect(doings(plan(situation(now, [], { slots: failing })))).toEqual(["noteAttention", "pinImage"]);
    }
  });

  it("is forgotten once it has succeeded", () => {
    const group = aGroup();
    expect(
      doings(
        plan(
          situation(group, [ready(group, 1)], { slots: { ...failing, slots: { 1: { generation: 1, failures: 0 } } } }),
        ),
      ),
    ).toEqual(["noteAttention"]);
  });

  it("is not needed for no instances", () => {
    expect(plan(situation(aGroup({ instances: 0, pinned: false }), [])).actions).toEqual([]);
  });
});

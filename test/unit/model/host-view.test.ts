import { describe, expect, it } from "@jest/globals";
import { type HostFacts, hostView } from "../../../src/model/host-view.js";
import { type Holders, heldByOthers } from "../../../src/model/others.js";
import { aGroup, aHostRecord, anIntent, NOW } from "../../support/builders.js";

const other = aGroup({ ports: [{ name: "http", container: 80 }] });
const summed = (others: Partial<Holders>) =>
  heldByOthers("local", { reservations: [], strangers: [], otherNames: [], ...others });
const NOBODY: HostFacts = { now: NOW, others: () => summed({}) };

describe("what others hold on a host", () => {
  const here = anIntent(other, { slot: 2, hostPorts: { http: 20007 } });
  const claim = { group: other.ref, intent: here, cpu: 0.1, mem: 100 };

  it("is what other groups reserve on it, and on no other host", () => {
    const elsewhere = { ...claim, intent: { ...here, host: "b" }, cpu: 8, mem: 800 };
    const held = summed({ reservations: [claim, elsewhere] });
    expect(held).toMatchObject({ reservedCpu: 0.1, reservedMem: 100 });
    expect([...held.takenPorts]).toEqual([[20007, "web/dev:2"]]);
    expect([...held.takenNames]).toEqual([here.name]);
  });

  it("adds up cores as Docker counts them", () => {
    expect(summed({ reservations: [claim, claim, claim] }).reservedCpu).toBe(0.3);
  });

  it("has the ports and names of strangers", () => {
    const strangers = [{ id: "1", name: "nginx", hostPorts: [80, 443] }];
    const held = summed({ strangers, otherNames: ["shop.1.1-abc"] });
    expect([...held.takenPorts.keys()]).toEqual([80, 443]);
    expect(held.takenPorts.get(80)).toBe("container nginx");
    expect([...held.takenNames]).toEqual(["nginx", "shop.1.1-abc"]);
  });

  it("names one claimant of a port, the same in any order, and a group before a stranger", () => {
    const first = { ...claim, intent: { ...here, slot: 1 } };
    const strangers = [{ id: "1", name: "nginx", hostPorts: [20007] }];
    for (const reservations of [
      [claim, first],
      [first, claim],
    ]) {
      expect(summed({ reservations, strangers }).takenPorts.get(20007)).toBe("web/dev:1");
    }
  });
});

describe("the planner's view of a host", () => {
  it("asks what others hold once, and only when somebody wants to know", () => {
    let asked = 0;
    const others = () => {
      asked++;
      return summed({ otherNames: ["one"] });
    };
    const view = hostView(aHostRecord(), { now: NOW, others });
    expect([view.nextPort, view.reachable, asked]).toEqual([20000, true, 0]);
    expect([view.reservedCpu, view.takenPorts.size, view.takenNames.has("one"), asked]).toEqual([0, 0, true, 1]);
  });

  it("keeps a freed port out of use for 60 seconds, also when the clock went back", () => {
    const freedPorts = { 20001: NOW - 59_999, 20002: NOW - 60_000, 20003: NOW + 5_000, 20004: NOW + 3_600_000 };
    const view = hostView(aHostRecord({ freedPorts }), NOBODY);
    expect([...view.quarantinedPorts]).toEqual([20001, 20003]);
  });

  it("is not reachable while its record has a problem", () => {
    const problem = { reason: "ENGINE_CHANGED", text: "another engine answers", since: NOW } as const;
    expect(hostView(aHostRecord({ problem }), NOBODY)).toMatchObject({
      reachable: false,
      problem: "another engine answers",
    });
  });
});

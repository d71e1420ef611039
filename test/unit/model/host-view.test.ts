import { describe, expect, it } from "@jest/globals";
import { type HostFacts, hostView, type Others } from "../../../src/model/host-view.js";
import { aGroup, aHostRecord, anIntent, NOW } from "../../support/builders.js";

const other = aGroup({ ports: [{ name: "http", container: 80 }] });
const held = (others: Partial<Others>): HostFacts => ({
  now: NOW,
  others: () => ({ reservations: [], strangers: [], otherNames: () => [], ...others }),
});
const NOBODY = held({});

describe("the planner's view of a host", () => {
  it("counts what other groups reserve on it, and on no other host", () => {
    const here = anIntent(other, { slot: 2, hostPorts: { http: 20007 } });
    const reservations = [
      { group: other.ref, intent: here, cpu: 0.5, mem: 100 },
      { group: other.ref, intent: { ...here, host: "b" }, cpu: 8, mem: 800 },
    ];
    const view = hostView(aHostRecord(), held({ reservations }));
    expect(view).toMatchObject({ reservedCpu: 0.5, reservedMem: 100, nextPort: 20000, reachable: true });
    expect([...view.takenPorts]).toEqual([[20007, "web/dev:2"]]);
    expect(view.takenNames.has(here.name)).toBe(true);
  });

  it("asks what others hold once, and only when somebody wants to know", () => {
    let asked = 0;
    const others = () => {
      asked++;
      return { reservations: [], strangers: [], otherNames: () => ["one"] };
    };
    const view = hostView(aHostRecord(), { now: NOW, others });
    expect([view.nextPort, asked]).toEqual([20000, 0]);
    expect([view.reservedCpu, view.takenPorts.size, view.takenNames.size, asked]).toEqual([0, 0, 1, 1]);
  });

  it("knows the ports and names of strangers", () => {
    const strangers = [{ id: "1", name: "nginx", hostPorts: [80, 443] }];
    const view = hostView(aHostRecord(), held({ strangers, otherNames: () => ["shop.1.1-abc"] }));
    expect([...view.takenPorts.keys()]).toEqual([80, 443]);
    expect(view.takenPorts.get(80)).toBe("container nginx");
    expect([...view.takenNames]).toEqual(["nginx", "shop.1.1-abc"]);
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

import { describe, expect, it } from "@jest/globals";
import type { HostView } from "../../../src/model/host.js";
import type { Group } from "../../../src/model/plan.js";
import { plan } from "../../../src/planner/plan.js";
import { aGroup, aHost, anIntent, assigned, only, situation } from "../../support/builders.js";

const GIB = 2 ** 30;
const host = (name: string, options: Partial<HostView> = {}): HostView => aHost({ name, ...options });

function placed(group: Group, hosts: readonly HostView[]): string[] {
  const { actions } = plan(situation(group, [], { hosts }));
  return actions.flatMap((action) => (action.kind === "assign" ? action.intents.map((one) => one.host) : []));
}

function refusedBy(group: Group, hosts: readonly HostView[]): string[] {
  const [refusal] = plan(situation(group, [], { hosts })).refusals;
  return (refusal?.hosts ?? []).map(({ host: name, reason, text }) => `${name} ${reason}: ${text}`);
}

describe("placement", () => {
  it("gives every reason of every host", () => {
    const group = aGroup({
      constraints: "ssd,!spot",
      cpu: 2,
      mem: 4 * GIB,
      ports: [{ name: "http", container: 80, host: 443 }],
    });
    const hosts = [
      host("a", {
        labels: ["spot"],
        cpu: 2,
        reservedCpu: 1.5,
        mem: 4 * GIB,
        reservedMem: GIB,
        takenPorts: new Map([[443, "edge/prod:1"]]),
      }),
      host("b", { labels: ["ssd"], reachable: false, problem: "connection refused" }),
    ];
    expect(refusedBy(group, hosts)).toEqual([
      'a NO_HOST_FITS: its labels do not meet "ssd"',
      'a NO_HOST_FITS: its labels do not meet "!spot"',
      "a NO_HOST_FITS: it has 0.5 of 2 cores free, and 2 are needed",
      "a NO_HOST_FITS: it has 3072 MiB of 4096 MiB free, and 4096 MiB are needed",
      "a PORT_TAKEN: port 443 is taken by edge/prod:1",
      "b HOST_UNREACHABLE: connection refused",
    ]);
  });

  it("takes nothing with ports where no address is known to publish them on", () => {
    const hosts = [host("a", { address: "" })];
    expect(refusedBy(aGroup({ ports: [{ name: "http", container: 80 }] }), hosts)).toEqual([
      "a NO_HOST_FITS: it has no address to publish ports on: its engine has no default bridge, and none is advertised",
    ]);
    expect(placed(aGroup({ ports: [] }), hosts)).toEqual(["a"]);
  });

  it("tells each slot that fits nowhere, with the hosts' reasons, and places the others", () => {
    const group = aGroup({ instances: 3, distinctHost: true });
    const next = plan(situation(group, [], { hosts: [host("a"), host("b")] }));
    expect(only(next, "assign").intents.map((one) => one.host)).toEqual(["a", "b"]);
    expect(only(next, "noteAttention").attention).toMatchObject([
      {
        reason: "NO_HOST_FITS",
        slot: 3,
        text: "no host takes slot 3: a: it has a container of this group, and distinct_host is set; b: it has a container of this group, and distinct_host is set",
      },
    ]);
    expect(next.status.state).toBe("failing");
  });

  it("says PORT_TAKEN where nothing but ports is in the way", () => {
    const group = aGroup({ ports: [{ name: "http", container: 80, host: 8443 }] });
    const next = plan(
      situation(group, [], { hosts: [host("a", { takenPorts: new Map([[8443, "container nginx"]]) })] }),
    );
    expect(only(next, "noteAttention").attention).toMatchObject([
      { reason: "PORT_TAKEN", text: "no host takes slot 1: a: port 8443 is taken by container nginx" },
    ]);
  });

  it("spreads over hosts, and fills up to max_per_host", () => {
    expect(placed(aGroup({ instances: 4 }), [host("a"), host("b")])).toEqual(["a", "b", "a", "b"]);
    expect(placed(aGroup({ instances: 5, maxPerHost: 2 }), [host("a"), host("b")])).toEqual(["a", "b", "a", "b"]);
  });

  it("spreads over the part of a label that it is told to", () => {
    const hosts = [
      host("a", { labels: ["zone=x"] }),
      host("b", { labels: ["zone=x"] }),
      host("c", { labels: ["zone=y"] }),
    ];
    expect(placed(aGroup({ instances: 4, spread: "zone" }), hosts)).toEqual(["a", "c", "b", "c"]);
  });

  it("prefers the host with less reserved where the group does not mind", () => {
    const hosts = [host("a", { reservedCpu: 3 }), host("b", { reservedCpu: 1 })];
    expect(placed(aGroup({ instances: 2, spread: "none" }), hosts)).toEqual(["b", "b"]);
  });

  it("counts what earlier slots of the same pass took", () => {
    const hosts = [host("a", { cpu: 2 }), host("b", { cpu: 1 })];
    expect(placed(aGroup({ instances: 5, cpu: 1 }), hosts)).toEqual(["a", "b", "a"]);
  });

  it("counts what the group's own containers hold", () => {
    const group = aGroup({ instances: 2, mem: 5 * GIB });
    const next = plan(situation(group, [assigned(group, 1)]));
    expect(next.refusals.map(({ slot }) => slot)).toEqual([2]);
  });

  it("refuses nothing for want of room where none was asked for", () => {
    expect(placed(aGroup(), [host("a", { cpu: 1, reservedCpu: 9, mem: 1, reservedMem: 9 })])).toEqual(["a"]);
  });

  it("keeps a slot with a volume of its own on the host where that is", () => {
    const group = aGroup({ volumes: [{ name: "data", at: "/data" }] });
    const slots = { slots: { 1: { generation: 1, failures: 0, host: "b" } }, attention: [] };
    const input = situation(group, [], { slots, hosts: [host("a"), host("b", { reservedCpu: 2 })] });
    expect(only(plan(input), "assign").intents[0]?.host).toBe("b");
    const without = plan({ ...input, hosts: [host("a")] });
    expect(without.refusals[0]?.hosts.map(({ text }) => text)).toEqual([
      "the volume of this slot is on b",
      "the volume of this slot is on it, and it is not known here",
    ]);
    const shared = aGroup({ volumes: [{ name: "data", at: "/data", per: "group" }] });
    expect(only(plan({ ...input, desired: shared }), "assign").intents[0]?.host).toBe("a");
  });

  it("explains a selector that nobody can read", () => {
    expect(refusedBy(aGroup({ constraints: "A B" }), [host("a")])[0]).toMatch(/^a NO_HOST_FITS: .*not a label/);
  });
});

describe("silent hosts", () => {
  it("nothing is done when none answers", () => {
    const group = aGroup({ instances: 2 });
    const next = plan(
      situation(group, [assigned(group, 1)], { hosts: [host("local", { reachable: false, problem: "timeout" })] }),
    );
    expect(next.actions).toMatchObject([
      {
        kind: "noteAttention",
        attention: [{ reason: "HOST_UNREACHABLE", host: "local", text: "no answer from Docker on local: timeout" }],
      },
    ]);
    expect(next.status.state).toBe("unknown");
  });

  it("what runs on one of them keeps its slot and is left alone", () => {
    const group = aGroup({ instances: 2 });
    const there = { intent: anIntent(group, { slot: 1, host: "b" }) };
    const next = plan(situation(group, [there], { hosts: [host("a"), host("b", { reachable: false })] }));
    expect(next.actions.map(({ kind }) => kind)).toEqual(["noteAttention", "assign"]);
    expect(only(next, "assign").intents.map(({ slot, host: name }) => [slot, name])).toEqual([[2, "a"]]);
    expect(only(next, "noteAttention").attention).toMatchObject([{ reason: "HOST_UNREACHABLE", host: "b" }]);
  });

  it("no known host is told as well", () => {
    const next = plan(situation(aGroup(), [], { hosts: [] }));
    expect(only(next, "noteAttention").attention).toMatchObject([
      { reason: "HOST_UNREACHABLE", text: "no host is known yet" },
    ]);
  });
});

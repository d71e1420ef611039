import { describe, expect, it } from "@jest/globals";
import type { HostView } from "../../../src/model/host.js";
import { plan } from "../../../src/planner/plan.js";
import { aGroup, aHost, assigned, only, situation } from "../../support/builders.js";

const HTTP = { name: "http", container: 8080 };
const ADMIN = { name: "admin", container: 9000 };

function given(options: Partial<HostView>, instances = 1, ports = [HTTP, ADMIN]): Record<string, number>[] {
  const input = situation(aGroup({ instances, ports }), [], { hosts: [aHost(options)] });
  return only(plan(input), "assign").intents.map(({ hostPorts }) => hostPorts);
}

describe("host ports", () => {
  it("go on from the port after the last one given out", () => {
    expect(given({ nextPort: 20417 }, 2)).toEqual([
      { http: 20417, admin: 20418 },
      { http: 20419, admin: 20420 },
    ]);
  });

  it("go round at the end of the range", () => {
    expect(given({ nextPort: 31999 })).toEqual([{ http: 31999, admin: 20000 }]);
  });

  it("leave out what others hold and what was freed a moment ago", () => {
    const options = { takenPorts: new Map([[20000, "x"]]), quarantinedPorts: new Set([20001, 20003]) };
    expect(given(options)).toEqual([{ http: 20002, admin: 20004 }]);
  });

  it("leave out what the group itself holds on that host", () => {
    const group = aGroup({ instances: 2, ports: [HTTP] });
    const held = assigned(group, 1, { hostPorts: { http: 20000 } });
    const { intents } = only(plan(situation(group, [held])), "assign");
    expect(intents[0]?.hostPorts).toEqual({ http: 20001 });
  });

  it("are as fixed where they must be, for one container a host", () => {
    const group = aGroup({ instances: 2, ports: [HTTP, { ...ADMIN, host: 9443 }] });
    const next = plan(situation(group, []));
    expect(only(next, "assign").intents.map(({ hostPorts }) => hostPorts)).toEqual([{ http: 20000, admin: 9443 }]);
    expect(next.refusals[0]?.hosts).toEqual([
      { host: "local", reason: "PORT_TAKEN", text: "port 9443 is taken by slot 1 of this group" },
    ]);
  });

  it("may be fixed to one number for tcp and udp", () => {
    const dns = [
      { name: "dns", container: 53, host: 53, protocol: "udp" as const },
      { name: "dns-tcp", container: 53, host: 53 },
    ];
    expect(given({}, 1, dns)).toEqual([{ dns: 53, "dns-tcp": 53 }]);
  });

  it("are the container's own on the host's network", () => {
    const group = aGroup({ ports: [HTTP], networks: ["host"] });
    expect(only(plan(situation(group, [])), "assign").intents[0]?.hostPorts).toEqual({ http: 8080 });
  });

  it("are refused in words when the range is full", () => {
    const all = new Map(Array.from({ length: 12_000 }, (_, i) => [20000 + i, "x"] as const));
    const next = plan(situation(aGroup({ ports: [HTTP] }), [], { hosts: [aHost({ takenPorts: all })] }));
    expect(next.refusals[0]?.hosts[0]?.text).toBe("no port of 20000-31999 is free");
  });
});

// Host ports: whatever is taken, fixed or resting, none is given twice.

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { HOST_PORT_FIRST, HOST_PORT_LAST } from "../../src/model/host.js";
import { plan } from "../../src/planner/plan.js";
import { aGroup, aHost, situation } from "../support/builders.js";

const near = fc.integer({ min: HOST_PORT_LAST - 5, max: HOST_PORT_LAST });
const anywhere = fc.oneof(near, fc.integer({ min: HOST_PORT_FIRST, max: HOST_PORT_FIRST + 30 }));

describe("host ports", () => {
  it("are never given twice on a host, taken by others, resting, or out of range", () => {
    fc.assert(
      fc.property(
        fc.record({
          instances: fc.integer({ min: 1, max: 20 }),
          ports: fc.integer({ min: 1, max: 3 }),
          hosts: fc.integer({ min: 1, max: 3 }),
          nextPort: fc.oneof(anywhere, fc.integer()),
          taken: fc.array(anywhere),
          resting: fc.array(anywhere),
        }),
        ({ instances, ports, hosts, nextPort, taken, resting }) => {
          const names = ["http", "admin", "more"].slice(0, ports);
          const group = aGroup({ instances, ports: names.map((name, i) => ({ name, container: 80 + i })) });
          const views = Array.from({ length: hosts }, (_, i) =>
            aHost({
              name: `h${i}`,
              nextPort,
              takenPorts: new Map(taken.map((port) => [port, "somebody"])),
              quarantinedPorts: new Set(resting),
            }),
          );
          const { actions } = plan(situation(group, [], { hosts: views }));
          const given = actions
            .flatMap((action) => (action.kind === "assign" ? action.intents : []))
            .flatMap(({ host, hostPorts }) => Object.values(hostPorts).map((port) => ({ host, port })));
          expect(given).toHaveLength(instances * ports);
          expect(new Set(given.map(({ host, port }) => `${host}:${port}`)).size).toBe(given.length);
          for (const { port } of given) {
            expect([...taken, ...resting]).not.toContain(port);
            expect(port >= HOST_PORT_FIRST && port <= HOST_PORT_LAST).toBe(true);
          }
        },
      ),
    );
  });
});

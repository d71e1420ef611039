// The part of a leader that looks after registrations, in this process: elected over a real etcd, without an engine.

import { createStore } from "../../src/etcd/driver.js";
import { createElection } from "../../src/etcd/election.js";
import { createEtcdWire } from "../../src/etcd/wire.js";
import { Office } from "../../src/scheduler/office.js";
import { Registrar } from "../../src/scheduler/registrar.js";
import { systemClock as clock } from "../../src/system.js";
import { testParts } from "./parts.js";

export type Leading = { stop(): Promise<void> };

/** Campaigns until it is stopped; each term begins anew, as in a server. */
export async function leadRegistrations(etcd: string, serverId: string): Promise<Leading> {
  const wire = await createEtcdWire({ endpoints: [etcd], clock });
  const parts = testParts(serverId);
  const store = createStore(wire, parts);
  const election = createElection(wire, parts, { ttlSeconds: 2 });
  const stop = new AbortController();
  const campaign = election.campaign(async (term) => {
    const office = new Office(term, { store, clusterId: "c0ffee", ...parts });
    await new Registrar(office, store).run();
    await office.writesDone();
  }, stop.signal);
  return {
    stop: async () => {
      stop.abort();
      await campaign;
      wire.close();
    },
  };
}

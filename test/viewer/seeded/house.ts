// A store that is filled with the fleet, and a server and a viewer on it. The leader is elsewhere, so nobody acts.

import type { EtcdWire, Op } from "../../../src/model/ports.js";
import { onEtcd } from "../../bench/raw-etcd.js";
import { type RunningServer, startServer } from "../../support/theseus.js";
import { untilKnown } from "../support/known.js";
import { type RunningViewer, startViewer } from "../support/viewer.js";
import { aroundOps, leadElsewhere } from "./around.js";
import { fleet, type SeededGroup } from "./fleet.js";
import { groupOps } from "./group-records.js";

/** As many writes as etcd takes in one change are 128. */
const AT_ONCE = 120;
const NOBODY = "tcp://127.0.0.1:1";

export type SeededHouse = {
  readonly wire: EtcdWire;
  readonly groups: readonly SeededGroup[];
  readonly server: RunningServer;
  readonly viewer: RunningViewer;
  /** Where the page is, "http://127.0.0.1:7701/". */
  readonly url: string;
};

/** Writes all of it, in as few changes as it fits in. */
export async function writeAll(wire: EtcdWire, ops: readonly Op[]): Promise<void> {
  for (let at = 0; at < ops.length; at += AT_ONCE) await wire.txn([], ops.slice(at, at + AT_ONCE));
}

/** @param more records besides. */
export async function fill(wire: EtcdWire, containers: number, more: readonly Op[] = []): Promise<SeededGroup[]> {
  const now = Date.now();
  const groups = [...fleet(containers, now)];
  await leadElsewhere(wire);
  const ops = [...groups.flatMap((group) => groupOps(group, now)), ...aroundOps(groups, now), ...more];
  // One of a service's groups after another writes the same record of the service.
  const last = new Map(ops.map((op) => [op.key, op]));
  await writeAll(wire, [...last.values()]);
  return groups;
}

/** @param more records besides. */
export function onSeededHouse<T>(
  containers: number,
  work: (house: SeededHouse) => Promise<T>,
  more: readonly Op[] = [],
): Promise<T> {
  return onEtcd(async ({ wire, endpoint }) => {
    const groups = await fill(wire, containers, more);
    const server = await startServer({ etcd: endpoint, flags: ["--docker", NOBODY, "--listen-http", "off"] });
    let viewer: RunningViewer | undefined;
    try {
      viewer = await startViewer(server.listeners.grpc);
      await untilKnown(viewer.url, containers);
      return await work({ wire, groups, server, viewer, url: viewer.url });
    } finally {
      await viewer?.child.stop();
      await server.child.stop();
    }
  });
}

// kill -9 at the k-th transaction or call that changes something on the engine, on real parts; every k is the proof's work.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { connect } from "../../clients/connect.js";
import { removeContainers } from "../support/engine-api.js";
import { importBusyboxImage, removeImage } from "../support/images.js";
import { ObservedEngine } from "../support/observed-engine.js";
import { MACHINE_SOCKET } from "../support/start-docker.js";
import { startEtcd, type TestEtcd } from "../support/start-etcd.js";
import { type RunningServer, startServer } from "../support/theseus.js";
import { until } from "../support/until.js";

const IMAGE = `theseus-crash-test:${process.pid}`;
const WANTED = 3;
/** The next leader need not wait long for the dead one's lease. */
const SHORT_TERMS = ["--leader-ttl", "2"];
const engine = new ObservedEngine();
const clusters: string[] = [];
let etcd: TestEtcd;
let server: RunningServer | undefined;

beforeAll(async () => {
  etcd = await startEtcd();
  await importBusyboxImage(MACHINE_SOCKET, IMAGE);
}, 60_000);

afterAll(async () => {
  await server?.child.stop();
  for (const cluster of clusters) await removeContainers(MACHINE_SOCKET, `theseus.cluster=${cluster}`);
  await removeImage(MACHINE_SOCKET, IMAGE);
  await etcd?.stop();
}, 60_000);

/** Runs one server and asks it something; the client is closed afterwards. */
async function asking<T>(ask: (client: ReturnType<typeof connect>) => Promise<T>): Promise<T> {
  const client = connect(server?.listeners.grpc ?? "");
  try {
    return await ask(client);
  } finally {
    client.close();
  }
}

describe("a server that is killed at its k-th change of the store or the engine", () => {
  it.each(["9", "14:before", "18:after"])(
    "is followed by one that finishes the work without a double or a stray (k = %s)",
    async (k) => {
      const group = { service: `crash${k.replace(":", "-")}`, labels: [] };
      const request = { group, config: { image: IMAGE, instances: WANTED }, requestId: `crash-${k}` };
      server = await startServer({ etcd: etcd.endpoint, flags: SHORT_TERMS, env: { THESEUS_CRASHPOINT: k } });
      await asking(({ theseus }) =>
        until("the group to be taken", () =>
          theseus.createGroup(request).catch(() => (server?.child.hasEnded ? true : undefined)),
        ),
      );
      expect(await server.child.ended).toBeNull();
      server = await startServer({ etcd: etcd.endpoint, flags: SHORT_TERMS });
      const clusterId = await asking(async ({ discovery, theseus }) => {
        // The same request: it may not have been heard.
        await until("the group to be taken", () => theseus.createGroup(request).catch(() => undefined));
        await until("all ready", async () => {
          const { endpoints } = await discovery
            .lookup({ target: { $case: "group", value: group } })
            .catch(() => ({ endpoints: [] }));
          return endpoints.length === WANTED ? true : undefined;
        });
        return (await theseus.getServerStatus({})).clusterId;
      });
      if (!clusters.includes(clusterId)) clusters.push(clusterId);
      const found = await engine.containers(["theseus.cluster", clusterId], ["theseus.service", group.service]);
      expect(found.map(({ labels }) => labels["theseus.slot"]).sort()).toEqual(["1", "2", "3"]);
      expect(found.map(({ state }) => state)).toEqual(["running", "running", "running"]);
      await server.child.stop();
    },
    90_000,
  );
});

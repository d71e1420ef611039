// The only server goes, politely or not, at rest or in the middle of something: the next one goes on where things stood.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Connection, connect } from "../../clients/connect.js";
import { Stage } from "../proof/stage.js";
import { EngineProxy } from "../support/engine-proxy.js";
import { generationOf, ObservedGroup, slotOf } from "../support/observed-group.js";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";

/** Ends only by SIGKILL, so that a stop takes its whole grace. */
const STUBBORN = ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"];

let stage: Stage;
let proxy: EngineProxy;
let events: Awaited<ReturnType<Stage["engine"]["follow"]>>;
let server: RunningServer;
let client: Connection;
let web: ObservedGroup;

beforeAll(async () => {
  stage = await Stage.setUp();
  proxy = await EngineProxy.start();
  events = await stage.engine.follow();
  await start();
  web = await create("web/rest", 2);
  await web.stable();
}, 60_000);

afterAll(async () => {
  client?.close();
  events?.close();
  await stage?.strike();
  await proxy?.close();
}, 60_000);

async function start(): Promise<void> {
  client?.close();
  server = await stage.startServer({ dockerSocket: proxy.socket });
  client = connect(server.listeners.grpc);
  await until("it to lead", async () => {
    const { leaderId, serverId } = await client.theseus.getServerStatus({});
    return leaderId === serverId;
  });
}

/** A group of web servers that are stable half a second after they are ready, once all of them are ready. */
async function create(reference: string, instances: number, more: object = {}): Promise<ObservedGroup> {
  const group = new ObservedGroup(stage, reference);
  const update = { minHealthyTime: { seconds: 0n, nanos: 500_000_000 } };
  // Servers that were killed by other tests would be waited for.
  const stop = { ackDeadline: { seconds: 0n, nanos: 500_000_000 } };
  const config = { image: stage.image, instances, ports: [{ name: "http", container: 8080 }], update, stop, ...more };
  await client.theseus.createGroup({ group: group.ref, config });
  await group.ready(instances);
  return group;
}

/** The server is killed when its k-th changing call from now on has been done and before it hears of it. */
async function killAtCall(k: number, work: () => Promise<unknown>): Promise<void> {
  proxy.reset();
  const held = proxy.holdAt(k, "unanswered");
  await work();
  await held;
  await server.child.kill9();
  proxy.reset();
  await start();
}

/** Every key under /services/web with its value and revision, and every container with its start. */
async function facts(): Promise<unknown> {
  const started = (await web.inspected()).map(({ Id, State }) => [Id, State.Status, State.StartedAt]);
  const { kvs } = JSON.parse(await stage.etcd.ctl("get", "--prefix", "/services/web", "-w", "json")) as {
    kvs: { key: string; value: string; mod_revision: number }[];
  };
  return [started, kvs.map(({ key, value, mod_revision }) => [key, value, mod_revision])];
}

describe("the next server", () => {
  it.each(["SIGTERM", "SIGKILL"] as const)(
    "finds all as it was after %s at rest, and changes nothing",
    async (signal) => {
      const before = await facts();
      if (signal === "SIGTERM") {
        await server.child.stop();
        expect(await server.child.ended).toBe(0);
        const leased = [await stage.store.under("/theseus/leader"), await stage.store.under("/theseus/servers/")];
        expect(leased.map(({ size }) => size)).toEqual([0, 0]);
      } else {
        await server.child.kill9();
      }
      expect(await facts()).toEqual(before);
      await start();
      // A group of its own shows that it is in office and at work.
      await create(`probe/${signal.toLowerCase()}`, 1);
      expect(await facts()).toEqual(before);
    },
    60_000,
  );

  // Four times: no more restarts by the engine, the signal, the removal.
  it.each([6, 11])(
    "ends a removal that kill -9 cut short at its %d. call",
    async (k) => {
      const group = await create(`going/k${k}`, 4);
      await until("all to be stable", async () => {
        const found = await group.inspected();
        return found.every(({ HostConfig }) => HostConfig.RestartPolicy.Name === "always");
      });
      await killAtCall(k, () => client.theseus.removeGroup({ group: group.ref }));
      await group.gone();
      await web.ready(2);
    },
    60_000,
  );

  it("ends a removal that SIGTERM cut short while containers were being stopped", async () => {
    const stop = { grace: { seconds: 3n, nanos: 0 }, ackDeadline: { seconds: 0n, nanos: 500_000_000 } };
    const group = await create("going/slow", 2, { command: STUBBORN, ports: [], stop });
    proxy.reset();
    await client.theseus.removeGroup({ group: group.ref });
    await until("a stop", () => proxy.changes.some((call) => call.endsWith("/kill")));
    await server.child.stop();
    expect(await server.child.ended).toBe(0);
    expect((await group.containers()).length).toBeGreaterThan(0);
    await start();
    await group.gone();
    await web.ready(2);
  }, 60_000);

  it("never gives a slot a generation that it has had, whatever was lost", async () => {
    const group = await create("gen/a", 2);
    const slotOne = async () => (await group.containers()).find((one) => slotOf(one) === 1)?.id ?? "";
    await server.child.kill9();
    await stage.engine.remove(await slotOne());
    await start();
    await group.ready(2);
    // Right after a container was created and nobody was told of it.
    await killAtCall(1, async () => stage.engine.remove(await slotOne()));
    await group.ready(2);
    const { image } = stage;
    for (const instances of [0, 2]) {
      await client.theseus.updateGroup({ group: group.ref, config: { image, instances }, updateMask: ["instances"] });
      await group.ready(instances);
    }
    const made = generationsMade("gen", "a");
    for (const generations of made.values()) expect(generations).toEqual(rising(generations));
    expect(made.get(1)?.length).toBeGreaterThanOrEqual(4);
    const stored = Object.entries(await group.slots()).map(([slot, { generation }]) => [Number(slot), generation]);
    expect(stored).toEqual([...made].map(([slot, generations]) => [slot, generations.at(-1)]));
  }, 90_000);
});

/** Slot -> the generations of its containers in the order in which the engine created them. */
function generationsMade(service: string, labels: string): Map<number, number[]> {
  const made = new Map<number, number[]>();
  for (const { action, attributes } of events.seen) {
    const isOurs = attributes["theseus.service"] === service && attributes["theseus.labels"] === labels;
    if (action !== "create" || !isOurs) continue;
    const slot = slotOf({ labels: attributes });
    made.set(slot, [...(made.get(slot) ?? []), generationOf({ labels: attributes })]);
  }
  return new Map([...made].sort(([a], [b]) => a - b));
}

const rising = (numbers: readonly number[]): number[] => [...new Set(numbers)].sort((a, b) => a - b);

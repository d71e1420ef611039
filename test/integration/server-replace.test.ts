// Containers that have to be made anew: because the image changes, or because they crash. What happened in between is
// read from the whole history of the store and from every event of the engine, so nothing falls between two looks.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Connection, connect } from "../../clients/connect.js";
import { type GroupConfig, UpdateOrder } from "../../clients/gen/theseus/v1/group.js";
import type { Fields } from "../../clients/partial.js";
import { badAnswers } from "../proof/observed-store.js";
import { Stage } from "../proof/stage.js";
import { importBusyboxImage } from "../support/images.js";
import { generationOf, ObservedGroup, slotOf } from "../support/observed-group.js";
import { newestRevision, type SeenWrite, writesAfter } from "../support/store-history.js";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";

const HTTP = [{ name: "http", container: 8080 }];
const HALF_A_SECOND = { minHealthyTime: { seconds: 0n, nanos: 500_000_000 } };
const INSTANCES = 3;

let stage: Stage;
let newImage: string;
let events: Awaited<ReturnType<Stage["engine"]["follow"]>>;
let server: RunningServer;
let client: Connection;

beforeAll(async () => {
  stage = await Stage.setUp();
  newImage = stage.image.replace(/:1$/, ":2");
  stage.keepImage(newImage);
  await importBusyboxImage(stage.engine.socket, newImage, { version: "2" });
  events = await stage.engine.follow();
  server = await stage.startServer();
  client = connect(server.listeners.grpc);
  await until("a leader", async () => (await client.theseus.getServerStatus({})).leaderId !== "");
}, 60_000);

afterAll(async () => {
  client?.close();
  events?.close();
  await stage?.strike();
}, 60_000);

async function create(reference: string, config: Fields<GroupConfig>): Promise<ObservedGroup> {
  const group = new ObservedGroup(stage, reference);
  await client.theseus.createGroup({ group: group.ref, config: { image: stage.image, ports: HTTP, ...config } });
  return group;
}

/** What the engine said of the group's containers, in order. */
function seen(group: ObservedGroup): readonly { id: string; action: string; slot: number; generation: number }[] {
  const labels = group.ref.labels.join(",");
  return events.seen
    .filter(({ attributes }) => attributes["theseus.service"] === group.ref.service)
    .filter(({ attributes }) => attributes["theseus.labels"] === labels)
    .map(({ id, action, attributes: labels }) => ({
      ...{ id, action },
      ...{ slot: slotOf({ labels }), generation: generationOf({ labels }) },
    }));
}

/** After each of these writes: how many containers the store tells as ready. */
function readyAfterEach(group: ObservedGroup, writes: readonly SeenWrite[], before: readonly string[]): number[] {
  const ready = new Set(before.map((name) => `${group.key}/containers/${name}/info`));
  const counts = new Map<number, number>();
  for (const { revision, key, value } of writes) {
    if (!key.startsWith(`${group.key}/containers/`) || !key.endsWith("/info")) continue;
    const isReady = value !== undefined && (JSON.parse(value) as { state?: string }).state === "ready";
    if (isReady) ready.add(key);
    else ready.delete(key);
    counts.set(revision, ready.size);
  }
  return [...counts.values()];
}

const NO_TIME = { seconds: 0n, nanos: 0 };
const DIE_FIRST = [1, 2, 3].flatMap((slot) => [`die ${slot}`, `start ${slot}`]);
const START_FIRST = [1, 2, 3].flatMap((slot) => [`start ${slot}`, `die ${slot}`]);
const ORDERS = [
  { name: "stop-first", order: UpdateOrder.STOP_FIRST, least: INSTANCES - 1, steps: DIE_FIRST },
  { name: "start-first", order: UpdateOrder.START_FIRST, least: INSTANCES, steps: START_FIRST },
];

describe("a change of the image", () => {
  it.each(ORDERS)(
    "$name replaces slot by slot, and no moment has fewer than $least ready",
    async (row) => {
      const update = { order: row.order, minHealthyTime: NO_TIME };
      const group = await create(`web/image,${row.name}`, { instances: INSTANCES, update });
      const before = await group.ready(INSTANCES);
      const names = before.map(({ name }) => name);
      const from = await newestRevision(stage.etcd);
      const eventsBefore = seen(group).length;
      await client.theseus.updateGroup({ group: group.ref, config: { image: newImage }, updateMask: ["image"] });
      const isNew = async () => {
        const now = await group.ready(INSTANCES);
        return now.every(({ labels }) => labels["theseus.config-revision"] === "2") && now;
      };
      const after = await until("all to be of the new image", isNew);
      expect(after.map(slotOf)).toEqual([1, 2, 3]);
      expect(after.every((one) => generationOf(one) > 1)).toBe(true);
      const ready = readyAfterEach(group, await writesAfter(stage.etcd, from), names);
      expect([Math.min(...ready), ready.at(-1)]).toEqual([row.least, INSTANCES]);
      const ends = seen(group)
        .slice(eventsBefore)
        .filter(({ action }) => action === "start" || action === "die");
      expect(ends.map(({ action, slot }) => `${action} ${slot}`)).toEqual(row.steps);
      expect(await group.rollouts()).toMatchObject([
        { to: 2, from: 1, state: "done" },
        { to: 1, state: "done" },
      ]);
      const infos = await group.infos();
      expect((await Promise.all(infos.map(badAnswers))).flat()).toEqual([]);
      const bodies = infos.map(async ({ instance_host, port_mappings }) => {
        const answer = await fetch(`http://${instance_host}:${port_mappings?.["http"]?.external}/`);
        return ((await answer.json()) as { version: string }).version;
      });
      expect(await Promise.all(bodies)).toEqual(["2", "2", "2"]);
    },
    60_000,
  );
});

describe("a container that crashes", () => {
  it("once it was stable is run again by the engine: the same container, ready again", async () => {
    const group = await create("web/stable", { update: HALF_A_SECOND });
    const [one] = await group.ready(1);
    const [before] = await group.stable();
    const from = await newestRevision(stage.etcd);
    const made = seen(group).filter(({ action }) => action === "create").length;
    await stage.engine.exec(one?.id ?? "", ["sh", "-c", "kill -9 $(pidof httpd)"]);
    const after = await until("the engine to have run it again", async () => {
      const [now] = await group.inspected();
      return now !== undefined && now.RestartCount === 1 && now.State.Status === "running" && now;
    });
    expect(after.Id).toBe(before?.Id);
    const told = await until("it to be ready again", async () => {
      const writes = await writesAfter(stage.etcd, from);
      const counts = readyAfterEach(group, writes, [one?.name ?? ""]);
      return counts.length > 1 && counts.at(-1) === 1 && counts;
    });
    expect(Math.min(...told)).toBe(0);
    await group.ready(1);
    expect((await group.infos()).map(({ name }) => name)).toEqual([one?.name]);
    expect(seen(group).filter(({ action }) => action === "create")).toHaveLength(made);
  }, 60_000);

  it("over and over comes back later each time, always as another generation, and describe says with which code it ended", async () => {
    const from = await newestRevision(stage.etcd);
    const group = await create("web/loop", { command: ["sh", "-c", "exit 7"], ports: [] });
    await until("the third failure", async () => ((await group.slots())["1"]?.failures ?? 0) >= 3);
    const described = await stage.theseus(server, "describe", "web/loop");
    expect(described).toMatch(/exit code 7.*\[CONTAINER_EXITED\]/);
    const records = (await writesAfter(stage.etcd, from)).filter(({ key }) => key.startsWith("/theseus/slots/"));
    const uid = await group.uid();
    const pauses = records.filter(({ key }) => key.endsWith(uid)).flatMap(({ value }) => pauseOf(value));
    expect([...new Map(pauses)].slice(0, 3)).toEqual([
      [1, 1000],
      [2, 2000],
      [3, 4000],
    ]);
    const generations = seen(group)
      .filter(({ action }) => action === "create")
      .map(({ generation }) => generation);
    expect(generations.slice(0, 3)).toEqual([1, 2, 3]);
    await stage.theseus(server, "remove", "web/loop", "--yes");
    await group.gone();
  }, 60_000);
});

/** Failures so far, and how long the slot rests after them, in milliseconds. */
function pauseOf(record: string | undefined): [number, number][] {
  type Slot = { failures: number; attention?: { since: string; retry_at?: string } };
  const slot = (JSON.parse(record ?? '{"slots":{}}') as { slots: Record<string, Slot> }).slots["1"];
  if (slot?.attention?.retry_at === undefined) return [];
  return [[slot.failures, Date.parse(slot.attention.retry_at) - Date.parse(slot.attention.since)]];
}

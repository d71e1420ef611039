// When a container may be stopped, as Docker's events show it: once those who were sent it have acknowledged that it
// left, or when the deadline of its group has passed; and what `describe` says meanwhile.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Connection, connect } from "../../clients/connect.js";
import { type ServiceWatch, watchService } from "../../clients/watch-service.js";
import { Stage } from "../proof/stage.js";
import type { SeenContainer } from "../support/observed-engine.js";
import { ObservedGroup } from "../support/observed-group.js";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";

const LONGER_THAN_ANY_TEST = { seconds: 600n };
const SHORT = 3000;

let stage: Stage;
let server: RunningServer;
let client: Connection;
/** Of all tests: what a failed one leaves open is closed all the same. */
const watches: ServiceWatch[] = [];
let events: Awaited<ReturnType<Stage["engine"]["follow"]>>;

beforeAll(async () => {
  stage = await Stage.setUp(undefined, "embedded");
  server = await stage.startServer();
  client = connect(server.listeners.grpc);
  await until("a leader", async () => (await client.theseus.getServerStatus({})).leaderId !== "");
  events = await stage.engine.follow();
}, 60_000);

afterAll(async () => {
  await Promise.all(watches.map((watch) => watch.return()));
  events?.close();
  client?.close();
  await stage?.strike();
}, 60_000);

type Followed = {
  readonly group: ObservedGroup;
  readonly containers: readonly SeenContainer[];
  readonly watch: ServiceWatch;
};

/** A group with a watcher that has taken all of it, and acknowledges only what it takes. */
async function followed(reference: string, instances: number, ackDeadline: { seconds: bigint }): Promise<Followed> {
  const group = new ObservedGroup(stage, reference);
  const config = { image: stage.image, instances, ports: [{ name: "http", container: 8080 }] };
  await client.theseus.createGroup({ group: group.ref, config: { ...config, stop: { ackDeadline } } });
  const containers = await group.ready(instances);
  const target = { service: group.ref.service, labels: group.ref.labels.join(",") };
  const watch = watchService(server.listeners.grpc, target, { acknowledge: true, watcherId: `for-${reference}` });
  watches.push(watch);
  for (;;) {
    const { value } = await watch.next();
    if (value?.endpoints.length === instances) return { group, containers, watch };
  }
}

async function scale({ group }: Followed, instances: number): Promise<void> {
  await client.theseus.updateGroup({ group: group.ref, config: { instances }, updateMask: ["instances"] });
}

/** When Theseus asked the engine to end one of these, by the engine's clock. */
function killed(containers: readonly SeenContainer[]): readonly number[] {
  const ids = new Set(containers.map(({ id }) => id));
  return events.seen.filter(({ id, action }) => action === "kill" && ids.has(id)).map(({ at }) => at);
}

async function describeText({ group }: Followed): Promise<string> {
  return await stage.theseus(server, "describe", `${group.ref.service}/${group.ref.labels.join(",")}`);
}

describe("a container that leaves while somebody follows it", () => {
  it("is stopped once its watcher has acknowledged, and not before; describe says who is waited for", async () => {
    const web = await followed("acked/dev", 3, LONGER_THAN_ANY_TEST);
    await scale(web, 1);
    const text = await until("describe to name the watcher", async () => {
      const said = await describeText(web);
      return said.includes("watcher for-acked/dev on 127.0.0.1:") && said;
    });
    expect(text).toMatch(/why +:2 leaves, and waits until \d\d:\d\d:\d\dZ to be acknowledged by watcher for-acked/);
    expect(text).toMatch(/:3 leaves, and waits/);
    const detail = JSON.parse(await stage.theseus(server, "describe", "acked/dev", "-o", "json"));
    const waiting = detail.containers.filter((one: { state: string }) => one.state === "draining");
    expect(waiting).toHaveLength(2);
    expect(waiting[0].drain.awaits[0].watchers).toMatchObject([{ watcherId: "for-acked/dev", connected: true }]);
    expect(killed(web.containers)).toEqual([]);
    const before = Date.now();
    const { value } = await web.watch.next();
    expect(value?.endpoints).toHaveLength(1);
    // The state counts as taken when the next one is asked for.
    const next = web.watch.next();
    await web.group.ready(1);
    expect(killed(web.containers).every((at) => at >= before)).toBe(true);
    expect(killed(web.containers).length).toBeGreaterThanOrEqual(2);
    await web.watch.return();
    await next;
  }, 60_000);

  it("is stopped when the deadline passes that its group sets, where the watcher does not acknowledge", async () => {
    const web = await followed("deaf/dev", 1, { seconds: BigInt(SHORT / 1000) });
    await scale(web, 0);
    const asked = await until("the drain's record", async () => {
      const [record] = (await stage.store.under("/theseus/drains/")).values();
      return record !== undefined && Date.parse((JSON.parse(record) as { asked: string }).asked);
    });
    await web.group.ready(0);
    const [first = 0] = killed(web.containers);
    expect(first).toBeGreaterThanOrEqual(asked + SHORT);
    expect(server.child.stderr).toContain("although not everybody has acknowledged");
    expect(server.child.stderr).toContain("watcher for-deaf/dev");
  }, 60_000);

  it("is waited for by a command that removes its group, which says whom it waits for", async () => {
    const web = await followed("removed/dev", 2, { seconds: BigInt(SHORT / 1000) });
    const { code, stderr } = await server.theseus(["remove", "removed/dev", "--yes"]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/:1, :2 wait until .* to be acknowledged as leaving by watcher for-removed\/dev/);
    await web.group.gone();
  }, 60_000);

  it("is stopped without a delay where its watcher has gone as it should", async () => {
    const web = await followed("quit/dev", 1, LONGER_THAN_ANY_TEST);
    await web.watch.return();
    await scale(web, 0);
    await web.group.ready(0);
    expect(await stage.store.under("/theseus/drains/")).toEqual(new Map());
  }, 60_000);
});

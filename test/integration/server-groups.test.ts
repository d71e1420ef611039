// What a person can ask of a group, and what Docker and the store, here the embedded one, have of it: number, files,
// environment, volumes, network, checks, images, and that nothing is left when it goes.

import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Connection, connect } from "../../clients/connect.js";
import { ErrorReason } from "../../clients/gen/theseus/v1/error_reason.js";
import { type GroupConfig, PullPolicy, RestartPolicy, VolumeScope } from "../../clients/gen/theseus/v1/group.js";
import type { Fields } from "../../clients/partial.js";
import { Stage } from "../proof/stage.js";
import { generationOf, ObservedGroup, slotOf } from "../support/observed-group.js";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";

const HTTP = [{ name: "http", container: 8080 }];
const MISSING_NETWORK = `theseus-test-${randomBytes(4).toString("hex")}`;

let stage: Stage;
let server: RunningServer;
let client: Connection;

beforeAll(async () => {
  stage = await Stage.setUp(undefined, "embedded");
  server = await stage.startServer();
  client = connect(server.listeners.grpc);
  await until("a leader", async () => (await client.theseus.getServerStatus({})).leaderId !== "");
}, 60_000);

afterAll(async () => {
  client?.close();
  if (stage === undefined) return;
  const volumes = await ourVolumes();
  await stage.strike();
  for (const name of volumes) await stage.engine.json("DELETE", `/volumes/${name}`);
  const left = await stage.engine.json<{ Id: string; Name: string }[]>("GET", "/networks");
  for (const { Id, Name } of left) if (Name === MISSING_NETWORK) await stage.engine.json("DELETE", `/networks/${Id}`);
}, 60_000);

async function create(reference: string, config: Fields<GroupConfig>): Promise<ObservedGroup> {
  const group = new ObservedGroup(stage, reference);
  await client.theseus.createGroup({ group: group.ref, config: { image: stage.image, ...config } });
  return group;
}

async function update(group: ObservedGroup, config: Fields<GroupConfig>): Promise<void> {
  await client.theseus.updateGroup({ group: group.ref, config, updateMask: Object.keys(config) });
}

/** Why the group is not as asked, as reason and text, as soon as there is anything. */
async function trouble(group: ObservedGroup): Promise<string> {
  return await until("something to be wrong", async () => {
    const { group: found } = await client.discovery.getGroup({ group: group.ref });
    return found?.status?.attention.map(({ reason, text }) => `${ErrorReason[reason]} ${text}`).join("\n") || undefined;
  });
}

async function ourVolumes(group?: string): Promise<string[]> {
  const cluster = (await stage.store.clusterId()) ?? "";
  const label = [`theseus.cluster=${cluster}`, ...(group === undefined ? [] : [`theseus.group-uid=${group}`])];
  const path = `/volumes?filters=${encodeURIComponent(JSON.stringify({ label }))}`;
  const { Volumes } = await stage.engine.json<{ Volumes: { Name: string }[] | null }>("GET", path);
  return (Volumes ?? []).map(({ Name }) => Name);
}

describe("a group's number", () => {
  it("goes up, down from the highest slot, to 0 and back, and the containers that may stay are left alone", async () => {
    const group = await create("shop/number", { instances: 2, ports: HTTP });
    const two = await group.ready(2);
    await update(group, { instances: 5 });
    const five = await group.ready(5);
    expect(five.slice(0, 2)).toEqual(two);
    expect(five.map(slotOf)).toEqual([1, 2, 3, 4, 5]);
    await update(group, { instances: 3 });
    expect(await group.ready(3)).toEqual(five.slice(0, 3));
    await update(group, { instances: 0 });
    await group.ready(0);
    expect([...(await stage.store.under(group.key)).keys()]).toEqual([group.key, `${group.key}/config`]);
    await update(group, { instances: 2 });
    const again = await group.ready(2);
    // Another one is chosen, too, when somebody else has just taken the port, so the number is not known exactly.
    expect(again.every((one) => generationOf(one) > 1)).toBe(true);
  }, 60_000);
});

describe("a container", () => {
  it("has its files, and an environment that says who and where it is", async () => {
    const files = [{ at: "/etc/kit/kit.conf", content: Buffer.from("colour = blue\n"), mode: "0440" }];
    const group = await create("kit/env,test", { ports: HTTP, files, env: { COLOUR: "blue" } });
    const [container] = await group.ready(1);
    const [info] = await group.infos();
    const { id = "", name = "" } = container ?? {};
    const shown = await stage.engine.exec(id, ["sh", "-c", "cat /etc/kit/kit.conf; stat -c %a /etc/kit/kit.conf; env"]);
    expect(shown).toMatch(/^colour = blue\n440\n/);
    const env = Object.fromEntries(shown.split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2)));
    expect(env).toMatchObject({
      COLOUR: "blue",
      SERVICE_NAME: "kit",
      GROUP_LABELS: "env,test",
      CONTAINER_NAME: name,
      HOSTNAME: name,
      NAMESPACE: "default",
      CONTAINER_HOST_ADDRESS: info?.instance_host,
      PORT_HTTP: String(info?.port_mappings?.["http"]?.external),
      EXPOSED_PORT_HTTP: "8080",
      THESEUS_SERVER: server.listeners.discovery,
    });
  }, 60_000);

  it("keeps what it wrote to its volumes when it is replaced and scaled away, and its group's removal keeps them too", async () => {
    const volumes = [
      { source: { $case: "name" as const, value: "data" }, at: "/data" },
      { source: { $case: "name" as const, value: "common" }, at: "/common", per: VolumeScope.GROUP },
    ];
    const group = await create("kit/volumes", { instances: 2, ports: HTTP, volumes });
    const uid = await group.uid();
    for (const { id, labels } of await group.ready(2)) {
      const slot = labels["theseus.slot"];
      await stage.engine.exec(id, ["sh", "-c", `echo ${slot} > /data/slot; echo ${slot} >> /common/slots`]);
    }
    await update(group, { instances: 0 });
    await group.ready(0);
    await update(group, { instances: 2 });
    for (const { id, labels } of await group.ready(2)) {
      const kept = await stage.engine.exec(id, ["sh", "-c", "cat /data/slot; sort /common/slots"]);
      expect(kept).toBe(`${labels["theseus.slot"]}\n1\n2\n`);
    }
    await stage.theseus(server, "remove", "kit/volumes", "--yes");
    await group.gone();
    expect(await ourVolumes(uid)).toHaveLength(3);
    const successor = await create("kit/volumes", { ports: HTTP, volumes });
    await successor.ready(1);
    const its = await successor.uid();
    expect(await ourVolumes(its)).toHaveLength(2);
    await stage.theseus(server, "remove", "kit/volumes", "--volumes", "--yes");
    await successor.gone();
    expect([await ourVolumes(its), (await ourVolumes(uid)).length]).toEqual([[], 3]);
  }, 90_000);

  it("is ready when its own check inside says so, not before", async () => {
    const check = { $case: "exec" as const, value: { command: ["test", "-e", "/tmp/go"] } };
    const group = await create("kit/exec", { health: { check, interval: { seconds: 1n, nanos: 0 } } });
    const { Id } = await until("the first check to have failed", async () => {
      const [one] = await group.inspected();
      return one !== undefined && (one.State.Health?.Log?.length ?? 0) > 0 && one;
    });
    expect((await group.infos()).map(({ state }) => state)).toEqual(["starting"]);
    await stage.engine.exec(Id, ["touch", "/tmp/go"]);
    expect((await group.ready(1)).map(({ id }) => id)).toEqual([Id]);
  }, 60_000);

  it("waits for a network that is not there, says so, and joins it once it is", async () => {
    const group = await create("kit/network", { ports: HTTP, networks: [MISSING_NETWORK] });
    expect(await trouble(group)).toMatch(new RegExp(`^NETWORK_NOT_FOUND .*${MISSING_NETWORK}`));
    await stage.engine.json("POST", "/networks/create", { Name: MISSING_NETWORK });
    const [one] = await group.ready(1);
    type Joined = { NetworkSettings: { Networks: Record<string, unknown> } };
    const { NetworkSettings } = await stage.engine.json<Joined>("GET", `/containers/${one?.id}/json`);
    expect(Object.keys(NetworkSettings.Networks)).toEqual([MISSING_NETWORK]);
    await client.theseus.removeGroup({ group: group.ref });
    await group.gone();
  }, 60_000);

  it("runs an image that only this engine has, and none that would have to be fetched where fetching is forbidden", async () => {
    const pull = PullPolicy.NEVER;
    const here = await create("kit/never", { pull, ports: HTTP });
    const nowhere = await create("kit/nowhere", { image: "registry.invalid/private:1", pull });
    await here.ready(1);
    expect(await trouble(nowhere)).toMatch(/^IMAGE_NOT_FOUND .*registry.invalid\/private:1/);
    expect(await nowhere.containers()).toEqual([]);
    await update(nowhere, { image: stage.image });
    await nowhere.ready(1);
  }, 60_000);

  it("stays as it ended where it is never to be run again, and says how it ended", async () => {
    const command = ["sh", "-c", "case $CONTAINER_NAME in *.2.*) exit 0;; *) exit 3;; esac"];
    const group = await create("kit/once", { instances: 2, command, restart: RestartPolicy.NEVER });
    const states = async () => (await group.infos()).map(({ state }) => state).sort();
    await until("both ends to be told", async () => (await states()).join() === "failed,stopped");
    const described = () => stage.theseus(server, "describe", "kit/once");
    await until("the cause to be told", async () => /exit code 3.*\[CONTAINER_EXITED\]/.test(await described()));
    const ended = (await group.inspected()).map(({ Id, State }) => [Id, State.Status, State.ExitCode]);
    expect(ended.map(([, ...rest]) => rest)).toEqual([
      ["exited", 3],
      ["exited", 0],
    ]);
    // One more slot is a look at the whole group.
    await update(group, { instances: 3 });
    await until("the third end to be told", async () => (await states()).join() === "failed,failed,stopped");
    const now = (await group.inspected()).map(({ Id, State }) => [Id, State.Status, State.ExitCode]);
    expect(now.slice(0, 2)).toEqual(ended);
    expect(Object.values(await group.slots()).map(({ generation }) => generation)).toEqual([1, 1, 1]);
  }, 60_000);
});

describe("a service", () => {
  it("is removed with its groups only where that is said, and then nothing is left of it", async () => {
    const groups = [await create("shop/a", { ports: HTTP }), await create("shop/b", { instances: 0 })];
    await groups[0]?.ready(1);
    const refused = await server.theseus(["remove", "shop", "--yes"]);
    expect(refused.stderr).toMatch(/SERVICE_NOT_EMPTY/);
    expect(refused.code).not.toBe(0);
    await groups[0]?.ready(1);
    await stage.theseus(server, "remove", "shop", "--all-groups", "--yes");
    expect((await stage.store.under("/services/shop")).size).toBe(0);
    await stage.theseus(server, "remove", "kit", "--all-groups", "--yes");
    const ours = await stage.engine.containers(["theseus.cluster", (await stage.store.clusterId()) ?? ""]);
    const keys = [await stage.store.under("/services"), await stage.store.under("/theseus/slots")];
    expect([ours, ...keys.map((found) => [...found.keys()])]).toEqual([[], [], []]);
  }, 60_000);
});

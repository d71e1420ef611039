// register() against a server over a real etcd: kept, changed, made again, refused, lost and given up.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { type Connection, ContainerState, connect, type RegisterOptions, register } from "../../clients/index.js";
import { createEtcdWire } from "../../src/etcd/wire.js";
import type { EtcdWire } from "../../src/model/ports.js";
import { systemClock } from "../../src/system.js";
import { DiscoveryServer } from "../support/discovery-server.js";
import { startEtcd, type TestEtcd } from "../support/start-etcd.js";
import { startTcpProxy } from "../support/tcp-proxy.js";
import { until } from "../support/until.js";

let etcd: TestEtcd;
let wire: EtcdWire;
let server: DiscoveryServer;
let client: Connection;
const ending: (() => unknown)[] = [];

beforeAll(async () => {
  etcd = await startEtcd();
  wire = await createEtcdWire({ endpoints: [etcd.endpoint], clock: systemClock });
  server = await DiscoveryServer.start(etcd.endpoint);
  client = connect(server.address);
}, 30_000);

afterAll(async () => {
  client?.close();
  await server?.stop();
  wire?.close();
  await etcd?.stop();
});

afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function registered(group: string, more: Partial<RegisterOptions> = {}, address = server.address) {
  const asked = { group, address: "192.0.2.7", ports: { http: 8080, admin: 9090 }, ttl: 2000 };
  const registration = await register(address, { ...asked, ...more });
  ending.push(() => registration.close().catch(() => undefined));
  return registration;
}

async function lookup(service: string, atLeastRevision = 0n) {
  const target = { $case: "selector" as const, value: { service } };
  return (await client.discovery.lookup({ target, includeNotReady: true, atLeastRevision })).endpoints;
}

/** Everything of it, as if it had been away for too long. */
async function forget(group: string, name: string): Promise<void> {
  const keys = await wire.range({ key: "/", end: "0" });
  const own = keys.kvs.map(({ key }) => key).filter((key) => key.includes(`/${group}/`) && key.includes(name));
  expect(own.length).toBeGreaterThan(1);
  await wire.txn(
    [],
    own.map((key) => ({ op: "delete" as const, key })),
  );
}

describe("a registered program", () => {
  it("is found as soon as register() says so, and is not once close() says so", async () => {
    const registration = await registered("reg-a/dev", { name: "mine", weight: 7 });
    expect(registration.name).toBe("mine");
    const [endpoint] = await lookup("reg-a", registration.revision);
    expect(endpoint).toMatchObject({ address: "192.0.2.7", port: 8080, ready: true, weight: 7 });
    expect(endpoint?.container?.ports.map(({ name, external }) => [name, external])).toEqual([
      ["http", 8080],
      ["admin", 9090],
    ]);
    await registration.close();
    await registration.close();
    await registration.ended;
    await until("it to be gone", async () => (await lookup("reg-a")).length === 0);
  });

  it("is told as it was changed last, and made again so when it was lost", async () => {
    const registration = await registered("reg-b/dev");
    await registration.update({ weight: 9 });
    await registration.update({ state: ContainerState.DRAINING, ports: { http: 8081 } });
    const isAsAsked = async () => {
      const [endpoint] = await lookup("reg-b", registration.revision);
      return endpoint?.weight === 9 && endpoint.port === 8081 && endpoint.draining;
    };
    expect(await isAsAsked()).toBe(true);
    const before = registration.revision;
    await forget("reg-b/dev", registration.name);
    await until("it to be made again", () => registration.revision > before + 1n);
    expect(await isAsAsked()).toBe(true);
  });

  it("hears that its servers are away, and goes on when they are back", async () => {
    const proxy = await startTcpProxy(Number(server.address.split(":")[1]));
    ending.push(() => proxy.close());
    const errors: string[] = [];
    const onError = ({ reason }: { reason: string }) => void errors.push(reason);
    const registration = await registered("reg-c/dev", { onError }, `127.0.0.1:${proxy.port}`);
    proxy.refuse();
    await until("an error", () => errors.length > 0);
    expect(["SERVER_UNREACHABLE", "OUTCOME_UNKNOWN"]).toContain(errors[0]);
    const before = registration.revision;
    await forget("reg-c/dev", registration.name);
    proxy.accept();
    await until("it to be back", () => registration.revision > before);
    expect(await lookup("reg-c", registration.revision)).toHaveLength(1);
  });

  it("is refused a name that somebody holds, and told when it has lost its own", async () => {
    const registration = await registered("reg-d/dev", { name: "one" });
    await expect(registered("reg-d/dev", { name: "one" })).rejects.toMatchObject({ reason: "CONTAINER_EXISTS" });
    const same = { name: "two", registrationId: "only-this-program-knows-it" };
    const first = await registered("reg-d/dev", same);
    expect((await registered("reg-d/dev", same)).holderId).toBe(first.holderId);
    const taken = expect(registration.ended).rejects.toMatchObject({ reason: "CONTAINER_EXISTS" });
    await until("another to have the name", async () => {
      await forget("reg-d/dev", "one");
      return await registered("reg-d/dev", { name: "one" }).catch(() => undefined);
    });
    await taken;
    await expect(registration.update({ weight: 1 })).rejects.toMatchObject({ reason: "CONTAINER_EXISTS" });
  });

  it("has to name exactly one group", async () => {
    await expect(registered("reg-e")).rejects.toThrow("reg-e is no exact group");
  });
});

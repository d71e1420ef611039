// Registration over the wire: servers over a real etcd, one of them leading, and programs that come, change, stay and die.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Connection, connect } from "../../clients/connect.js";
import { ContainerState } from "../../clients/gen/theseus/v1/container.js";
import type { Endpoint, RegisterRequest } from "../../clients/gen/theseus/v1/discovery_service.js";
import type { Fields } from "../../clients/partial.js";
import { createStore } from "../../src/etcd/driver.js";
import { createEtcdWire } from "../../src/etcd/wire.js";
import type { EtcdWire } from "../../src/model/ports.js";
import { groupRef } from "../../src/model/reference.js";
import { systemClock } from "../../src/system.js";
import { CHANGE } from "../contract/fixture.js";
import { DiscoveryServer } from "../support/discovery-server.js";
import { type Leading, leadRegistrations } from "../support/lead-registrations.js";
import { testParts } from "../support/parts.js";
import { startEtcd, type TestEtcd } from "../support/start-etcd.js";
import { until } from "../support/until.js";

const TTL = { seconds: 2n, nanos: 0 };
const HTTP = [{ name: "http", external: 8080 }];

let etcd: TestEtcd;
let wire: EtcdWire;
let first: DiscoveryServer;
let second: DiscoveryServer;
let toFirst: Connection;
let toSecond: Connection;
let leader: Leading;
let services = 0;

beforeAll(async () => {
  etcd = await startEtcd();
  wire = await createEtcdWire({ endpoints: [etcd.endpoint], clock: systemClock });
  [first, second] = [await DiscoveryServer.start(etcd.endpoint), await DiscoveryServer.start(etcd.endpoint)];
  [toFirst, toSecond] = [connect(first.address), connect(second.address)];
  leader = await leadRegistrations(etcd.endpoint, "leader");
}, 30_000);
afterAll(async () => {
  await leader.stop();
  toFirst.close();
  toSecond.close();
  await Promise.all([first.stop(), second.stop()]);
  wire.close();
  await etcd.stop();
});

type Guest = {
  readonly group: { service: string; labels: string[] };
  readonly registrationId: string;
  readonly name: string;
};

function aGuest(name = "a"): Guest {
  services++;
  return {
    group: { service: `guest${services}`, labels: ["dev"] },
    registrationId: `secret-0123456789-${services}`,
    name,
  };
}

const register = (guest: Guest, more: Fields<RegisterRequest> = {}, at = toFirst) =>
  at.discovery.register({ ...guest, address: "10.1.1.1", ports: HTTP, ttl: TTL, ...more });

const held = ({ group, name, registrationId }: Guest) => ({
  container: { group, which: { $case: "name" as const, value: name } },
  registrationId,
});

async function found({ group }: Guest, includeNotReady = true, atLeastRevision = 0n): Promise<Endpoint[]> {
  const target = { $case: "group" as const, value: group };
  return (await toSecond.discovery.lookup({ target, includeNotReady, atLeastRevision })).endpoints;
}

const stateOf = async (guest: Guest) => (await found(guest))[0]?.container?.state;

/** Renews until it is told to die. */
function keepRenewing(guest: Guest) {
  const stop = new AbortController();
  const renewing = (async () => {
    while (!stop.signal.aborted) {
      await toFirst.discovery.renew(held(guest)).catch(() => undefined);
      await systemClock.sleep(300, stop.signal).catch(() => undefined);
    }
  })();
  return {
    die: async () => {
      stop.abort();
      await renewing;
    },
  };
}

describe("a program that registers itself", () => {
  it("is found by its group, port and host, and is kept and changed through any server", async () => {
    const guest = aGuest();
    const { container, revision, ttl, holderId } = await register(guest, { host: "h1", weight: 7 });
    expect([container?.which?.value, ttl, holderId]).toEqual(["a", TTL, expect.stringMatching(/^[0-9a-f]{12}$/)]);
    const [endpoint] = await found(guest, false, revision);
    expect(endpoint).toMatchObject({ address: "10.1.1.1", port: 8080, portName: "http", ready: true, weight: 7 });
    expect(await toSecond.discovery.renew(held(guest))).toMatchObject({ madeAgain: false, ttl: TTL });
    const drained = await toSecond.discovery.updateRegistration({ ...held(guest), state: ContainerState.DRAINING });
    expect(await found(guest, true, drained.revision)).toMatchObject([{ ready: false, serving: true, draining: true }]);
    const unhealthy = { ...held(guest), state: ContainerState.UNHEALTHY, weight: 0, ports: { ports: [] } };
    const changed = await toSecond.discovery.updateRegistration(unhealthy);
    expect(await found(guest, true, changed.revision)).toMatchObject([
      { ready: false, serving: false, weight: 0, port: 0 },
    ]);
    const gone = await toFirst.discovery.deregister(held(guest));
    expect(await found(guest, true, gone.revision)).toEqual([]);
    await toFirst.discovery.deregister(held(guest));
    await expect(toFirst.discovery.renew(held(guest))).rejects.toMatchObject({ reason: "NO_SUCH_CONTAINER" });
  });

  it("is told who has the name where it is taken, and is refused by a closed group", async () => {
    const guest = aGuest();
    const { holderId } = await register(guest, { host: "h1" });
    const rival = { ...guest, registrationId: "another-0123456789" };
    await expect(register(rival)).rejects.toMatchObject({
      reason: "CONTAINER_EXISTS",
      metadata: expect.objectContaining({ holder: holderId, host: "h1", since: expect.any(String) }),
    });
    const closed = aGuest();
    const store = createStore(wire, testParts());
    await store.createGroup(groupRef(closed.group.service, closed.group.labels), { image: "a" }, CHANGE);
    await expect(register(closed)).rejects.toMatchObject({ reason: "GROUP_CLOSED" });
  });

  it("is told everything that is wrong with what it asks", async () => {
    const ports = [
      { name: "HTTP", external: 0 },
      { name: "a", external: 1 },
      { name: "a", external: 70_000 },
    ];
    const wrong = {
      address: "127.0.0.1",
      ports,
      weight: 2000,
      ttl: { seconds: 1n, nanos: 0 },
      state: ContainerState.LOST,
    };
    const refusal = register({ ...aGuest(), registrationId: "short" }, wrong);
    await expect(refusal).rejects.toMatchObject({
      reason: "INVALID_REQUEST",
      why: expect.arrayContaining([expect.stringContaining("loopback")]),
    });
    const { violations = [] } = (await refusal.catch((error: unknown) => error)) as {
      violations?: { field: string }[];
    };
    expect(violations.map(({ field }) => field)).toEqual([
      ...["address", "ports[0].name", "ports[0].external", "ports[2].name", "ports[2].external"],
      ...["weight", "ttl", "state", "registration_id"],
    ]);
    for (const address of ["::1", "localhost", "0.0.0.0", "a b", "1.2.3", "::ffff:127.0.0.1"]) {
      await expect(register(aGuest(), { address })).rejects.toMatchObject({ reason: "INVALID_REQUEST" });
    }
    for (const address of ["2001:db8::1", "web-1.example", "172.17.0.1"]) await register(aGuest(), { address });
    await expect(register({ ...aGuest(), name: "A b" })).rejects.toMatchObject({ reason: "BAD_NAME" });
  });

  it("that dies is not ready soon, then gone; the living stay", async () => {
    const [dies, lives] = [aGuest(), aGuest()];
    await register(dies);
    await register(lives);
    const renewing = keepRenewing(lives);
    await until("it to be lost", async () => (await stateOf(dies)) === ContainerState.LOST);
    expect(await found(dies, false)).toEqual([]);
    expect(await stateOf(lives)).toBe(ContainerState.READY);
    await until("it to be gone", async () => (await found(dies)).length === 0, { withinMs: 40_000 });
    expect(await stateOf(lives)).toBe(ContainerState.READY);
    await renewing.die();
  }, 60_000);

  it("that is back before it is gone is found again as it was", async () => {
    const guest = aGuest();
    await register(guest);
    await until("it to be lost", async () => (await stateOf(guest)) === ContainerState.LOST);
    const { madeAgain, revision } = await toSecond.discovery.renew(held(guest));
    expect(madeAgain).toBe(true);
    expect(await found(guest, false, revision)).toMatchObject([{ ready: true, port: 8080 }]);
    await toFirst.discovery.deregister(held(guest));
  }, 30_000);
});

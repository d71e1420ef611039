// register() where something goes wrong beside it: a server that never answers, a change that is refused, a callback
// that throws. Against servers that say what they are told to say, and over a real etcd behind a cut line.

import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, jest } from "@jest/globals";
import {
  type DeregisterResponse,
  RegisterResponse,
  RenewResponse,
  UpdateRegistrationResponse,
} from "../../clients/gen/theseus/v1/discovery_service.js";
import { type RegisterOptions, type Registration, register } from "../../clients/index.js";
import { heartbeatKey } from "../../src/etcd/keys.js";
import { createEtcdWire } from "../../src/etcd/wire.js";
import { groupRef } from "../../src/model/reference.js";
import { systemClock } from "../../src/system.js";
import { DiscoveryServer } from "../support/discovery-server.js";
import { type FakeTheseus, type Handlers, Refusal, startFakeTheseus } from "../support/fake-theseus.js";
import { startEtcd } from "../support/start-etcd.js";
import { startTcpProxy } from "../support/tcp-proxy.js";
import { until } from "../support/until.js";

const TTL = { seconds: 2n, nanos: 0 };
const GROUP = { namespace: "default", service: "web", labels: ["dev"] };
const ASKED = { group: "web/dev", name: "a", address: "192.0.2.7", ports: { http: 8080 }, ttl: 2000 };

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

const refused = (reason: string, code: status) => new Refusal({ code, reason, message: "the script says so" });
const never = () => new Promise<never>(() => undefined);

/** Takes every registration and keeps it, but for what the test says. */
async function fake(handlers: Handlers = {}): Promise<FakeTheseus> {
  const server = await startFakeTheseus({
    register: ({ name }) =>
      RegisterResponse.fromPartial({
        container: { group: GROUP, which: { $case: "name", value: name } },
        ...{ ttl: TTL, holderId: "h", revision: 1n },
      }),
    renew: () => RenewResponse.fromPartial({ ttl: TTL, revision: 2n }),
    updateRegistration: () => UpdateRegistrationResponse.fromPartial({ ttl: TTL, revision: 3n }),
    deregister: (): DeregisterResponse => ({ revision: 4n }),
    ...handlers,
  });
  ending.push(() => server.close());
  return server;
}

async function registered(address: string | string[], more: Partial<RegisterOptions> = {}): Promise<Registration> {
  const registration = await register(address, { ...ASKED, ...more });
  ending.push(() => registration.close().catch(() => undefined));
  return registration;
}

const asked = ({ calls }: FakeTheseus, name: string) => calls.filter((call) => call.name === name);

describe("a server that takes calls and never answers", () => {
  it("does not hold up a registration, a renewal, a change or the end of it", async () => {
    const mute = { renew: never, register: never, updateRegistration: never, deregister: never };
    const [first, second] = [await fake(mute), await fake()];
    const registration = await registered([first.address, second.address]);
    expect(asked(first, "register")).toHaveLength(1);
    await until("a renewal", () => asked(second, "renew").length > 1);
    await registration.update({ weight: 5 });
    await registration.close();
    // The one that answers is asked from then on.
    expect(first.calls).toHaveLength(1);
  });

  it("is left as soon as it falls silent, also when the next one is silent too", async () => {
    const [first, second, third] = [await fake({ renew: never }), await fake({ renew: never }), await fake()];
    await registered([first.address, second.address, third.address]);
    await until("a renewal", () => asked(third, "renew").length > 1);
    expect([asked(first, "renew").length, asked(second, "renew").length]).toEqual([1, 1]);
  });

  it("does not cost the registration: its heartbeat goes on through another server", async () => {
    const etcd = await startEtcd();
    ending.push(() => etcd.stop());
    const servers = [await DiscoveryServer.start(etcd.endpoint), await DiscoveryServer.start(etcd.endpoint)];
    ending.push(() => Promise.all(servers.map((server) => server.stop())));
    const wire = await createEtcdWire({ endpoints: [etcd.endpoint], clock: systemClock });
    ending.push(() => wire.close());
    const proxies = await Promise.all(servers.map(({ address }) => startTcpProxy(Number(address.split(":")[1]))));
    ending.push(() => Promise.all(proxies.map((proxy) => proxy.close())));
    const addresses = proxies.map(({ port }) => `127.0.0.1:${port}`);
    const errors: unknown[] = [];
    await registered(addresses, { ttl: 5000, onError: (error) => errors.push(error) });
    const key = heartbeatKey({ ...groupRef("web", ["dev"]), name: "a" });
    const heartbeat = async () => (await wire.range({ key })).kvs[0];
    const before = await heartbeat();
    proxies[0]?.swallow();
    await until("the other server to be asked", () => (proxies[1]?.connections ?? 0) > 0);
    // What the first server has heard last is older than this, and so would be over before.
    const { lease } = await wire.leaseGrant(5);
    await wire.txn([], [{ op: "put", key: "/elsewhere", value: "", lease }]);
    await until("a lease of that time to be over", async () => {
      return (await wire.range({ key: "/elsewhere" })).kvs.length === 0;
    });
    expect(await heartbeat()).toMatchObject({ modRevision: before?.modRevision, lease: before?.lease });
    expect(errors).toEqual([]);
  }, 40_000);
});

describe("a change that is refused", () => {
  it("is not sent again when the registration is made anew", async () => {
    let isLost = false;
    const server = await fake({
      updateRegistration: ({ weight }) => {
        if ((weight ?? 0) > 1000) throw refused("INVALID_REQUEST", status.INVALID_ARGUMENT);
        return UpdateRegistrationResponse.fromPartial({ ttl: TTL, revision: 3n });
      },
      renew: () => {
        if (isLost) throw refused("NO_SUCH_CONTAINER", status.NOT_FOUND);
        return RenewResponse.fromPartial({ ttl: TTL, revision: 2n });
      },
    });
    const registration = await registered(server.address, { weight: 7 });
    await registration.update({ ports: { http: 8081 } });
    await expect(registration.update({ weight: 2000 })).rejects.toMatchObject({ reason: "INVALID_REQUEST" });
    isLost = true;
    const again = await until("it to be made again", () => asked(server, "register")[1]);
    expect(again.request).toMatchObject({ name: "a", weight: 7, ports: [{ name: "http", external: 8081 }] });
  });
});

describe("an onError that throws or rejects", () => {
  const failing = {
    throws: () => {
      throw new Error("mine");
    },
    rejects: () => Promise.reject(new Error("mine")),
  };

  it.each(["throws", "rejects"] as const)("(%s) stops nothing, and becomes a warning of the process", async (how) => {
    const warned = jest.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    ending.push(() => warned.mockRestore());
    let isAway = true;
    const server = await fake({
      renew: () => {
        if (isAway) throw refused("CONFLICT", status.ABORTED);
        return RenewResponse.fromPartial({ ttl: TTL, revision: 9n });
      },
    });
    const registration = await registered(server.address, { onError: failing[how] });
    await until("warnings", () => warned.mock.calls.length > 1);
    isAway = false;
    await until("a renewal", () => registration.revision === 9n);
    await registration.close();
    await registration.ended;
    expect(String(warned.mock.calls[0]?.[0])).toContain("Error: mine");
  });
});

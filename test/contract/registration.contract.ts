// The contract of registrations as programs ask for them: who holds a name, and how it is kept by whichever server.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { heartbeatKey, holderKey, infoKey } from "../../src/etcd/keys.js";
import { EtcdRegistrations } from "../../src/etcd/registrations.js";
import type { Reason } from "../../src/model/errors.js";
import type { EtcdWire } from "../../src/model/ports.js";
import type { Registration } from "../../src/model/registration.js";
import { testParts } from "../support/parts.js";
import { until } from "../support/until.js";
import {
  anInfo,
  anIntent,
  becomeLeader,
  CHANGE,
  type Fixture,
  freshGroup,
  get,
  openFixture,
  put,
  type WireFactory,
} from "./fixture.js";

const MINE = "mine-0123456789abcdef";
const OTHERS = "others-0123456789abcdef";
const HTTP = { http: { external: 8080, exposed: 80, protocol: "tcp" } } as const;

const reason = (is: Reason) => expect.objectContaining({ reason: is });

export function aRegistration(more: Partial<Registration> = {}): Registration {
  const group = freshGroup();
  return { group, name: "a", secret: MINE, address: "10.1.1.1", ports: HTTP, ttl: 15_000, state: "ready", ...more };
}

/** Its methods, without itself. */
const bound = (wire: EtcdWire): Pick<EtcdWire, "range" | "txn" | "leaseKeepAlive"> => ({
  range: (request) => wire.range(request),
  txn: (...transaction) => wire.txn(...transaction),
  leaseKeepAlive: (lease) => wire.leaseKeepAlive(lease),
});

export function registrationContract(openWire: WireFactory): void {
  describe("a registration", () => {
    let on: Fixture;
    beforeAll(async () => {
      on = await openFixture(openWire);
    });
    afterAll(() => on.wire.close());

    const lease = async (ref: Registration) =>
      (await on.wire.range({ key: heartbeatKey({ ...ref.group, name: "a" }) })).kvs[0]?.lease ?? 0n;

    it("is a record without a lease, and a heartbeat with one of its own", async () => {
      const asked = aRegistration({ host: "h1", weight: 7 });
      const { container, revision, ttl } = await on.store.register(asked);
      expect([container.name, ttl]).toEqual(["a", 15_000]);
      const [kv] = (await on.wire.range({ key: infoKey(container) })).kvs;
      expect([kv?.lease, kv?.modRevision]).toEqual([0n, revision]);
      expect(JSON.parse(kv?.value ?? "")).toEqual({
        instance_name: "a",
        instance_host: "10.1.1.1",
        instance_port: 8080,
        port_mappings: HTTP,
        state: "ready",
        labels: ["dev"],
        host: "h1",
        origin: "registered",
        weight: 7,
        since: expect.any(String),
      });
      expect(await lease(asked)).not.toBe(0n);
      expect(await get(on.wire, holderKey(container))).not.toContain(MINE);
    });

    it("leases are one each, also when many come at once", async () => {
      const asked = Array.from({ length: 40 }, () => aRegistration());
      for (const one of asked) await on.store.register(one);
      const leases = await Promise.all(asked.map(lease));
      expect(new Set(leases).size).toBe(40);
    });

    it("is taken also when the leases granted ahead are over, as after a restore", async () => {
      const granted: bigint[] = [];
      const leaseGrant = async (ttl: number) => {
        const one = await on.wire.leaseGrant(ttl);
        granted.push(one.lease);
        return one;
      };
      const { range, txn, leaseKeepAlive } = bound(on.wire);
      const store = new EtcdRegistrations({
        wire: { ...on.wire, range, txn, leaseKeepAlive, leaseGrant },
        ...testParts(),
      });
      for (let i = 0; i < 3; i++) await store.register(aRegistration());
      await until("some to be granted ahead", () => granted.length > 10);
      await Promise.all(granted.map((one) => on.wire.leaseRevoke(one)));
      const asked = aRegistration();
      await store.register(asked);
      expect(granted.indexOf(await lease(asked))).toBeGreaterThan(10);
    });

    it("is the same when the same holder comes again, and as asked now", async () => {
      const asked = aRegistration();
      const first = await on.store.register(asked);
      const again = await on.store.register(asked);
      expect(await get(on.wire, infoKey(first.container))).toBeDefined();
      expect([again.container, again.madeAgain]).toEqual([first.container, false]);
      expect((await on.wire.range({ key: infoKey(first.container) })).kvs[0]?.version).toBe(1n);
      await on.store.register({ ...asked, address: "10.9.9.9", ttl: 30_000 });
      expect(await on.store.getContainerInfo(first.container)).toMatchObject({ instanceHost: "10.9.9.9" });
    });

    it("gets a name by its secret where it has none", async () => {
      const { name, ...nameless } = aRegistration();
      expect(name).toBe("a");
      const first = await on.store.register(nameless);
      const again = await on.store.register(nameless);
      const other = await on.store.register({ ...nameless, secret: OTHERS });
      expect(again.container).toEqual(first.container);
      expect(other.container.name).not.toBe(first.container.name);
      expect(first.container.name).toMatch(/^service\d+-[0-9a-f]{12}$/);
    });

    it("of a living name is refused, and the other is told who has it", async () => {
      const asked = aRegistration({ host: "h1" });
      const { container, holderId } = await on.store.register(asked);
      const rival = { ...asked, secret: OTHERS };
      const metadata = expect.objectContaining({ holder: holderId, host: "h1", since: expect.any(String) });
      const refusal = { reason: "CONTAINER_EXISTS", facts: expect.objectContaining({ metadata }) };
      await expect(on.store.register(rival)).rejects.toMatchObject(refusal);
      await expect(on.store.renew(container, OTHERS)).rejects.toMatchObject(refusal);
      await expect(on.store.updateRegistration(container, OTHERS, {})).rejects.toMatchObject(refusal);
      await expect(on.store.deregister(container, OTHERS)).rejects.toMatchObject(refusal);
    });

    it("is won by one of two that come at the same time", async () => {
      const asked = aRegistration();
      const both = [MINE, OTHERS].map((secret) => on.store.register({ ...asked, secret }));
      const ends = await Promise.allSettled(both);
      expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      const lost = ends.find((end) => end.status === "rejected");
      expect(lost?.reason).toEqual(reason("CONTAINER_EXISTS"));
    });

    it("goes into an open group and one without a config, not into a closed one, nor into a missing namespace", async () => {
      const [open, closed] = [aRegistration(), aRegistration()];
      await on.store.createGroup(open.group, { image: "a", open: true }, CHANGE);
      await on.store.createGroup(closed.group, { image: "a" }, CHANGE);
      await on.store.register(open);
      await expect(on.store.register(closed)).rejects.toEqual(reason("GROUP_CLOSED"));
      const nowhere = aRegistration({ group: freshGroup(["dev"], "nowhere") });
      await expect(on.store.register(nowhere)).rejects.toEqual(reason("NO_SUCH_NAMESPACE"));
    });

    it("never takes the name of a managed container, nor of a record that another hand has written", async () => {
      const [managed, foreign] = [aRegistration(), aRegistration()];
      await on.store.createGroup(managed.group, { image: "a", open: true }, CHANGE);
      const fence = await becomeLeader(on.wire);
      await on.store.writeGroup(fence, await on.store.readGroup(managed.group), { putIntents: [anIntent("a", 1)] });
      await on.store.registerContainer({ ...foreign.group, name: "a" }, anInfo("a"));
      for (const one of [managed, foreign]) {
        await expect(on.store.register(one)).rejects.toEqual(reason("CONTAINER_EXISTS"));
      }
    });

    it("is renewed by any server, also by one that has never heard of it", async () => {
      const { container } = await on.store.register(aRegistration());
      const other = await openFixture(openWire);
      expect(await other.store.renew(container, MINE)).toMatchObject({ madeAgain: false, ttl: 15_000 });
      other.wire.close();
    });

    it("is made again when its heartbeat has run out, has lost its lease, or was taken away", async () => {
      const asked = aRegistration();
      const { container } = await on.store.register(asked);
      const key = heartbeatKey(container);
      await on.wire.leaseRevoke(await lease(asked));
      expect(await get(on.wire, key)).toBeUndefined();
      expect(await on.store.renew(container, MINE)).toMatchObject({ madeAgain: true });
      await put(on.wire, key, "{}");
      expect(await lease(asked)).toBe(0n);
      expect(await on.store.renew(container, MINE)).toMatchObject({ madeAgain: true });
      expect(await lease(asked)).not.toBe(0n);
      expect(await on.store.renew(container, MINE)).toMatchObject({ madeAgain: false });
    });

    it("takes changes of state, weight and ports, and keeps what is not named", async () => {
      const { container } = await on.store.register(aRegistration({ weight: 7 }));
      await on.store.updateRegistration(container, MINE, { state: "draining" });
      expect(await on.store.getContainerInfo(container)).toMatchObject({ state: "draining", weight: 7 });
      const ports = { admin: { external: 9, exposed: 9, protocol: "tcp" } } as const;
      const { revision } = await on.store.updateRegistration(container, MINE, { weight: 0, ports });
      expect(await on.store.getContainerInfo(container)).toMatchObject({
        ...{ state: "draining", weight: 0, instancePort: 9, portMappings: ports },
      });
      const same = await on.store.updateRegistration(container, MINE, { weight: 0, ports });
      expect((await on.wire.range({ key: infoKey(container) })).kvs[0]?.modRevision).toBe(revision);
      expect(same.madeAgain).toBe(false);
    });

    it("goes at once when it is taken back, and taking it back again is no error", async () => {
      const asked = aRegistration();
      const { container } = await on.store.register(asked);
      await on.store.deregister(container, MINE);
      for (const key of [infoKey(container), holderKey(container), heartbeatKey(container)]) {
        expect(await get(on.wire, key)).toBeUndefined();
      }
      await on.store.deregister(container, MINE);
      await expect(on.store.renew(container, MINE)).rejects.toEqual(reason("NO_SUCH_CONTAINER"));
      expect(await on.store.register({ ...asked, secret: OTHERS })).toMatchObject({ madeAgain: false });
    });

    it("whose record another hand has deleted is not there; its holder registers again", async () => {
      const asked = aRegistration();
      const { container } = await on.store.register(asked);
      await on.wire.txn([], [{ op: "delete", key: infoKey(container) }]);
      await expect(on.store.renew(container, MINE)).rejects.toEqual(reason("NO_SUCH_CONTAINER"));
      await on.store.register(asked);
      expect(await get(on.wire, infoKey(container))).toBeDefined();
    });
  });
}

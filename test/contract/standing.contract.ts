// The contract of registrations as the leader finds them, and of what it writes about those that are not heard.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { heartbeatKey, holderKey, infoKey, LEADER_KEY } from "../../src/etcd/keys.js";
import type { ContainerRef } from "../../src/model/reference.js";
import type { SeenRegistration, StandingChange } from "../../src/model/registration.js";
import { becomeLeader, type Fixture, get, openFixture, put, type WireFactory } from "./fixture.js";
import { aRegistration } from "./registration.contract.js";

const MINE = "mine-0123456789abcdef";
const OTHERS = "others-0123456789abcdef";

export function standingContract(openWire: WireFactory): void {
  describe("the leader's view of registrations", () => {
    let on: Fixture;
    beforeAll(async () => {
      on = await openFixture(openWire);
    });
    afterAll(() => on.wire.close());

    async function seenOf(container: ContainerRef): Promise<SeenRegistration> {
      const seen = await on.store.readRegistrations();
      const one = seen.find(({ ref }) => holderKey(ref) === holderKey(container));
      if (one === undefined) throw new Error("it is not seen");
      return one;
    }

    /** Registered, and its heartbeat is gone. */
    async function silent(): Promise<ContainerRef> {
      const { container } = await on.store.register(aRegistration());
      const [kv] = (await on.wire.range({ key: heartbeatKey(container) })).kvs;
      await on.wire.leaseRevoke(kv?.lease ?? 0n);
      return container;
    }

    const ignore = () => undefined;
    const stateOf = async (container: ContainerRef) => (await on.store.getContainerInfo(container)).state;

    it("shows who is heard and who is not, and void heartbeats go", async () => {
      const { container } = await on.store.register(aRegistration());
      expect(await seenOf(container)).toMatchObject({ alive: true, holder: { standing: "kept", ttlSeconds: 15 } });
      expect((await seenOf(await silent())).alive).toBe(false);
      await put(on.wire, heartbeatKey(container), "{}");
      expect((await seenOf(container)).alive).toBe(false);
      expect(await get(on.wire, heartbeatKey(container))).toBeUndefined();
    });

    it("leaves out what cannot be understood", async () => {
      const { container } = await on.store.register(aRegistration());
      await put(on.wire, holderKey(container), "?");
      await expect(seenOf(container)).rejects.toThrow("it is not seen");
      await on.wire.txn([], [{ op: "delete", key: holderKey(container) }]);
    });

    it("lets go of one step by step, and a renewal brings it back as it was asked", async () => {
      const fence = await becomeLeader(on.wire);
      const container = await silent();
      for (const to of ["stale", "lost"] as const) {
        await on.store.writeStandings(fence, [{ seen: await seenOf(container), to }], ignore);
        expect([await stateOf(container), (await seenOf(container)).holder.standing]).toEqual([to, to]);
      }
      expect(await on.store.renew(container, MINE)).toMatchObject({ madeAgain: true });
      expect([await stateOf(container), (await seenOf(container)).holder.standing]).toEqual(["ready", "kept"]);
    });

    it("gives the name of a lost one to who asks for it, of a stale one to nobody else", async () => {
      const fence = await becomeLeader(on.wire);
      const container = await silent();
      const rival = { ...aRegistration({ group: container, secret: OTHERS }) };
      await on.store.writeStandings(fence, [{ seen: await seenOf(container), to: "stale" }], ignore);
      await expect(on.store.register(rival)).rejects.toMatchObject({ reason: "CONTAINER_EXISTS" });
      await on.store.writeStandings(fence, [{ seen: await seenOf(container), to: "lost" }], ignore);
      await on.store.register(rival);
      await expect(on.store.renew(container, MINE)).rejects.toMatchObject({ reason: "CONTAINER_EXISTS" });
      expect(await stateOf(container)).toBe("ready");
    });

    it("removes record and holder of one that is gone, and never a record that another hand has put in its place", async () => {
      const fence = await becomeLeader(on.wire);
      const [ours, theirs] = [await silent(), await silent()];
      const value = JSON.stringify({
        instance_name: "a",
        instance_host: "10.0.0.1",
        instance_port: 1,
        port_mappings: {},
      });
      await put(on.wire, infoKey(theirs), value);
      const changes = await Promise.all(
        [ours, theirs].map(async (one) => ({ seen: await seenOf(one), to: "gone" as const })),
      );
      expect(await on.store.writeStandings(fence, changes, ignore)).toMatchObject({ ok: true });
      expect([await get(on.wire, infoKey(ours)), await get(on.wire, infoKey(theirs))]).toEqual([undefined, value]);
      expect([await get(on.wire, holderKey(ours)), await get(on.wire, holderKey(theirs))]).toEqual([
        undefined,
        undefined,
      ]);
    });

    it("writes nothing about one that was renewed meanwhile, and all about the others", async () => {
      const fence = await becomeLeader(on.wire);
      const containers = await Promise.all(Array.from({ length: 70 }, silent));
      const changes = await Promise.all(
        containers.map(async (one) => ({ seen: await seenOf(one), to: "lost" as const })),
      );
      const [back, ...others] = containers;
      if (back === undefined) throw new Error("there are none");
      await on.store.renew(back, MINE);
      const written: string[] = [];
      const keep = (some: readonly StandingChange[]): void =>
        void written.push(...some.map(({ seen }) => holderKey(seen.ref)));
      expect(await on.store.writeStandings(fence, changes, keep)).toMatchObject({ ok: true });
      expect(written.sort()).toEqual(others.map(holderKey).sort());
      expect(await stateOf(back)).toBe("ready");
      expect(new Set(await Promise.all(others.map(stateOf)))).toEqual(new Set(["lost"]));
    }, 30_000);

    it("writes nothing for one that does not lead any more", async () => {
      const fence = await becomeLeader(on.wire);
      const container = await silent();
      await on.wire.txn([], [{ op: "delete", key: LEADER_KEY }]);
      const change = { seen: await seenOf(container), to: "gone" as const };
      const written: unknown[] = [];
      const result = await on.store.writeStandings(fence, [change], (some) => void written.push(...some));
      expect([result, written]).toEqual([{ ok: false, why: "fenced" }, []]);
      expect(await stateOf(container)).toBe("ready");
    });
  });
}

// Leases, election and membership: at most one term at a time, handed over at once, lost without its lease.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { ensureCluster } from "../../src/etcd/cluster.js";
import { createElection } from "../../src/etcd/election.js";
import { LEADER_KEY, SERVERS_PREFIX, serverKey } from "../../src/etcd/keys.js";
import { createMembership } from "../../src/etcd/membership.js";
import type { EtcdWire } from "../../src/model/ports.js";
import type { Term } from "../../src/model/store.js";
import { systemRng } from "../../src/system.js";
import { testParts } from "../support/parts.js";
import { until } from "../support/until.js";
import { get, put, type WireFactory } from "./fixture.js";

/** A server that campaigns, with the terms it has had. */
class Candidate {
  readonly terms: Term[] = [];
  readonly #stop = new AbortController();
  readonly #campaign: Promise<void>;

  constructor(wire: EtcdWire, id: string) {
    const election = createElection(wire, testParts(id), { ttlSeconds: 2 });
    this.#campaign = election.campaign(async (term) => {
      this.terms.push(term);
      await new Promise<void>((resolve) => term.signal.addEventListener("abort", () => resolve(), { once: true }));
    }, this.#stop.signal);
  }

  get leads(): boolean {
    return this.terms.at(-1)?.mayAct() ?? false;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#campaign;
  }
}

export function electionContract(openWire: WireFactory): void {
  describe("the election", () => {
    let wire: EtcdWire;
    const candidates: Candidate[] = [];
    const campaign = (id: string): Candidate => {
      const candidate = new Candidate(wire, id);
      candidates.push(candidate);
      return candidate;
    };
    beforeAll(async () => {
      wire = await openWire();
      await wire.txn([], [{ op: "delete", key: LEADER_KEY }]);
    });
    afterEach(async () => {
      await Promise.all(candidates.splice(0).map((candidate) => candidate.stop()));
    });
    afterAll(() => wire.close());

    const holder = async () => (await wire.range({ key: LEADER_KEY })).kvs[0];

    it("has one leader, and hands over at once when that one stops", async () => {
      const a = campaign("a");
      await until("a leads", async () => a.leads);
      const b = campaign("b");
      expect(await createElection(wire, testParts()).leader()).toBe("a");
      await a.stop();
      expect(a.leads).toBe(false);
      await until("b leads", async () => b.leads);
      expect(a.terms).toHaveLength(1);
      expect(b.terms).toHaveLength(1);
      expect((await holder())?.createRevision).toBe(b.terms[0]?.fence.createRevision);
    });

    it("leaves no key behind when the last candidate stops", async () => {
      const a = campaign("a");
      await until("a leads", async () => a.leads);
      await a.stop();
      expect(await holder()).toBeUndefined();
      expect(await createElection(wire, testParts()).leader()).toBe("");
    });

    it("outlives a lease that nobody renews", async () => {
      const a = campaign("a");
      await until("a leads", async () => a.leads);
      const { lease } = await wire.leaseGrant(2);
      await wire.txn([], [{ op: "put", key: "/theseus/test", value: "", lease }]);
      await until("the other lease ran out", async () => (await get(wire, "/theseus/test")) === undefined);
      expect(a.leads).toBe(true);
      expect(a.terms).toHaveLength(1);
    });

    it("knows from a keepalive that a lease is gone", async () => {
      const { lease } = await wire.leaseGrant(30);
      const stream = wire.leaseKeepAlive(lease);
      const answers = stream[Symbol.asyncIterator]();
      stream.send();
      expect((await answers.next()).value).toEqual({ ttlSeconds: 30 });
      await wire.leaseRevoke(lease);
      await wire.leaseRevoke(lease);
      stream.send();
      expect((await answers.next()).value).toEqual({ ttlSeconds: 0 });
      stream.close();
      expect((await answers.next()).done).toBe(true);
      await expect(wire.txn([], [{ op: "put", key: "/theseus/test", value: "", lease }])).rejects.toEqual(
        expect.objectContaining({ reason: "CONFLICT" }),
      );
    });

    it("ends the term when the lease is revoked, and starts another", async () => {
      const a = campaign("a");
      await until("a leads", async () => a.leads);
      await wire.leaseRevoke((await holder())?.lease ?? 0n);
      await until("the first term ended", async () => a.terms[0]?.signal.aborted);
      expect(a.terms[0]?.mayAct()).toBe(false);
      await until("a leads again", async () => a.terms.length === 2 && a.leads);
      expect(a.terms[1]?.fence.createRevision).not.toBe(a.terms[0]?.fence.createRevision);
    });

    it("leads again at once after a term whose lease could not be given back", async () => {
      const deaf = new Proxy(wire, {
        get: (real, name: keyof EtcdWire) =>
          name === "leaseRevoke" ? () => Promise.reject(new Error("the store does not answer")) : real[name].bind(real),
      });
      const terms: Term[] = [];
      const stop = new AbortController();
      const election = createElection(deaf, testParts("a"), { ttlSeconds: 60 });
      const over = election.campaign(async (term) => {
        terms.push(term);
        if (terms.length > 1)
          await new Promise<void>((resolve) => term.signal.addEventListener("abort", () => resolve()));
      }, stop.signal);
      await until("a leads again", async () => terms.length === 2);
      expect(terms[1]?.mayAct()).toBe(true);
      expect((await holder())?.createRevision).toBe(terms[1]?.fence.createRevision);
      stop.abort();
      await over;
      await wire.txn([], [{ op: "delete", key: LEADER_KEY }]);
    });

    it("ends the term when another hand deletes the key", async () => {
      const a = campaign("a");
      await until("a leads", async () => a.leads);
      await wire.txn([], [{ op: "delete", key: LEADER_KEY }]);
      await until("the term ended", async () => a.terms[0]?.signal.aborted);
    });

    it("deletes a leader key without a lease, and leads", async () => {
      await put(wire, LEADER_KEY, "copied by a mirror");
      expect(await createElection(wire, testParts()).leader()).toBe("");
      const a = campaign("a");
      await until("a leads", async () => a.leads);
      expect(await createElection(wire, testParts()).leader()).toBe("a");
    });

    it("waits for lead to return before it gives the key back", async () => {
      const stop = new AbortController();
      let finish: () => void = () => undefined;
      let started = false;
      const finished = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const campaigned = createElection(wire, testParts("slow"), { ttlSeconds: 2 }).campaign(async () => {
        started = true;
        await finished;
      }, stop.signal);
      await until("it leads", async () => started);
      stop.abort();
      expect((await holder())?.value).toBe("slow");
      finish();
      await campaigned;
      expect(await holder()).toBeUndefined();
    });
  });

  describe("membership", () => {
    let wire: EtcdWire;
    beforeAll(async () => {
      wire = await openWire();
    });
    afterAll(() => wire.close());

    it("registers a server, again when its lease is lost, and no more once it has left", async () => {
      const stop = new AbortController();
      const membership = createMembership(wire, testParts("s1"), { ttlSeconds: 2 });
      const left = membership.join({ discovery: "172.17.0.1:7700", version: "0.1.0" }, stop.signal);
      const told = async () => (await membership.servers()).find(({ id }) => id === "s1");
      expect(await until("it is registered", told)).toEqual({ id: "s1", discovery: "172.17.0.1:7700" });
      const { kvs } = await wire.range({ key: serverKey("s1") });
      await wire.leaseRevoke(kvs[0]?.lease ?? 0n);
      await until("it is registered again", told);
      stop.abort();
      await left;
      expect(await told()).toBeUndefined();
    });

    it("registers again when another hand has deleted its key, or written it without the lease", async () => {
      const stop = new AbortController();
      const membership = createMembership(wire, testParts("s2"), { ttlSeconds: 2 });
      const left = membership.join({ discovery: "172.17.0.1:7700", version: "0.1.0" }, stop.signal);
      const lease = async () => (await wire.range({ key: serverKey("s2") })).kvs[0]?.lease;
      const first = await until("it is registered", lease);
      await wire.txn([], [{ op: "delete", key: serverKey("s2") }]);
      const second = await until("it is registered again", lease);
      expect(second).not.toBe(first);
      await put(wire, serverKey("s2"), "copied by a mirror");
      await until("it is registered under a lease", async () => ((await lease()) ?? 0n) > 0n);
      stop.abort();
      await left;
      expect(await lease()).toBeUndefined();
    });

    it("deletes a registration without a lease and does not tell it", async () => {
      await put(wire, `${SERVERS_PREFIX}copied`, '{"discovery":"h:1","version":"1","since":"2026-01-01T00:00:00Z"}');
      expect(await createMembership(wire, testParts()).servers()).toEqual([]);
      expect(await get(wire, `${SERVERS_PREFIX}copied`)).toBeUndefined();
    });
  });

  describe("the cluster id", () => {
    it("is made once, whoever comes first", async () => {
      const wire = await openWire();
      const ids = await Promise.all(Array.from({ length: 5 }, () => ensureCluster(wire, systemRng)));
      expect(new Set(ids).size).toBe(1);
      expect(ids[0]).toMatch(/^[0-9a-f]{16}$/);
      wire.close();
    });
  });
}

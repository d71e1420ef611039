// An etcd of three members that loses its quorum, its leader, or one member that stands still: writes are refused in clear
// words, what was read goes on being told, and nothing is lost or taken for another history when it is back.

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createCatalog, type RunningCatalog } from "../../src/catalog/catalog.js";
import { createStore, type Store } from "../../src/etcd/driver.js";
import { createElection } from "../../src/etcd/election.js";
import { createEtcdWire } from "../../src/etcd/wire.js";
import type { EtcdWire } from "../../src/model/ports.js";
import type { Term } from "../../src/model/store.js";
import { systemClock } from "../../src/system.js";
import { silent, testParts } from "../support/parts.js";
import type { TestEtcd } from "../support/start-etcd.js";
import { startEtcdCluster } from "../support/start-etcd-cluster.js";
import { until } from "../support/until.js";
import { anInfo, failure, freshGroup, put } from "./fixture.js";
import { Follower, stateOf } from "./follower.js";

describe("an etcd of three members", () => {
  let members: readonly TestEtcd[] = [];
  let wire: EtcdWire;
  let store: Store;
  let follower: Follower;
  let catalog: RunningCatalog;
  let catalogRuns: Promise<void>;
  const stop: { all: AbortController } = { all: new AbortController() };

  beforeEach(async () => {
    stop.all = new AbortController();
    members = await startEtcdCluster(3);
    wire = await createEtcdWire({ endpoints: members.map(({ endpoint }) => endpoint), clock: systemClock });
    store = createStore(wire, testParts());
    await put(wire, "/services/first", "{}");
    follower = new Follower(store);
    await follower.watching();
    catalog = createCatalog(store, systemClock, silent);
    catalogRuns = catalog.run(stop.all.signal);
    await until("the catalog to be read", () => catalog.cursor() !== undefined);
  }, 60_000);
  afterEach(async () => {
    stop.all.abort();
    await Promise.all([follower.stop(), catalogRuns]);
    wire.close();
    await Promise.all(members.map((member) => member.stop()));
  }, 60_000);

  const register = () => store.registerContainer({ ...freshGroup(), name: "c1" }, anInfo("c1"));
  const written = () => until("a write is taken", () => register().catch(() => undefined), { withinMs: 40_000 });
  const [first, others] = [() => members.slice(0, 1), () => members.slice(1)];

  async function expectNothingLost(revision: bigint): Promise<void> {
    await follower.reach(revision);
    expect(follower.state()).toEqual(stateOf(await store.readAt(follower.revision)));
    expect(follower.violations).toEqual([]);
    expect(follower.snapshots).toBe(1);
    expect(follower.epoch).toBe("");
  }

  it("without its quorum refuses writes and ends the term, and goes on where it was when it is back", async () => {
    const terms: Term[] = [];
    const campaign = createElection(wire, testParts("a"), { ttlSeconds: 2 }).campaign(async (term) => {
      terms.push(term);
      await new Promise<void>((resolve) => term.signal.addEventListener("abort", () => resolve(), { once: true }));
    }, stop.all.signal);
    await until("a leads", () => terms[0]?.mayAct());
    const before = await register();
    await until("the catalog has it", () => (catalog.cursor()?.revision ?? 0n) >= before.revision);
    const known = catalog.view();
    await Promise.all(others().map((member) => member.kill9()));
    expect(await failure(register())).toMatchObject({
      reason: expect.stringMatching(/^(STORE_UNREACHABLE|OUTCOME_UNKNOWN)$/),
      retryable: true,
      facts: { now: expect.any(String), why: [expect.stringMatching(/^etcd at /)] },
    });
    await until("the term ended", () => terms[0]?.signal.aborted);
    expect(terms[0]?.mayAct()).toBe(false);
    expect(catalog.view()).toBe(known);
    await Promise.all(others().map((member) => member.start()));
    const { revision } = await written();
    await expectNothingLost(revision);
    await until("somebody leads again", () => terms.at(-1)?.mayAct());
    stop.all.abort();
    await campaign;
  }, 120_000);

  it("without one member, whichever it is, loses nothing and takes writes again", async () => {
    for (const member of members) {
      await member.kill9();
      await expectNothingLost((await written()).revision);
      await member.start();
      await expectNothingLost((await written()).revision);
    }
  }, 120_000);

  it("a member that stands still is left for another, and what it shows afterwards is no other history", async () => {
    await Promise.all(first().map((member) => member.pause()));
    const { revision } = await written();
    await expectNothingLost(revision);
    for (const member of first()) member.resume();
    await expectNothingLost((await written()).revision);
  }, 120_000);
});

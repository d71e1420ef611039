// Two servers on one store: one leads, the other stands by, answers everything, and takes over when the first one goes.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Connection, connect, type DiscoveryClient, type TheseusClient } from "../../clients/connect.js";
import { RecoveryAction } from "../../clients/gen/theseus/v1/theseus_service.js";
import { badAnswers } from "../proof/observed-store.js";
import { Stage } from "../proof/stage.js";
import { EngineProxy } from "../support/engine-proxy.js";
import { generationOf, ObservedGroup, slotOf } from "../support/observed-group.js";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";

/** Nobody waits that long here: who leads earlier has been handed the office. */
const LONG_TTL = ["--leader-ttl", "60"];

type Member = { readonly id: string; readonly server: RunningServer; readonly client: Connection };

let stage: Stage;
let proxy: EngineProxy;
let events: Awaited<ReturnType<Stage["engine"]["follow"]>>;
let first: Member;
let second: Member;
let web: ObservedGroup;
const members: Member[] = [];

beforeAll(async () => {
  stage = await Stage.setUp();
  proxy = await EngineProxy.start();
  events = await stage.engine.follow();
  web = new ObservedGroup(stage, "web/pair");
  first = await join({ dockerSocket: proxy.socket });
  await until("the first to lead", async () => (await leader()) === first.id);
  second = await join({ flags: LONG_TTL });
  await until("both to be registered", async () => (await stage.store.under("/theseus/servers/")).size === 2);
}, 60_000);

afterAll(async () => {
  for (const { client } of members) client.close();
  events?.close();
  await stage?.strike();
  await proxy?.close();
}, 60_000);

async function join(options: Parameters<Stage["startServer"]>[0]): Promise<Member> {
  const server = await stage.startServer(options);
  const client = connect(server.listeners.grpc);
  const { serverId: id } = await client.theseus.getServerStatus({});
  const member = { id, server, client };
  members.push(member);
  return member;
}

async function leader(): Promise<string | undefined> {
  return (await stage.store.under("/theseus/leader")).get("/theseus/leader");
}

async function scale(at: Member, instances: number): Promise<void> {
  const config = { image: stage.image, instances };
  await at.client.theseus.updateGroup({ group: web.ref, config, updateMask: ["instances"] });
}

async function endpoints(at: Member): Promise<string[]> {
  const { endpoints } = await at.client.discovery.lookup({ target: { $case: "group", value: web.ref } });
  return endpoints.map(({ container }) => container?.name ?? "").sort();
}

describe("two servers on one store", () => {
  it("have one leader, and both name it", async () => {
    expect(await leader()).toBe(first.id);
    for (const { client } of [first, second]) {
      const { leaderId, serverIds } = await client.theseus.getServerStatus({});
      expect(leaderId).toBe(first.id);
      expect([...serverIds].sort()).toEqual([first.id, second.id].sort());
    }
  });

  it("take a change at the one that stands by, and both tell what came of it", async () => {
    const config = { image: stage.image, instances: 2, ports: [{ name: "http", container: 8080 }] };
    await second.client.theseus.createGroup({ group: web.ref, config });
    const names = (await web.ready(2)).map(({ name }) => name).sort();
    for (const member of [first, second]) {
      expect(await until("its lookup to know both", async () => nonEmpty(await endpoints(member), 2))).toEqual(names);
    }
  }, 60_000);

  it("answer every call there is, each of them", async () => {
    for (const [member, name] of [
      [first, "leads"],
      [second, "stands-by"],
    ] as const) {
      await everyCall(member.client, name);
    }
    const isEmpty = async () => (await stage.store.under("/namespaces/")).size === 0;
    await until("what was made by the calls to be gone", isEmpty);
  }, 60_000);

  it("finish a scale-up of which the leader was killed in the middle: exactly as many, none of them twice", async () => {
    const before = await web.ready(2);
    proxy.reset();
    const held = proxy.holdAt(5, "unanswered");
    await scale(second, 8);
    await held;
    await first.server.child.kill9();
    const after = await web.ready(8);
    expect(await leader()).toBe(second.id);
    expect(after.map(slotOf)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(after.slice(0, 2).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    expect((await Promise.all((await web.infos()).map(badAnswers))).flat()).toEqual([]);
    expect(startedTwice()).toEqual([]);
  }, 90_000);

  it("hand the office over at once when the leader is told to stop, which ends with 0 and touches no container", async () => {
    const third = await join({ flags: LONG_TTL });
    const before = await web.inspected();
    await second.server.child.stop();
    expect(await second.server.child.ended).toBe(0);
    await until("the third to lead, long before the second's time is up", async () => (await leader()) === third.id);
    expect((await stage.store.under("/theseus/servers/")).has(`/theseus/servers/${second.id}`)).toBe(false);
    const running = (found: typeof before) => found.map(({ Id, State }) => [Id, State.StartedAt]);
    expect(running(await web.inspected())).toEqual(running(before));
    await scale(third, 3);
    const left = await web.ready(3);
    expect(left.map(({ id }) => id)).toEqual(before.slice(0, 3).map(({ Id }) => Id));
  }, 90_000);
});

/** The first message of a watch that then ends. */
async function watchOnce(discovery: DiscoveryClient, group: ObservedGroup["ref"]) {
  for await (const first of discovery.watch({ target: { $case: "group", value: group } })) return first;
  throw new Error("the watch ended without a word");
}

function nonEmpty<T>(found: T[], count: number): T[] | undefined {
  return found.length === count ? found : undefined;
}

/** Slots and generations that two containers were started for, by what the engine said. */
function startedTwice(): string[] {
  const owners = new Map<string, string>();
  return events.seen
    .filter(({ action, attributes }) => action === "start" && attributes["theseus.labels"] === "pair")
    .flatMap(({ id, attributes: labels }) => {
      const place = `slot ${slotOf({ labels })} generation ${generationOf({ labels })}`;
      const known = owners.get(place) ?? id;
      owners.set(place, known);
      return known === id ? [] : [place];
    });
}

/** All of both services, once, in an order in which each can succeed; that none is missing is a matter of types. */
async function everyCall({ discovery, theseus }: Connection, name: string): Promise<void> {
  const group = { namespace: name, service: "calls", labels: ["a"] };
  const config = { image: stage.image, instances: 0 };
  const inNamespace = { namespace: name };
  const guest = { name: "guest", registrationId: `secret-of-${name}-0123456789` };
  const which = { $case: "name" as const, value: guest.name };
  const { registrationId } = guest;
  const held = { container: { group: { ...group, service: "guests" }, which }, registrationId };
  const calls = {
    createNamespace: () => theseus.createNamespace({ name }),
    getNamespace: () => theseus.getNamespace({ name }),
    listNamespaces: () => theseus.listNamespaces({}),
    createGroup: () => theseus.createGroup({ group, config }),
    updateGroup: () => theseus.updateGroup({ group, config: { ...config, weight: 50 } }),
    applyGroups: () => theseus.applyGroups({ groups: [{ ref: { ...group, labels: ["b"] }, config }] }),
    getGroup: () => discovery.getGroup({ group: web.ref }),
    listGroups: () => discovery.listGroups({ selector: inNamespace }),
    listServices: () => discovery.listServices(inNamespace),
    listContainers: () => discovery.listContainers({ group: web.ref }),
    getContainer: () => discovery.getContainer({ container: { group: web.ref, which: { $case: "slot", value: 1 } } }),
    lookup: () => discovery.lookup({ target: { $case: "group", value: web.ref } }),
    listHosts: () => theseus.listHosts({}),
    getHost: () => theseus.getHost({ name: "local" }),
    getServerStatus: () => theseus.getServerStatus({}),
    getRecovery: () => theseus.getRecovery({}),
    // There is nothing to recover, which is an answer too.
    recover: () =>
      theseus
        .recover({ action: RecoveryAction.ADOPT })
        .catch(({ reason }) => (reason === "INVALID_REQUEST" ? { reason } : reason)),
    backUpStore: async () => {
      const parts = [];
      for await (const part of theseus.backUpStore({})) parts.push(part);
      return parts;
    },
    readLogs: async () => {
      const parts = [];
      for await (const part of theseus.readLogs({ targets: [{ target: { $case: "group", value: web.ref } }] }))
        parts.push(part);
      return parts;
    },
    watch: () => watchOnce(discovery, web.ref),
    acknowledge: async () => {
      const { watchId, cursor } = await watchOnce(discovery, web.ref);
      return discovery.acknowledge({ watchId, cursor }).catch(({ reason }) => ({ reason }));
    },
    register: () => discovery.register({ ...guest, group: { ...group, service: "guests" }, address: "10.1.1.1" }),
    renew: () => discovery.renew(held),
    updateRegistration: () => discovery.updateRegistration({ ...held, weight: 50 }),
    deregister: () => discovery.deregister(held),
    getRollout: () => theseus.getRollout({ group }),
    listRevisions: () => theseus.listRevisions({ group }),
    // A rollout of nothing may be over already, which is an answer too.
    pauseRollout: () => theseus.pauseRollout({ group }).catch(withoutRollout),
    resumeRollout: () => theseus.resumeRollout({ group }).catch(withoutRollout),
    promoteRollout: () => theseus.promoteRollout({ group }).catch(withoutRollout),
    abortRollout: () => theseus.abortRollout({ group }).catch(withoutRollout),
    undoGroup: () => theseus.undoGroup({ group, toRevision: 1n }),
    restartGroup: () => theseus.restartGroup({ group }),
    listEvidence: () => theseus.listEvidence({ group }),
    readEvents: async () => {
      const parts = [];
      for await (const part of theseus.readEvents({ selector: inNamespace })) parts.push(part);
      return parts;
    },
    readStats: async () => {
      const parts = [];
      for await (const part of theseus.readStats({ targets: [{ target: { $case: "group", value: web.ref } }] }))
        parts.push(part);
      return parts;
    },
    removeGroup: () => theseus.removeGroup({ group }),
    removeService: () => theseus.removeService({ ...inNamespace, service: "calls", allGroups: true }),
    removeNamespace: () =>
      until("the namespace to be empty", () => theseus.removeNamespace({ name }).catch(() => undefined)),
  } satisfies Record<keyof DiscoveryClient | keyof TheseusClient, () => Promise<unknown>>;
  for (const [call, ask] of Object.entries(calls)) {
    const answer = await ask().catch((error: unknown) => `${call} failed: ${String(error)}`);
    expect(answer).toEqual(expect.any(Object));
  }
}

function withoutRollout({ reason }: { readonly reason?: unknown }): unknown {
  return reason === "NO_ROLLOUT" || reason === "NO_SUCH_REVISION" ? { reason } : reason;
}

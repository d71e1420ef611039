// Once everything is as asked, nothing is written to the store but heartbeats and nothing on the engine is changed,
// however often the scheduler looks: read from the store's whole history and from every call that reaches the engine.

import { EngineProxy } from "../support/engine-proxy.js";
import { ObservedGroup } from "../support/observed-group.js";
import { newestRevision, type SeenWrite, writesAfter } from "../support/store-history.js";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";
import type { Proof, Report, Size } from "./proof.js";
import { onStage, type Stage } from "./stage.js";

const GROUPS = ["quiet/probed", "quiet/plain"];
const LOOKS = 6;
/** The epoch is written anew each minute, a sweep comes every 30 s. */
const EPOCH_WITHIN_MS = 90_000;
/** The engine says this when we move one of its containers, and of nothing else that is looked for here. */
const OUR_OWN = "update";

type Scene = { readonly stage: Stage; readonly proxy: EngineProxy; readonly groups: readonly ObservedGroup[] };

async function onScene<T>(work: (scene: Scene, server: RunningServer) => Promise<T>): Promise<T> {
  return await onStage(async (stage) => {
    const proxy = await EngineProxy.start();
    try {
      const groups = GROUPS.map((reference) => new ObservedGroup(stage, reference));
      const scene = { stage, proxy, groups };
      const server = await stage.startServer({ dockerSocket: proxy.socket });
      await stage.apply(server, texts(stage));
      for (const group of groups) await group.stable();
      return await work(scene, server);
    } finally {
      await stage.strike();
      await proxy.close();
    }
  });
}

function texts(stage: Stage) {
  const update = { min_healthy_time: "500ms" };
  const config = { image: stage.image, instances: 2, ports: { http: 8080 }, stop: { grace: "1s" }, update };
  const health = { http: { port: "http", path: "/healthz" }, interval: "1s" };
  return Object.fromEntries(GROUPS.map((name, i) => [name, i === 0 ? { ...config, health } : config]));
}

/** Makes the scheduler look at each group so often: a harmless change by hand, of which the engine tells it. */
async function provokeLooks({ stage, proxy, groups }: Scene, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    for (const group of groups) {
      const [one] = await group.containers();
      const before = proxy.listings;
      await stage.engine.json("POST", `/containers/${one?.id}/update`, { CpuShares: 100 + i });
      await until("the scheduler to look", () => proxy.listings > before);
    }
  }
}

/** What happens while `time` passes that is more than a heartbeat; `cases` are the looks at the engine. */
async function watched(scene: Scene, time: () => Promise<void>): Promise<Report> {
  const { stage, proxy } = scene;
  const cluster = await stage.store.clusterId();
  const hosts = await stage.store.under("/theseus/hosts/");
  const from = await newestRevision(stage.etcd);
  const events = await stage.engine.follow();
  proxy.reset();
  await time();
  const writes = await writesAfter(stage.etcd, from);
  events.close();
  const offices = writes.filter(isTakingOffice).length;
  const happened = events.seen
    .filter(({ action, attributes }) => attributes["theseus.cluster"] === cluster && action !== OUR_OWN)
    .map(({ action, attributes }) => `the engine says ${action} of ${attributes["name"]}`);
  return {
    cases: proxy.listings,
    violations: [
      ...proxy.changes.map((call) => `the engine was asked for ${call}`),
      ...happened,
      ...(offices > 1 ? [`${offices} events say that a leader took office`] : []),
      ...writes
        .filter((write) => !isHeartbeat(write, hosts) && !isTakingOffice(write))
        .map(({ key, value }) => `written: ${key} ${value}`),
    ],
  };
}

/** Who is there, the epoch, and of a host nothing but when it was last seen. */
function isHeartbeat({ key, value }: SeenWrite, hosts: Map<string, string>): boolean {
  if (/^\/theseus\/(leader$|servers\/|roster\/|epochs\/)/.test(key)) return true;
  const before = hosts.get(key);
  if (before === undefined || value === undefined) return false;
  return withoutLastSeen(before) === withoutLastSeen(value);
}

/** A server that was started is something from outside, and is told once. */
function isTakingOffice({ key, value }: SeenWrite): boolean {
  if (!key.startsWith("/theseus/events/-/") || value === undefined) return false;
  const { events } = JSON.parse(value) as { events: readonly { kind: string }[] };
  return events.every(({ kind }) => kind === "leader");
}

const withoutLastSeen = (record: string): string => JSON.stringify({ ...JSON.parse(record), last_seen: "" });

async function epochRewritten({ store }: Stage): Promise<void> {
  const text = async () => JSON.stringify([...(await store.under("/theseus/epochs/"))]);
  const before = await text();
  const isAnother = async () => (await text()) !== before;
  await until("the epoch to be written anew", isAnother, { withinMs: EPOCH_WITHIN_MS, everyMs: 1000 });
}

async function nextTerm({ stage, proxy }: Scene, server: RunningServer): Promise<void> {
  await server.child.stop();
  const before = proxy.listings;
  await stage.startServer({ dockerSocket: proxy.socket });
  await until("the next leader to look", () => proxy.listings > before);
}

async function check(size: Size): Promise<Report> {
  return await onScene(async (scene, server) => {
    const { cases, violations } = await watched(scene, async () => {
      if (size === "full") await epochRewritten(scene.stage);
      await provokeLooks(scene, LOOKS);
      await nextTerm(scene, server);
      await provokeLooks(scene, 1);
    });
    const fewest = LOOKS * GROUPS.length;
    const few = cases < fewest ? [`it looked ${cases} times, not ${fewest}`] : [];
    return { cases, violations: [...few, ...violations] };
  });
}

/** One container goes: then there is something to do. */
async function control(): Promise<Report> {
  return await onScene((scene) =>
    watched(scene, async () => {
      const [group] = scene.groups;
      const [one] = (await group?.containers()) ?? [];
      await scene.stage.engine.remove(one?.id ?? "");
      const isReplaced = async () => (await group?.ready(2))?.every(({ id }) => id !== one?.id);
      await until("another one in its place", isReplaced);
    }),
  );
}

export const quiet: Proof = { name: "quiet", check, control };

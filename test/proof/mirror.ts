// Moving house: what a server with the embedded store has made is copied by `etcdctl make-mirror` into an empty etcd, and
// a server on the copy takes it up without touching one container. Keys arrive there with new revisions and without
// leases.

import { Child } from "../support/child.js";
import { freePort } from "../support/free-port.js";
import { startEtcd, type TestEtcd } from "../support/start-etcd.js";
import { type RunningServer, startServer } from "../support/theseus.js";
import { until } from "../support/until.js";
import { untilKept } from "./kept.js";
import { contradictions, type Held, held, labelOf, leasedKeys, takenForRestored, touched } from "./mirrored.js";
import { badAnswers, ObservedStore } from "./observed-store.js";
import type { Proof, Report, Size } from "./proof.js";
import { type GroupText, onStage, type Stage } from "./stage.js";

const SLOW = { withinMs: 60_000, everyMs: 100 };
const FLAGS = ["--leader-ttl", "2", "--listen-http", "off"];
const FIRST = "web/dev";
const NAMESPACE = "shop";
const PROBE = "probe/dev";
const FIXED = "fixed/dev";

type House = { readonly stage: Stage; readonly etcd: TestEtcd };

/** Group -> instances, besides the one in a namespace of its own. */
const GROUPS: Readonly<Record<Size | "control", Readonly<Record<string, number>>>> = {
  control: { [FIRST]: 1 },
  small: { [FIRST]: 1, [FIXED]: 1 },
  full: { [FIRST]: 6, [FIXED]: 1, "api/dev,eu": 8, "api/prod": 4, "empty/dev": 0, "jobs/-": 6 },
};

async function onHouse<T>(work: (house: House) => Promise<T>): Promise<T> {
  return await onStage(
    async (stage) => {
      const etcd = await startEtcd({ detached: true });
      try {
        return await work({ stage, etcd });
      } finally {
        await removeOfAnotherCluster(stage, etcd);
        await etcd.stop();
      }
    },
    { kind: "embedded" },
  );
}

/** What a server on a bad copy has made is no business of the stage's. */
async function removeOfAnotherCluster({ engine, store }: Stage, etcd: TestEtcd): Promise<void> {
  const cluster = await new ObservedStore(etcd).clusterId();
  if (cluster === undefined || cluster === (await store.clusterId())) return;
  for (const { id } of await engine.containers(["theseus.cluster", cluster])) await engine.remove(id);
}

/** @param host a port of the machine, where it is to be a fixed one. */
function text(stage: Stage, instances: number, host?: number): GroupText {
  const port = host === undefined ? 8080 : { container: 8080, host };
  return {
    image: stage.image,
    instances,
    ports: { http: port },
    stop: { grace: "1s" },
    update: { min_healthy_time: "500ms" },
  };
}

/** Makes the groups, and some history, and waits until nothing is left to do. */
async function furnish(stage: Stage, server: RunningServer, size: Size | "control"): Promise<Held[]> {
  const groups = GROUPS[size];
  const fixed = await freePort();
  const texts = Object.entries(groups).map(([name, count]) => [
    name,
    text(stage, count, name === FIXED ? fixed : undefined),
  ]);
  const inNamespace = async () => {
    if (size === "control") return;
    await stage.theseus(server, "namespace", "create", NAMESPACE);
    await stage.apply(server, { "web/dev": text(stage, 1) }, "-n", NAMESPACE);
  };
  await Promise.all([stage.apply(server, Object.fromEntries(texts)), inNamespace()]);
  // Slots whose generation is above one, so that a record that starts again would be seen.
  if (size !== "control") await stage.theseus(server, "update", FIRST, "--env", "ROUND=2");
  const count = Object.values(groups).reduce((sum, instances) => sum + instances, size === "control" ? 0 : 1);
  await untilKept(stage, count);
  return await held(stage.engine, (await stage.store.clusterId()) ?? "");
}

/** Copies everything under the prefix, and returns once both stores have the same. */
async function copyAll({ stage, etcd }: House, prefix: string): Promise<void> {
  const [from, to] = [stage.kept.endpoint, etcd.endpoint].map((endpoint) => endpoint.replace("http://", ""));
  const args = ["--endpoints", from ?? "", "make-mirror", "--prefix", prefix, to ?? ""];
  const copying = new Child("etcdctl", args, { env: { ETCDCTL_API: "3" } });
  try {
    const [source, target] = [stage.store, new ObservedStore(etcd)];
    const isComplete = async () => {
      const [here, there] = await Promise.all([source.under(prefix || "/"), target.under(prefix || "/")]);
      return here.size > 0 && JSON.stringify([...here]) === JSON.stringify([...there]);
    };
    await until("the copy to be complete", isComplete, SLOW);
  } catch (error) {
    throw new Error(`make-mirror: ${copying.stdout}${copying.stderr}`, { cause: error });
  } finally {
    await copying.kill9();
  }
}

type Moved = { readonly server: RunningServer; readonly before: readonly Held[]; readonly violations: string[] };

/** Groups on the embedded store, the copy, and a server on it that has looked at everything. */
async function move(house: House, size: Size | "control", prefix: string): Promise<Moved> {
  const { stage, etcd } = house;
  const first = await stage.startServer();
  const before = await furnish(stage, first, size);
  await copyAll(house, prefix);
  await first.child.stop();
  const events = await stage.engine.follow();
  const isVoid = [...(await leasedKeys(etcd))].filter(([, { isLeased }]) => !isLeased).length;
  const server = await startServer({ etcd: etcd.endpoint, flags: FLAGS });
  try {
    const late =
      prefix === "" && isVoid < 2 ? [`${isVoid} keys came without their lease, not 2: nothing is tried`] : [];
    const wrong = await afterMoving({ stage, etcd }, server, before);
    const cluster = await stage.store.clusterId();
    const happened = events.seen
      .filter(({ action, attributes }) => attributes["theseus.cluster"] === cluster && !/^(exec|health)/.test(action))
      .filter(({ attributes }) => attributes["theseus.service"] !== PROBE.split("/")[0])
      .map(({ action, attributes }) => `the engine says ${action} of ${attributes["name"]}`);
    return { server, before, violations: [...late, ...wrong, ...happened] };
  } catch (error) {
    await server.child.kill9();
    throw error;
  } finally {
    events.close();
  }
}

async function afterMoving({ stage, etcd }: House, server: RunningServer, before: readonly Held[]): Promise<string[]> {
  // A group of its own shows that it is in office and at work.
  await stage.apply(server, { [PROBE]: text(stage, 1) });
  const now = await held(stage.engine, (await stage.store.clusterId()) ?? "");
  const leased = await leasedKeys(etcd);
  const leader = leased.get("/theseus/leader")?.value ?? "";
  const without = [...leased].filter(([, { isLeased }]) => !isLeased).map(([key]) => `${key} has no lease, and stays`);
  const servers = [...leased.keys()].filter((key) => key.startsWith("/theseus/servers/"));
  return [
    ...touched(before, now),
    ...(now.length === before.length + 1
      ? []
      : [`${now.length - before.length} containers of the cluster are new, not 1`]),
    ...(await contradictions(etcd, now)),
    ...without,
    ...(servers.join() === `/theseus/servers/${leader}` ? [] : [`leader is ${leader}, servers are ${servers}`]),
    ...(await takenForRestored(etcd)),
  ];
}

/** One more container, then another environment: both are carried out as ever, and only there. */
async function changeOn({ stage, etcd }: House, { server, before }: Moved): Promise<string[]> {
  const cluster = (await stage.store.clusterId()) ?? "";
  const present = await held(stage.engine, cluster);
  const isFirst = (one: Held) => labelOf(one, "namespace") === "default" && labelOf(one, "service") === "web";
  const count = before.filter(isFirst).length;
  await stage.theseus(server, "scale", FIRST, String(count + 1));
  const scaled = await held(stage.engine, cluster);
  const added = scaled.length - present.length;
  await stage.theseus(server, "update", FIRST, "--env", "ROUND=3");
  const updated = await until("the old ones to be gone", () => settled(stage, cluster, scaled.length), SLOW);
  const same = scaled.filter(isFirst).filter(({ id }) => updated.some((now) => now.id === id));
  const others = before.filter((one) => !isFirst(one));
  const bad = await Promise.all((await new ObservedStore(etcd).infos("/")).map(badAnswers));
  const ports = updated.flatMap(({ hostPorts }) => hostPorts);
  return [
    ...touched(before, scaled).map((change) => `scaled: ${change}`),
    ...(added === 1 ? [] : [`scaled: ${added} containers more`]),
    ...same.map(({ name }) => `updated: ${name} is as it was`),
    ...touched(others, updated).map((change) => `updated: ${change}`),
    ...notNewer(scaled.filter(isFirst), updated.filter(isFirst)),
    ...(new Set(ports).size === ports.length ? [] : [`a host port was given twice: ${ports}`]),
    ...(await contradictions(etcd, updated)),
    ...bad.flat(),
  ];
}

async function settled(stage: Stage, cluster: string, count: number): Promise<Held[] | undefined> {
  const found = await held(stage.engine, cluster).catch(() => []);
  return found.length === count ? found : undefined;
}

function notNewer(before: readonly Held[], after: readonly Held[]): string[] {
  const last = new Map(before.map((one) => [labelOf(one, "slot"), Number(labelOf(one, "generation"))]));
  return after
    .filter((one) => Number(labelOf(one, "generation")) <= (last.get(labelOf(one, "slot")) ?? 0))
    .map(({ name }) => `${name} has a generation that its slot has had`);
}

async function check(size: Size): Promise<Report> {
  return await onHouse(async (house) => {
    const moved = await move(house, size, "");
    try {
      const groups = new Set(moved.before.map((one) => labelOf(one, "group-uid"))).size;
      console.error(`mirror: ${groups} groups with ${moved.before.length} containers moved`);
      const fewest = size === "full" ? 26 : 3;
      const few = moved.before.length < fewest ? [`only ${moved.before.length} containers, not ${fewest}`] : [];
      const violations = [...few, ...moved.violations, ...(await changeOn(house, moved))];
      return { cases: moved.before.length, violations };
    } finally {
      await moved.server.child.kill9();
    }
  });
}

/** Only what discovery needs is copied: another cluster, that knows no slot. */
async function control(): Promise<Report> {
  return await onHouse(async (house) => {
    const { server, before, violations } = await move(house, "control", "/services");
    await server.child.kill9();
    return { cases: before.length, violations };
  });
}

export const mirror: Proof = { name: "mirror", check, control };

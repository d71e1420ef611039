// One pass of the planner over one changed group among 1,000 groups with 10,000 containers: from the mirror that has just
// taken the change to the plan, with a look for room on every host. In milliseconds of CPU.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createFold } from "../../src/catalog/fold.js";
import { reservationsIn } from "../../src/catalog/reservations.js";
import type { Intent, ObservedContainer } from "../../src/model/container.js";
import type { HostRecord } from "../../src/model/host.js";
import { hostView } from "../../src/model/host-view.js";
import type { Group } from "../../src/model/plan.js";
import { groupId, groupRef } from "../../src/model/reference.js";
import type { EntryAt } from "../../src/model/store.js";
import { plan } from "../../src/planner/plan.js";
import { Holdings } from "../../src/scheduler/holdings.js";
import { placeOf } from "../../src/scheduler/host-holdings.js";
import { othersOn } from "../../src/scheduler/others.js";
import { aGroup, aHostRecord, changed, NOW, ready, situation } from "../support/builders.js";
import { type Bench, type Figure, once } from "./bench.js";

const GROUPS = 1000;
const EACH = 10;
const HOSTS = 10;
/** Containers whose intents the change has written too, each on another host. */
const CHANGED = 4;
const WARM_UP = 1000;
const PASSES = 1000;

type Fleet = {
  readonly groups: readonly { readonly old: Group; readonly parts: readonly ReturnType<typeof ready>[] }[];
  readonly hosts: readonly HostRecord[];
  readonly ours: readonly ObservedContainer[];
  readonly fold: ReturnType<typeof createFold>;
  readonly holdings: Holdings;
};

function aFleet(): Fleet {
  const hosts = Array.from({ length: HOSTS }, (_, i) => aHostRecord({ name: `h${i}`, cpu: 10_000, mem: 2 ** 50 }));
  const fold = createFold();
  const groups = Array.from({ length: GROUPS }, (_, i) => {
    const ref = groupRef(`service-${i}`, ["bench"]);
    const ports = [{ name: "http", container: 80 }];
    const old = aGroup({ ref, uid: `u${i}`, instances: EACH, cpu: 0.1, mem: 1024, ports });
    const parts = Array.from({ length: EACH }, (_, slot) => {
      const number = i * EACH + slot;
      const intent = { host: `h${number % HOSTS}`, hostPorts: { http: 20_000 + Math.floor(number / HOSTS) } };
      return ready(old, slot + 1, { intent, container: { made: { image: "web:1", hostPorts: intent.hostPorts } } });
    });
    fold.put(configEntry(old));
    for (const { intent } of parts) fold.put(intentEntry(old, intent));
    return { old, parts };
  });
  return {
    groups,
    hosts,
    fold,
    holdings: new Holdings(),
    ours: groups.flatMap(({ parts }) => parts.map(({ container }) => container)),
  };
}

const configEntry = ({ ref, record }: Group): EntryAt => ({
  key: `c ${ref.service}`,
  entry: { kind: "config", ref, record },
  modRevision: BigInt(record.configRevision),
});

const intentEntry = ({ ref }: Group, intent: Intent): EntryAt => ({
  key: `i ${intent.name}`,
  entry: { kind: "intent", ref: { ...ref, name: intent.name }, intent },
  modRevision: 1n,
});

/** How many actions the plan has; every host is looked at for room. */
function pass({ groups, hosts, ours, fold, holdings }: Fleet, number: number): number {
  const one = groups[number % GROUPS];
  if (one === undefined) throw new Error("there are no groups");
  const next = changed(one.old, { image: `web:${number + 2}` });
  fold.put(configEntry(next));
  for (const { intent } of one.parts.slice(0, CHANGED)) fold.put(intentEntry(next, { ...intent }));
  holdings.take(reservationsIn(fold.view(BigInt(number + 2))));
  const listing: Listing = { engineId: "E", ours, strangers: [] };
  const id = groupId(next.ref);
  const group = { id, places: one.parts.map(({ intent }) => placeOf(id, intent)) };
  const views = hosts.map((host) => {
    const others = () => othersOn({ holdings: holdings.on(host.name), listing: onHost(listing, host.name), group });
    return hostView(host, { now: NOW, others });
  });
  const { actions } = plan(situation(next, one.parts, { hosts: views, rollouts: { rollouts: [] } }));
  return actions.length;
}

type Listing = { readonly engineId: string; readonly ours: readonly ObservedContainer[]; readonly strangers: [] };
const listings = new Map<string, Listing>();

/** What an engine has listed stays the same from one pass to the next. */
function onHost({ engineId, ours, strangers }: Listing, host: string): Listing {
  const listing = listings.get(host) ?? { engineId, strangers, ours: ours.filter((one) => one.host === host) };
  listings.set(host, listing);
  return listing;
}

/** After everything that nobody holds is gone. */
const megabytes = (): number => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
};

const measured = once(async () => {
  const fleet = aFleet();
  for (let number = 0; number < WARM_UP; number++) pass(fleet, number);
  const before = megabytes();
  const begun = process.cpuUsage();
  let actions = 0;
  for (let number = 0; number < PASSES; number++) actions += pass(fleet, WARM_UP + number);
  const { user, system } = process.cpuUsage(begun);
  if (actions < PASSES) throw new Error(`${actions} actions in ${PASSES} passes`);
  const detail = {
    containers: GROUPS * EACH,
    groups: GROUPS,
    passes: PASSES,
    actions,
    grown_mb: Math.round((megabytes() - before) * 10) / 10,
  };
  return { milliseconds: (user + system) / 1000 / PASSES, detail };
});

const measure = async (): Promise<Figure> => {
  const { milliseconds, detail } = await measured();
  return { ratio: milliseconds, detail };
};

export const plannerPass: Bench = { name: "planner-pass", unit: "cpu_ms", limit: { atMost: 5 }, measure };

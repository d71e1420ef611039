// What Docker and a store have of the same containers, and where the two differ from what was before. Reads the engine and
// etcdctl alone.

import type { ObservedEngine, SeenContainer } from "../support/observed-engine.js";
import type { TestEtcd } from "../support/start-etcd.js";
import { ObservedStore, type SeenInfo } from "./observed-store.js";

type Bindings = Readonly<Record<string, readonly { readonly HostPort: string }[] | null>>;
type Inspected = {
  readonly RestartCount: number;
  readonly State: { readonly Running: boolean; readonly StartedAt: string };
  readonly HostConfig: { readonly RestartPolicy: { readonly Name: string } };
  readonly NetworkSettings: { readonly Ports: Bindings };
};

/** One container as the engine has it. */
export type Held = SeenContainer & {
  /** Everything that must not change while it is the same run of the same container. */
  readonly run: string;
  readonly hostPorts: readonly number[];
};

/** Every container of the cluster. */
export async function held(engine: ObservedEngine, cluster: string): Promise<Held[]> {
  const seen = await engine.containers(["theseus.cluster", cluster]);
  return await Promise.all(
    seen.map(async (container) => {
      const inspected = await engine.json<Inspected>("GET", `/containers/${container.id}/json`);
      const { RestartCount, State, HostConfig, NetworkSettings } = inspected;
      const run = [State.Running, State.StartedAt, RestartCount, HostConfig.RestartPolicy.Name].join(" ");
      const bound = Object.values(NetworkSettings.Ports).flatMap((bindings) => bindings ?? []);
      return { ...container, run, hostPorts: bound.map(({ HostPort }) => Number(HostPort)).sort() };
    }),
  );
}

/** What became of each. */
export function touched(before: readonly Held[], after: readonly Held[]): string[] {
  const now = new Map(after.map((container) => [container.id, container]));
  return before.flatMap(({ id, name, run }) => {
    const same = now.get(id);
    if (same === undefined) return [`${name} is gone`];
    return same.run === run ? [] : [`${name} was ${run} and is ${same.run}`];
  });
}

export const labelOf = ({ labels }: SeenContainer, name: string): string => labels[`theseus.${name}`] ?? "";

/** Where the store tells something else of these containers than the engine does. */
export async function contradictions(etcd: TestEtcd, containers: readonly Held[]): Promise<string[]> {
  const store = new ObservedStore(etcd);
  const infos = new Map([...(await store.infos("/")).values()].map((info) => [info.name, info]));
  const slots = await store.under("/theseus/slots/");
  const known = new Set(containers.map(({ name }) => name));
  const others = [...infos.keys()].filter((name) => !known.has(name)).map((name) => `the store tells of ${name}`);
  return [...others, ...containers.flatMap((one) => [...toldWrongly(one, infos.get(one.name)), ...slotOf(one, slots)])];
}

function toldWrongly({ name, hostPorts }: Held, info: SeenInfo | undefined): string[] {
  if (info === undefined) return [`the store tells nothing of ${name}`];
  const ports = Object.values(info.port_mappings ?? {}).map(({ external }) => external);
  if (ports.sort().join() !== hostPorts.join()) return [`${name} is told with ports ${ports}, Docker has ${hostPorts}`];
  return info.state === "ready" ? [] : [`${name} is told as ${info.state}`];
}

function slotOf(container: Held, slots: ReadonlyMap<string, string>): string[] {
  const key = `/theseus/slots/${labelOf(container, "namespace")}/${labelOf(container, "group-uid")}`;
  const record = JSON.parse(slots.get(key) ?? "{}") as { slots?: Record<string, { generation: number }> };
  const generation = record.slots?.[labelOf(container, "slot")]?.generation;
  const own = labelOf(container, "generation");
  return String(generation) === own ? [] : [`${container.name} has generation ${own}, its slot's record ${generation}`];
}

type RawKey = { readonly key: string; readonly value?: string; readonly lease?: number };

/** Keys that are worth nothing without a lease, by key: their value, and whether they have one. */
export async function leasedKeys(etcd: TestEtcd): Promise<Map<string, { value: string; isLeased: boolean }>> {
  const text = (base64 = "") => Buffer.from(base64, "base64").toString();
  const found = ["/theseus/leader", "/theseus/servers/"].map(async (prefix) => {
    const { kvs = [] } = JSON.parse(await etcd.ctl("get", "--prefix", prefix, "-w", "json")) as { kvs?: RawKey[] };
    return kvs.map(({ key, value, lease }) => [text(key), { value: text(value), isLeased: Boolean(lease) }] as const);
  });
  return new Map((await Promise.all(found)).flat());
}

/** Signs that a server has taken this store for one that was restored from a backup. */
export async function takenForRestored(etcd: TestEtcd): Promise<string[]> {
  const store = new ObservedStore(etcd);
  const epochs = [...(await store.under("/theseus/epochs/"))];
  const strange = epochs.filter(([, value]) => (JSON.parse(value) as { leader?: boolean }).leader !== true);
  const recovery = [...(await store.under("/theseus/recovery")).keys()];
  return [
    ...strange.map(([key]) => `${key}: history was found to have changed`),
    ...recovery.map((key) => `${key}: there is something to recover`),
  ];
}

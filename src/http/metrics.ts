// What is measured, and its form for Prometheus. The library is loaded by the first reader or soon after the start,
// not before the server answers; what happens until then is kept and added.

import type { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Catalog, GroupEntry } from "../model/catalog.js";
import { groupStatus, wantedInstances } from "../model/group-status.js";
import { encodeLabels } from "../model/labels.js";

/** One ended call of any kind: an RPC with its code, a call of the store or an engine with "ok" or a reason. */
export type Measured = {
  readonly kind: "rpc" | "store" | "engine";
  readonly method: string;
  readonly outcome: string;
  readonly milliseconds: number;
};

export interface Metrics {
  observe(call: Measured): void;
  /** The whole page, and its content type. */
  page(): Promise<{ readonly text: string; readonly contentType: string }>;
}

/** Calls kept before the library is there; more than that in the first moments are counted as one. */
const MOST_KEPT = 10_000;
const BUCKETS = [0.001, 0.005, 0.02, 0.1, 0.5, 1, 2.5, 5, 10, 60];
const KINDS = {
  rpc: "gRPC calls that this server answered",
  store: "calls of the store",
  engine: "calls of Docker Engines",
} as const;

export function createMetrics(catalog: Pick<Catalog, "view" | "cursor" | "age">): Metrics {
  let kept: Measured[] = [];
  let loaded: Meters | undefined;
  let loading: Promise<Meters> | undefined;
  const load = (): Promise<Meters> => {
    loading ??= import("prom-client").then((library) => {
      loaded = meters(library, catalog);
      for (const call of kept) count(loaded, call);
      kept = [];
      return loaded;
    });
    return loading;
  };
  return {
    observe: (call) => {
      if (loaded !== undefined) count(loaded, call);
      else if (kept.length < MOST_KEPT) kept.push(call);
    },
    page: async () => {
      const { registry } = await load();
      return { text: await registry.metrics(), contentType: registry.contentType };
    },
  };
}

type Library = typeof import("prom-client");
type Meters = {
  readonly registry: Registry;
  readonly calls: Readonly<Record<Measured["kind"], Counter>>;
  readonly seconds: Readonly<Record<Measured["kind"], Histogram>>;
};

function count({ calls, seconds }: Meters, { kind, method, outcome, milliseconds }: Measured): void {
  calls[kind].inc({ method, outcome });
  seconds[kind].observe({ method }, milliseconds / 1000);
}

function meters(library: Library, catalog: Pick<Catalog, "view" | "cursor" | "age">): Meters {
  const registry = new library.Registry();
  library.collectDefaultMetrics({ register: registry });
  groupGauges(library, registry, catalog);
  ageGauge(library, registry, catalog);
  const counter = (kind: Measured["kind"]): Counter =>
    new library.Counter({
      name: `theseus_${kind}_calls_total`,
      help: `Number of ${KINDS[kind]}`,
      labelNames: ["method", "outcome"],
      registers: [registry],
    });
  const histogram = (kind: Measured["kind"]): Histogram =>
    new library.Histogram({
      name: `theseus_${kind}_call_seconds`,
      help: `Seconds taken by ${KINDS[kind]}`,
      labelNames: ["method"],
      buckets: BUCKETS,
      registers: [registry],
    });
  return {
    registry,
    calls: { rpc: counter("rpc"), store: counter("store"), engine: counter("engine") },
    seconds: { rpc: histogram("rpc"), store: histogram("store"), engine: histogram("engine") },
  };
}

function groupGauges({ Gauge }: Library, registry: Registry, catalog: Pick<Catalog, "view" | "cursor">): void {
  const gauge = (name: string, help: string, measure: (group: GroupEntry) => number | undefined): void => {
    const made: Gauge = new Gauge({
      name,
      help,
      labelNames: ["namespace", "service", "labels"],
      registers: [registry],
      collect: () => {
        made.reset();
        for (const group of catalog.cursor() === undefined ? [] : catalog.view().groups()) {
          const { namespace, service, labels } = group.ref;
          const value = measure(group);
          if (value !== undefined) made.set({ namespace, service, labels: encodeLabels(labels) }, value);
        }
      },
    });
  };
  gauge("theseus_group_wanted", "Containers that a group asks for", ({ record }) => wantedInstances(record));
  gauge("theseus_group_ready", "Containers of a group that are ready", readyIn);
}

/** Which of them are outdated is not asked here, so nothing is hashed for it. */
function readyIn({ record, containers }: GroupEntry): number {
  return groupStatus({ record, containers, attention: [], fingerprint: "" }).ready;
}

function ageGauge({ Gauge }: Library, registry: Registry, catalog: Pick<Catalog, "cursor" | "age">): void {
  const age: Gauge = new Gauge({
    name: "theseus_catalog_age_seconds",
    help: "How long ago the store was last heard from",
    registers: [registry],
    collect: () => {
      if (catalog.cursor() !== undefined) age.set(catalog.age() / 1000);
    },
  });
}

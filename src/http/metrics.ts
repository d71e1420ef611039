// What is measured, and its form for Prometheus. The library is loaded by the first reader or soon after the start,
// not before the server answers; calls are counted without it.

import type { Gauge, Registry } from "prom-client";
import type { Catalog, GroupEntry } from "../model/catalog.js";
import { groupStatus, wantedInstances } from "../model/group-status.js";
import { encodeLabels } from "../model/labels.js";
import { Tallies } from "./tallies.js";

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

export function createMetrics(catalog: Pick<Catalog, "view" | "cursor" | "age">): Metrics {
  const tallies: Readonly<Record<Measured["kind"], Tallies>> = {
    rpc: new Tallies("rpc", "gRPC calls that this server answered"),
    store: new Tallies("store", "calls of the store"),
    engine: new Tallies("engine", "calls of Docker Engines"),
  };
  let loading: Promise<Registry> | undefined;
  return {
    observe: ({ kind, method, outcome, milliseconds }) => tallies[kind].count(method, outcome, milliseconds),
    page: async () => {
      loading ??= import("prom-client").then((library) => gauges(library, catalog));
      const registry = await loading;
      const calls = Object.values(tallies).map((tally) => tally.page());
      return { text: [await registry.metrics(), ...calls].join("\n"), contentType: registry.contentType };
    },
  };
}

type Library = typeof import("prom-client");

function gauges(library: Library, catalog: Pick<Catalog, "view" | "cursor" | "age">): Registry {
  const registry = new library.Registry();
  library.collectDefaultMetrics({ register: registry });
  groupGauges(library, registry, catalog);
  ageGauge(library, registry, catalog);
  return registry;
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

// Rows as the gateway sends them to a page, for tests of the page's pure parts.

import type { ContainerRow, GroupRow, HostRow, RolloutRow, Truth } from "../../clients/viewer/wire.js";

export function groupRow(ref: string, more: Partial<GroupRow> = {}): GroupRow {
  const ns = more.ns ?? "default";
  const [service = "", labels = ""] = ref.split("/");
  return {
    ns,
    ref,
    id: `${ns} ${ref}`,
    service,
    labels: labels === "-" ? [] : labels.split(","),
    rev: 1,
    image: `registry.example/${service}:1`,
    pinned: "",
    wanted: 1,
    ready: 1,
    old: 0,
    state: "steady",
    attention: [],
    created: 1,
    last: { actor: "ana@laptop", message: "", time: 1 },
    rollout: null,
    ...more,
  };
}

export function containerRow(ref: string, slot: number, more: Partial<ContainerRow> = {}): ContainerRow {
  const ns = more.ns ?? "default";
  const name = more.name ?? `${ref.replaceAll(/[/,]/g, ".")}.${slot}`;
  return {
    ns,
    ref,
    id: `${ns} ${ref} ${name}`,
    group: `${ns} ${ref}`,
    name,
    slot,
    generation: 1,
    rev: 1,
    state: "ready",
    phase: "running",
    origin: "managed",
    host: "node-a",
    address: "10.0.0.1",
    port: 31_000 + slot,
    since: 1,
    problem: "",
    ...more,
  };
}

export const hostRow = (name: string, more: Partial<HostRow> = {}): HostRow => ({
  name,
  state: "ready",
  address: "10.0.0.1",
  engine: "27.3.1",
  labels: [],
  cpu: 16,
  mem: 64 * 1_073_741_824,
  cpuReserved: 0,
  memReserved: 0,
  containers: 0,
  seen: 1,
  problem: "",
  ...more,
});

export const rolloutRow = (more: Partial<RolloutRow> = {}): RolloutRow => ({
  id: "r-2",
  from: 1,
  to: 2,
  state: "running",
  order: "start-first",
  maxParallel: 1,
  wanted: 3,
  readyNew: 1,
  readyOld: 2,
  promised: 3,
  started: 1,
  deadline: 2,
  ended: 0,
  change: { actor: "ana@laptop", message: "", time: 1 },
  pause: "",
  failure: null,
  rollbackRev: 0,
  rollbackOf: 0,
  supersededBy: 0,
  ...more,
});

export const truthOf = (more: Partial<Truth> = {}): Truth => ({
  state: "ok",
  since: 1,
  revision: "1",
  asOf: 1,
  server: "127.0.0.1:7700",
  version: "0.1.0",
  leader: "a",
  servers: ["a"],
  problems: [],
  now: 1,
  ...more,
});

// A fleet on paper: groups in every state that there is, told by name, and behind them as many quiet ones as make up the
// number. The same each time.

import type { ContainerState } from "../../../src/model/container.js";
import type { Change } from "../../../src/model/group.js";
import { MINUTE } from "../../../src/model/instant.js";
import { labelSet } from "../../../src/model/labels.js";
import type { GroupRef } from "../../../src/model/reference.js";
import type { RolloutState } from "../../../src/model/rollout.js";

/** How a group stands. */
export type Kind =
  | "steady"
  | "failing"
  | "rolling"
  | "paused"
  | "rolling-back"
  | "rolled-back"
  | "rollback-failed"
  | "aborted"
  | "superseded"
  | "degraded"
  | "starting"
  | "removing"
  | "unknown"
  | "draining"
  | "registered";

export type SeededGroup = {
  readonly ref: GroupRef;
  readonly uid: string;
  readonly size: number;
  readonly kind: Kind;
  readonly image: string;
  readonly rev: number;
  readonly change: Change;
  /** The first host of its containers; they go round from there. */
  readonly firstHost: number;
};

export const HOSTS = 50;
export const SILENT_HOST = 12;
export const hostName = (index: number): string => `node-${String((index % HOSTS) + 1).padStart(2, "0")}`;

type Told = readonly [service: string, labels: string, size: number, kind: Kind, image: string];

const TOLD: readonly Told[] = [
  ["web", "frontend,prod", 6, "rolling", "shop-web:2.4.1"],
  ["web", "dev", 1, "failing", "shop-web:2.5.0-rc1"],
  ["web", "canary,prod", 1, "steady", "shop-web:2.5.0"],
  ["cassandra", "", 3, "steady", "cassandra:4.1.5"],
  ["haproxy", "", 2, "degraded", "haproxy:2.9.7"],
  ["billing", "prod,zone=eu-1", 4, "paused", "registry.internal:5000/billing/api:2026.11.3"],
  ["billing", "dev", 2, "rolled-back", "registry.internal:5000/billing/api:2026.11.4"],
  ["search", "prod", 8, "rolling-back", "search:9.1"],
  ["mail", "prod", 3, "rollback-failed", "mail-out:41"],
  ["queue", "prod", 3, "superseded", "queue:3.13"],
  ["report", "nightly", 2, "aborted", "report:7"],
  ["cache", "prod", 5, "starting", "valkey:8.0"],
  ["legacy-import", "dev", 2, "removing", "importer:0.9"],
  ["sessions", "prod", 4, "unknown", "sessions:12"],
  ["gateway", "prod", 4, "draining", "gateway:5.2"],
  ["payments", "external", 3, "registered", ""],
];

const LABELS = ["prod", "dev", "frontend,prod", "backend,prod", "batch,nightly", "canary,prod", "prod,zone=eu-1"];
const WORDS = ["orders", "stock", "prices", "images", "users", "audit", "export", "ledger", "rates", "notify"];
const ACTORS = ["ana@desk-7", "ci/gh-8841@runner-2", "theseus", "ben@laptop"];
/** Of the quiet ones; in all a hundred containers for ten groups. */
const SIZES = [1, 3, 6, 10, 10, 20, 20, 3, 7, 20];

/** @param containers how many in all. */
export function fleet(containers: number, now: number): readonly SeededGroup[] {
  const told = TOLD.map((one, index) => toldGroup(one, index, now));
  let left = containers - told.reduce((sum, { size, kind }) => sum + size + (kind === "rolling" ? 1 : 0), 0);
  const quiet: SeededGroup[] = [];
  for (let index = 0; left > 0; index++) {
    const size = Math.min(left, SIZES[index % SIZES.length] ?? 1);
    quiet.push(quietGroup(index, size, now));
    left -= size;
  }
  return [...told, ...quiet];
}

function toldGroup([service, labels, size, kind, image]: Told, index: number, now: number): SeededGroup {
  const ref = { namespace: "default", service, labels: labelSet(labels === "" ? [] : labels.split(",")) };
  const change = { command: "theseus apply -f shop.yaml", time: now - (2 + 7 * index) * MINUTE };
  return {
    ...{ ref, size, kind, image, rev: 42, uid: `told${String(index).padStart(8, "0")}`, firstHost: 3 * index },
    change: { ...change, actor: ACTORS[index % 2] ?? "", message: index === 0 ? "raise memory, OPS-311" : "" },
  };
}

function quietGroup(index: number, size: number, now: number): SeededGroup {
  const service = `${WORDS[index % WORDS.length]}-${String(Math.floor(index / 20) + 1)}`;
  const namespace = index % 10 < 8 ? "default" : index % 10 === 8 ? "lab" : "shop";
  // Twenty groups of each word and number have labels of their own.
  const labels = labelSet([...(LABELS[index % LABELS.length] ?? "prod").split(","), `team-${index % 20}`]);
  return {
    ref: { namespace, service, labels },
    ...{ uid: `quiet${String(index).padStart(7, "0")}`, size, kind: "steady", rev: 1 + (index % 60), firstHost: index },
    image: `registry.internal:5000/${service}:${1 + (index % 4)}.${index % 30}`,
    change: {
      ...{ actor: ACTORS[index % ACTORS.length] ?? "", command: "theseus apply", message: index % 3 ? "" : "weekly" },
      time: now - (60 + 13 * index) * MINUTE,
    },
  };
}

/** What its newest rollout came to; undefined: none is kept. */
export const rolloutStates: Readonly<Record<Kind, RolloutState | undefined>> = {
  steady: "done",
  failing: "failed",
  rolling: "running",
  paused: "paused",
  "rolling-back": "rolling_back",
  "rolled-back": "rolled_back",
  "rollback-failed": "rollback_failed",
  aborted: "aborted",
  superseded: "superseded",
  degraded: "done",
  starting: "running",
  removing: "done",
  unknown: "done",
  draining: "done",
  registered: undefined,
};

const MIXED: readonly Kind[] = ["rolling", "paused", "rolling-back", "rollback-failed"];

/** The config revision of a slot's container, and its state. */
export function containerOf({ kind, rev, size }: SeededGroup, slot: number): { rev: number; state: ContainerState } {
  const isFirstHalf = slot <= Math.ceil(size / 2);
  const of = MIXED.includes(kind) && !isFirstHalf ? rev - 1 : rev;
  return { rev: of, state: stateOf(kind, slot, { isFirstHalf, isLast: slot === size }) };
}

/** Of the group that rolls: its old container serves until the new one does, which starts on another host. */
export const SLOT_THAT_MOVES = 3;

type Place = { readonly isFirstHalf: boolean; readonly isLast: boolean };

function stateOf(kind: Kind, slot: number, { isFirstHalf, isLast }: Place): ContainerState {
  switch (kind) {
    case "failing":
    case "rollback-failed":
      return slot === 1 ? "failed" : "ready";
    case "rolling":
      return slot === SLOT_THAT_MOVES ? "starting" : "ready";
    case "starting":
      return isFirstHalf ? "ready" : "starting";
    case "degraded":
      return slot === 1 ? "unhealthy" : "ready";
    case "removing":
      return slot === 1 ? "draining" : "stopped";
    case "unknown":
      return "lost";
    case "draining":
      return isLast ? "draining" : "ready";
    case "registered":
      return isLast ? "stale" : "ready";
    default:
      return "ready";
  }
}

// What differs between two configs, for people. Pure.

import type { FieldChange } from "../../clients/gen/theseus/v1/plan.js";
import type { GroupConfig } from "../model/group.js";
import { describeConfig, formatEnv, HIDDEN } from "./config-text.js";

/** Sorted by path. Values of variables that look like secrets are not shown, only that they differ. */
export function diffConfigs(from: GroupConfig | undefined, to: GroupConfig | undefined): FieldChange[] {
  const before = from === undefined ? new Map<string, string>() : describeConfig(from);
  const after = to === undefined ? new Map<string, string>() : describeConfig(to);
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths
    .filter((path) => before.get(path) !== after.get(path) && !isMereOrder(path, before, after))
    .map((path) => change(path, before.get(path), after.get(path)));
}

/** "ports" tells the order alone: it says something only when the same ports are there in another order. */
function isMereOrder(path: string, before: Map<string, string>, after: Map<string, string>): boolean {
  if (path !== "ports") return false;
  const sorted = (text: string | undefined): string => (text ?? "").split(", ").sort().join();
  return sorted(before.get(path)) !== sorted(after.get(path));
}

function change(path: string, from: string | undefined, to: string | undefined): FieldChange {
  const shownFrom = shown(path, from);
  const shownTo = shown(path, to);
  const same = shownFrom === shownTo && shownFrom.includes(HIDDEN);
  return { path, from: shownFrom, to: same ? `${shownTo}, changed` : shownTo };
}

function shown(path: string, value: string | undefined): string {
  if (value === undefined) return "";
  if (path.startsWith("env.")) return formatEnv(path.slice("env.".length), value) || '""';
  return value === "" ? '""' : value;
}

/** Whether two configs ask for the same; the order of keys does not count. */
export function sameConfig(a: GroupConfig, b: GroupConfig): boolean {
  return canonical(a) === canonical(b);
}

/** JSON with sorted keys and without absent ones. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`).join(",")}}`;
}

// An update of some fields of a config: which fields, and what comes out. Pure.

import type { GroupConfig, Port } from "../model/group.js";
import { present } from "./absent.js";
import {
  type BlockKey,
  type ConfigPath,
  formatConfigPath,
  isBlock,
  isMap,
  type MapKey,
  parseConfigPath,
} from "./config-fields.js";
import { type ConfigPart, completeConfig } from "./convert-config.js";
import type { Report } from "./violations.js";

export type Mask = { readonly kind: "replace" } | { readonly kind: "fields"; readonly paths: readonly ConfigPath[] };

/**
 * Reads an update mask. Empty means the fields that are set: single entries of env and docker_labels, single members
 * of health, stop, lost, update and logging; "*" alone replaces everything.
 */
export function readMask(mask: readonly string[], part: ConfigPart, report: Report): Mask {
  if (mask.length === 1 && mask[0] === "*") return { kind: "replace" };
  if (mask.length === 0) return { kind: "fields", paths: setFields(part) };
  const paths: ConfigPath[] = [];
  for (const [i, text] of mask.entries()) {
    const path = parseConfigPath(text);
    if (path === undefined) report(`update_mask.paths[${i}]`, `there is no field "${text}" in a group's config`);
    else paths.push(path);
  }
  return { kind: "fields", paths };
}

function setFields(part: ConfigPart): ConfigPath[] {
  return (Object.keys(part) as (keyof GroupConfig)[]).flatMap((key): ConfigPath[] => {
    if (isMap(key)) return Object.keys(part[key] ?? {}).map((name) => ({ kind: "entry", key, name }));
    if (isBlock(key)) return Object.keys(part[key] ?? {}).map((member) => ({ kind: "member", key, member }));
    return [{ kind: "whole", key }];
  });
}

/**
 * The config with these fields as in the part; a field that the part does not have is cleared. A replacing mask takes
 * the part whole, and keeps the present number of instances when the part names none.
 */
export function mergeConfig(current: GroupConfig, part: ConfigPart, mask: Mask, report: Report): GroupConfig {
  if (mask.kind === "replace") return replaceConfig(current, part, report);
  let merged: ConfigPart = current;
  for (const path of mask.paths) merged = mergeField(merged, part, path, report);
  return completeConfig(merged, report);
}

/** The part as a whole config; an absent number of instances stays what it is. */
export function replaceConfig(current: GroupConfig | undefined, part: ConfigPart, report: Report): GroupConfig {
  return completeConfig({ ...present({ instances: current?.instances }), ...part }, report);
}

function mergeField(into: ConfigPart, part: ConfigPart, path: ConfigPath, report: Report): ConfigPart {
  switch (path.kind) {
    case "whole":
      return present({ ...into, [path.key]: part[path.key] });
    case "entry":
      return withEntry(into, part, path.key, path.name);
    case "member":
      return withMember(into, part, path.key, path.member);
    case "port":
      return withPort(into, part, path, report);
  }
}

function withEntry(into: ConfigPart, part: ConfigPart, key: MapKey, name: string): ConfigPart {
  const entries = new Map(Object.entries(into[key] ?? {}));
  const value = new Map(Object.entries(part[key] ?? {})).get(name);
  if (value === undefined) entries.delete(name);
  else entries.set(name, value);
  return present({ ...into, [key]: entries.size === 0 ? undefined : Object.fromEntries(entries) });
}

function withMember(into: ConfigPart, part: ConfigPart, key: BlockKey, member: string): ConfigPart {
  const members = new Map<string, unknown>(Object.entries(into[key] ?? {}));
  const value = new Map<string, unknown>(Object.entries(part[key] ?? {})).get(member);
  if (value === undefined) members.delete(member);
  else members.set(member, value);
  return present({ ...into, [key]: members.size === 0 ? undefined : Object.fromEntries(members) });
}

/** Ports keep their order; a new one comes last. */
function withPort(into: ConfigPart, part: ConfigPart, path: ConfigPath & { kind: "port" }, report: Report): ConfigPart {
  const asked = (part.ports ?? []).find((port) => port.name === path.name);
  const before: readonly Port[] = into.ports ?? [];
  const there = before.some((port) => port.name === path.name);
  if (asked === undefined && !there) report(formatConfigPath(path), "there is no such port in this group");
  const ports = before.flatMap((port) => (port.name === path.name ? (asked === undefined ? [] : [asked]) : [port]));
  if (asked !== undefined && !there) ports.push(asked);
  return present({ ...into, ports: ports.length === 0 ? undefined : ports });
}

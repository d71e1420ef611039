// What differs between two configs of a group, in words for people: fields by their names in the group file. Values only of
// what is no secret and fits into a line.

import type { GroupConfig } from "./group.js";

/** Their values tell more than their names, and are short. */
const TOLD = new Set(["image", "instances", "cpu", "mem", "weight", "user", "constraints"]);
const MOST_NAMED = 12;
const MIB = 2 ** 20;

/** "image web:1 -> web:2, env.LOG_LEVEL"; empty where nothing differs. */
export function changedFields(before: GroupConfig, after: GroupConfig): string {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const told = names.flatMap((name) => changesOf(name, fieldOf(before, name), fieldOf(after, name)));
  const more = told.length - MOST_NAMED;
  return [...told.slice(0, MOST_NAMED), ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

function changesOf(name: string, before: unknown, after: unknown): readonly string[] {
  if (isSame(before, after)) return [];
  const field = fileName(name);
  if (TOLD.has(name)) return [`${field} ${shown(name, before)} -> ${shown(name, after)}`];
  if (!isFields(before ?? {}) || !isFields(after ?? {}) || name === "health") return [field];
  const [was, is] = [before ?? {}, after ?? {}];
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  const isMap = name === "env" || name === "dockerLabels";
  return keys.flatMap((key) =>
    isSame(fieldOf(was, key), fieldOf(is, key)) ? [] : [`${field}.${isMap ? key : fileName(key)}`],
  );
}

/** Order of keys is no difference. */
function isSame(a: unknown, b: unknown): boolean {
  if (!isFields(a) || !isFields(b)) {
    if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
    return a.length === b.length && a.every((one, i) => isSame(one, b[i]));
  }
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => isSame(fieldOf(a, key), fieldOf(b, key)));
}

const isFields = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const fieldOf = (of: object, key: string): unknown =>
  Object.hasOwn(of, key) ? (of as Readonly<Record<string, unknown>>)[key] : undefined;

function shown(name: string, value: unknown): string {
  if (value === undefined || value === "") return "unset";
  return name === "mem" ? `${Number((Number(value) / MIB).toFixed(1))} MiB` : String(value);
}

const fileName = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

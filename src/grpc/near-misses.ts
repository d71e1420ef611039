// What somebody may have meant who asked for something that is not there. Pure.

import type { GroupEntry } from "../model/catalog.js";
import { encodeLabels } from "../model/labels.js";
import { formatGroup, type GroupRef } from "../model/reference.js";

const MOST = 8;
const NEAR = 2;

/** Groups of the same service that carry all of these labels, and more. */
export function supersets(groups: readonly GroupEntry[], ref: GroupRef): GroupRef[] {
  return groups
    .filter(({ ref: other }) => other.service === ref.service && ref.labels.every((l) => other.labels.includes(l)))
    .map((group) => group.ref)
    .filter((other) => other.labels.length > ref.labels.length)
    .slice(0, MOST);
}

/** Supersets first, then groups whose reference is at most two letters away, nearest first. */
export function nearGroups(groups: readonly GroupEntry[], ref: GroupRef): GroupRef[] {
  const wider = supersets(groups, ref);
  const asked = formatGroup(ref);
  const typos = groups
    .map((group) => ({ ref: group.ref, distance: referenceDistance(asked, group.ref) }))
    .filter(({ ref: other, distance }) => distance <= NEAR && distance > 0 && !wider.includes(other))
    .sort((a, b) => a.distance - b.distance);
  return [...wider, ...typos.map((typo) => typo.ref)].slice(0, MOST);
}

/** Groups near a query that matches none: the right service with other labels, or a service nearly so named. */
export function nearQuery(groups: readonly GroupEntry[], service: string | undefined, labels: string): GroupRef[] {
  const scored = groups.map((group) => ({
    ref: group.ref,
    distance:
      (service === undefined ? 0 : editDistance(service, group.ref.service)) * 10 +
      editDistance(labels, encodeLabels(group.ref.labels)),
    sameService: service === undefined || editDistance(service, group.ref.service) <= NEAR,
  }));
  return scored
    .filter((near) => near.sameService)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST)
    .map((near) => near.ref);
}

/** The names at most two letters away, nearest first. */
export function nearNames(names: readonly string[], asked: string): string[] {
  return names
    .map((name) => ({ name, distance: editDistance(asked, name) }))
    .filter(({ distance }) => distance <= NEAR)
    .sort((a, b) => a.distance - b.distance)
    .map(({ name }) => name)
    .slice(0, MOST);
}

function referenceDistance(asked: string, other: GroupRef): number {
  return editDistance(asked, formatGroup(other));
}

/** Letters to add, drop or exchange; texts too long to be typed count as far apart. */
export function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 64 || a.length > 256 || b.length > 256) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replace = (row[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1]);
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

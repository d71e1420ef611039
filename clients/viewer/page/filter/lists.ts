// The rows that pass the filter and the namespace, in order: what every list, and the truth bar, shows.

import { computed, type ReadonlySignal } from "@preact/signals";
import type { ContainerRow, GroupRow, HostRow } from "../../wire.js";
import { fleet } from "../live/fleet.js";
import { compareGroups, compareHosts } from "../live/order.js";
import { OrderedRows } from "../live/ordered.js";
import { isFiltered, namespace, passes } from "./state.js";
import { containerSubject, groupSubject, hostSubject } from "./subjects.js";

const inNamespace = (row: { ns: string }): boolean => namespace.value === "" || row.ns === namespace.value;

const orderedGroups = new OrderedRows(fleet.groups, (row) => row.id, compareGroups);

/** All groups of the namespace, before the filter. */
export const groupsHere = computed<readonly GroupRow[]>(() => {
  fleet.groups.version.value;
  return orderedGroups.list().filter(inNamespace);
});

export const shownGroups = computed<readonly GroupRow[]>(() => {
  if (!isFiltered.value) return groupsHere.value;
  // Terms like host: look at a group's containers.
  fleet.containers.version.value;
  const pass = passes.value;
  return groupsHere.value.filter((row) => pass(groupSubject(row)));
});

/** Whether a container passes; each row is asked once for each filter. */
const containerPass = computed(() => {
  const pass = passes.value;
  const ns = namespace.value;
  const filtered = isFiltered.value;
  const known = new WeakMap<ContainerRow, boolean>();
  return (row: ContainerRow): boolean => {
    if (ns !== "" && row.ns !== ns) return false;
    if (!filtered) return true;
    let answer = known.get(row);
    if (answer === undefined) {
      answer = pass(containerSubject(row));
      known.set(row, answer);
    }
    return answer;
  };
});

/** In the order of `ordered`. */
export const shownContainersOf = (
  ordered: ReadonlySignal<OrderedRows<ContainerRow>>,
): ReadonlySignal<readonly ContainerRow[]> =>
  computed(() => {
    fleet.containers.version.value;
    return ordered.value.list().filter(containerPass.value);
  });

export interface ContainerCounts {
  readonly here: number;
  readonly shown: number;
}

export const containerCounts = computed<ContainerCounts>(() => {
  fleet.containers.version.value;
  const pass = containerPass.value;
  let [here, shown] = [0, 0];
  for (const row of fleet.containers.all()) {
    if (inNamespace(row)) here += 1;
    if (pass(row)) shown += 1;
  }
  return { here, shown };
});

/** Those that pass themselves, and those with a container that does. */
export const shownHosts = computed<readonly HostRow[]>(() => {
  fleet.hosts.version.value;
  const all = [...fleet.hosts.all()].sort(compareHosts);
  if (!isFiltered.value) return all;
  fleet.containers.version.value;
  const [pass, passContainer] = [passes.value, containerPass.value];
  return all.filter((host) => pass(hostSubject(host)) || fleet.containers.some("host", host.name, passContainer));
});

export const passesContainer = (row: ContainerRow): boolean => containerPass.value(row);

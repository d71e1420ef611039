// One group as the page's store has it, and a sign that changes whenever something of it did.

import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { ContainerRow, GroupKey, GroupRow } from "../../wire.js";
import { fleet, isStale, useRow } from "../live/fleet.js";

export function groupIdOf({ ns, ref }: GroupKey): string {
  return `${ns} ${ref}`;
}

/** undefined: the store knows of none. */
export function useGroup(key: GroupKey): GroupRow | undefined {
  return useRow(fleet.groups, groupIdOf(key));
}

/** By slot and generation. */
export function useContainersOf(key: GroupKey): readonly ContainerRow[] {
  const id = groupIdOf(key);
  const rows = useMemo(
    () =>
      computed(() => {
        fleet.containers.version.value;
        return fleet.containers.of("group", id).sort((a, b) => a.slot - b.slot || a.generation - b.generation);
      }),
    [id],
  );
  return rows.value;
}

/** Another text whenever the group or one of its containers has changed. */
export function useSignOf(key: GroupKey): string {
  const id = groupIdOf(key);
  return useMemo(() => computed(() => signOf(id)), [id]).value;
}

function signOf(id: string): string {
  fleet.groups.version.value;
  fleet.containers.version.value;
  const group = fleet.groups.get(id);
  const containers = fleet.containers
    .of("group", id)
    .map((one) => [one.name, one.state, one.phase, one.since, one.problem]);
  return JSON.stringify([group, containers, isStale.value]);
}

// The containers of a group by their slots, old beside new. Pure.

import type { ContainerRow, Lane } from "../../wire.js";

export interface SlotRow {
  readonly slot: number;
  /** Newest first. */
  readonly old: readonly ContainerRow[];
  readonly fresh: readonly ContainerRow[];
  /** How the rollout that goes on stands there. */
  readonly lane: Lane | undefined;
}

/**
 * One for each slot that is wanted or has a container.
 * @param isNew of a config revision: its containers stand on the new side.
 */
export function slotRows(
  containers: readonly ContainerRow[],
  { wanted, lanes, isNew }: { wanted: number; lanes: readonly Lane[]; isNew: (rev: number) => boolean },
): SlotRow[] {
  const bySlot = new Map<number, ContainerRow[]>();
  for (const one of containers) if (one.slot > 0) bySlot.set(one.slot, [...(bySlot.get(one.slot) ?? []), one]);
  const slots = new Set([...bySlot.keys(), ...lanes.map(({ slot }) => slot)]);
  for (let slot = 1; slot <= wanted; slot += 1) slots.add(slot);
  return [...slots]
    .sort((a, b) => a - b)
    .map((slot) => {
      const own = [...(bySlot.get(slot) ?? [])].sort((a, b) => b.generation - a.generation);
      return {
        slot,
        old: own.filter(({ rev }) => !isNew(rev)),
        fresh: own.filter(({ rev }) => isNew(rev)),
        lane: lanes.find((lane) => lane.slot === slot),
      };
    });
}

/** Those that are in no slot: registered, or of another hand. */
export function slotless(containers: readonly ContainerRow[]): readonly ContainerRow[] {
  return containers.filter(({ slot }) => slot === 0);
}

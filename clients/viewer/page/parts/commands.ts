// The command lines that lists offer: reading first; what changes something is on the screens of one thing. Pure.

import type { ContainerRow, GroupRow, HostRow } from "../../wire.js";
import { commandLine, groupLine, slotRef } from "../detail/command.js";

export const groupCommand = (row: { ns: string; ref: string }): string => groupLine(row, "describe");

export function groupCommands(row: GroupRow): string[] {
  const moving = row.rollout === null ? [] : [groupLine(row, "rollout", "status")];
  return [groupCommand(row), groupLine(row, "logs"), groupLine(row, "rollout", "history"), ...moving];
}

/** A container without a slot has no reference of its own: its group is described. */
export const containerCommand = (row: ContainerRow): string => commandLine(row.ns, "describe", slotRef(row, row.slot));

export const hostCommand = (row: HostRow): string => commandLine("", "describe", "host", row.name);

/** The reference of a container as people write it. */
export const containerRef = (row: ContainerRow): string => (row.slot > 0 ? slotRef(row, row.slot) : row.name);

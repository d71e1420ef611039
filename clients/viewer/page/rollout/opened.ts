// Which failed rollouts a person has opened in this browser, so that their bar goes away.

import { signal } from "@preact/signals";
import type { GroupKey, RolloutRow } from "../../wire.js";
import { kept } from "../kept.js";

const MOST = 200;
const opened = kept("opened-failures", signal(""));

function nameOf({ ns, ref }: GroupKey, { id, started }: RolloutRow): string {
  return `${ns} ${ref} ${id} ${started}`;
}

export function isOpened(group: GroupKey, row: RolloutRow): boolean {
  return opened.value.split("\n").includes(nameOf(group, row));
}

export function markOpened(group: GroupKey, row: RolloutRow): void {
  if (isOpened(group, row)) return;
  const names = opened
    .peek()
    .split("\n")
    .filter((name) => name !== "");
  opened.value = [...names, nameOf(group, row)].slice(-MOST).join("\n");
}

// What is known of one group at one moment while it is waited for.

import { ErrorReason } from "../../gen/theseus/v1/error_reason.js";
import type { Attention, Group } from "../../gen/theseus/v1/group.js";
import type { Rollout } from "../../gen/theseus/v1/rollout.js";
import { groupStateWord } from "../output/words.js";

export interface View {
  /** "web/dev" */
  readonly name: string;
  readonly namespace: string;
  readonly group: Group;
  /** The one that is waited for; absent before it has begun, and where the server knows none. */
  readonly rollout?: Rollout | undefined;
  /** The one that takes it back. */
  readonly back?: Rollout | undefined;
  /** Who is waited for besides, in sentences. */
  readonly waits: readonly string[];
  /** Flags that lead a suggested command to the same place. */
  readonly target: string;
}

/** "2 of 3 ready"; for a moment there may be more than are wanted. */
export function readyText({ ready, wanted }: { readonly ready: number; readonly wanted?: number | undefined }): string {
  if (wanted === undefined) return `${ready} ready`;
  return ready > wanted ? `${ready} ready, ${wanted} wanted` : `${ready} of ${wanted} ready`;
}

/** "rev 2 1 of 3 ready, 2 old, rolling" */
export function groupText({ status, configRevision }: Group): string {
  if (status === undefined) return `rev ${configRevision}`;
  const old = status.outdated > 0 ? `, ${status.outdated} old` : "";
  return `rev ${configRevision} ${readyText(status)}${old}, ${groupStateWord(status.state)}`;
}

/** What a rollout tells of its slots itself. */
const OF_SLOTS = [
  ErrorReason.CONTAINER_EXITED,
  ErrorReason.CONTAINER_UNHEALTHY,
  ErrorReason.CONTAINER_REFUSED,
  ErrorReason.COMMAND_NOT_FOUND,
];

/** Why the group is not as asked, since it was changed: what stood there before is no news. */
export function freshReasons({ group, rollout }: View): readonly string[] {
  const { status, lastChange } = group;
  const since = lastChange?.time?.getTime() ?? 0;
  const isTold = ({ reason, slot }: Attention) => rollout !== undefined && slot > 0 && OF_SLOTS.includes(reason);
  return (status?.attention ?? []).filter((one) => at(one) >= since && !isTold(one)).map(({ text }) => text);
}

function at({ sinceTime }: Attention): number {
  return sinceTime?.getTime() ?? 0;
}

/** "14:03:11Z" */
export function clockText(time: Date): string {
  return `${time.toISOString().slice(11, 19)}Z`;
}

// What the leader can tell of its work at this moment, for metrics. Empty on a server that does not lead.

import type { GroupStatus } from "../model/plan.js";
import { type GroupRef, groupId } from "../model/reference.js";

export type GroupProgress = { readonly group: GroupRef; readonly status: GroupStatus };
export type HostProgress = { readonly host: string; readonly reachable: boolean; readonly problem?: string };

export type SchedulerStatus = {
  readonly leading: boolean;
  /** Groups that a pass of this term has looked at. */
  readonly groups: readonly GroupProgress[];
  readonly hosts: readonly HostProgress[];
};

export const NOT_LEADING: SchedulerStatus = { leading: false, groups: [], hosts: [] };

export class Progress {
  readonly #groups = new Map<string, GroupProgress>();

  note(group: GroupRef, status: GroupStatus): void {
    this.#groups.set(groupId(group), { group, status });
  }

  forget(group: GroupRef): void {
    this.#groups.delete(groupId(group));
  }

  groups(): readonly GroupProgress[] {
    return [...this.#groups.values()];
  }
}

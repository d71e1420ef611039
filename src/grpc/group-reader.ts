// Groups from the catalog with their status and what keeps them from being as asked.

import type { Group } from "../../clients/gen/theseus/v1/group.js";
import type { GroupEntry } from "../model/catalog.js";
import { fingerprint } from "../model/fingerprint.js";
import type { ConfigRecord } from "../model/group.js";
import { currentPin, groupStatus, presentAttention, wantedInstances } from "../model/group-status.js";
import type { GroupStatus } from "../model/plan.js";
import { type Attention, NO_SLOTS } from "../model/slots.js";
import { fromGroup } from "./convert-group.js";
import { damaged, type SlotsReader } from "./slots-reader.js";

export class GroupReader {
  constructor(private readonly slots: SlotsReader) {}

  /** Never fails: where the reasons cannot be read, the group is told without them. */
  async describe(entry: GroupEntry, revision: bigint): Promise<Group> {
    const { ref, uid, created, record, modRevision } = entry;
    const slots = uid === undefined ? NO_SLOTS : ((await this.slots.read(ref.namespace, uid, modRevision)) ?? NO_SLOTS);
    const attention = [...presentAttention(slots, wantedInstances(record)), ...entry.problems.map(damaged)];
    return fromGroup({ ref, uid, created, record, status: statusWith(entry, attention), attention, revision });
  }
}

/** The status as far as the catalog and these reasons tell it. */
export function statusWith({ record, containers }: GroupEntry, attention: readonly Attention[]): GroupStatus {
  return groupStatus({ record, containers, attention, fingerprint: fingerprintOf(record) });
}

/** Records are never changed in place, so each one's fingerprint is computed once. */
const fingerprints = new WeakMap<ConfigRecord, string>();

function fingerprintOf(record: ConfigRecord | undefined): string | undefined {
  const pin = currentPin(record);
  if (record === undefined || pin === undefined) return undefined;
  const known = fingerprints.get(record) ?? fingerprint(record.config, pin);
  fingerprints.set(record, known);
  return known;
}

// Changes of one group's keys, as values that can be joined into one transaction. Pure.

import type { ContainerInfo, Intent } from "../model/container.js";
import type { Event } from "../model/event.js";
import type { ConfigRecord, Pin } from "../model/group.js";
import type { HostRecord } from "../model/host.js";
import { NO_ROLLOUTS, type RolloutsRecord } from "../model/rollout.js";
import { NO_SLOTS, type SlotsRecord } from "../model/slots.js";
import type { GroupSnapshot, GroupWrite, OpenDrain, Versioned } from "../model/store.js";

export type HostChange = { readonly name: string; readonly change: (record: HostRecord) => HostRecord };

export type GroupEdit = {
  readonly putIntents?: readonly Intent[];
  readonly putInfos?: readonly (readonly [name: string, info: ContainerInfo])[];
  /** All that is stored of each. */
  readonly removeContainers?: readonly string[];
  readonly openDrains?: readonly OpenDrain[];
  readonly pin?: Pin;
  readonly slots?: (record: SlotsRecord) => SlotsRecord;
  readonly rollouts?: (record: RolloutsRecord) => RolloutsRecord;
  readonly host?: HostChange;
  readonly removeGroup?: true;
  /** What is told of it. */
  readonly events?: readonly Event[];
  /** As in GroupWrite; never joined with other edits. */
  readonly uid?: string;
  readonly record?: ConfigRecord;
};

/** One edit that does what all of them do, in their order. They must not name two different hosts. */
export function joined(edits: readonly GroupEdit[]): GroupEdit {
  const host = edits.find((edit) => edit.host !== undefined)?.host;
  const pin = edits.findLast((edit) => edit.pin !== undefined)?.pin;
  return {
    putIntents: edits.flatMap((edit) => edit.putIntents ?? []),
    putInfos: edits.flatMap((edit) => edit.putInfos ?? []),
    removeContainers: edits.flatMap((edit) => edit.removeContainers ?? []),
    openDrains: edits.flatMap((edit) => edit.openDrains ?? []),
    events: edits.flatMap((edit) => edit.events ?? []),
    ...(pin === undefined ? {} : { pin }),
    ...(edits.some((edit) => edit.slots !== undefined)
      ? { slots: (record) => edits.reduce((slots, edit) => edit.slots?.(slots) ?? slots, record) }
      : {}),
    ...(edits.some((edit) => edit.rollouts !== undefined)
      ? { rollouts: (record) => edits.reduce((rollouts, edit) => edit.rollouts?.(rollouts) ?? rollouts, record) }
      : {}),
    ...(host === undefined
      ? {}
      : {
          host: {
            name: host.name,
            change: (record) => edits.reduce((now, edit) => edit.host?.change(now) ?? now, record),
          },
        }),
    ...(edits.some((edit) => edit.removeGroup) ? { removeGroup: true as const } : {}),
  };
}

/** An edit and those it was joined from. */
export type Portion = { readonly edit: GroupEdit; readonly edits: readonly GroupEdit[] };

/** Puts edits together that may share a transaction: at most one host, and not more keys than a transaction takes. */
export function portions(edits: readonly GroupEdit[], mostKeys: number): Portion[] {
  const out: { edits: GroupEdit[]; host: string | undefined; keys: number }[] = [];
  for (const edit of edits) {
    const host = edit.host?.name;
    const keys = keyCount(edit);
    const room = out.find(
      (one) => one.keys + keys <= mostKeys && (host === undefined || one.host === undefined || one.host === host),
    );
    if (room === undefined) out.push({ edits: [edit], host, keys });
    else {
      room.edits.push(edit);
      room.keys += keys;
      room.host ??= host;
    }
  }
  return out.map(({ edits: parts }) => ({ edit: joined(parts), edits: parts }));
}

function keyCount(edit: GroupEdit): number {
  const { putIntents = [], putInfos = [], removeContainers = [], openDrains = [], events = [] } = edit;
  const told = events.length === 0 ? 0 : 1;
  return putIntents.length + putInfos.length + 4 * removeContainers.length + 2 * openDrains.length + 2 + told;
}

/** The edit as the store takes it. */
export function asWrite(edit: GroupEdit, snapshot: GroupSnapshot, host: Versioned<HostRecord> | undefined): GroupWrite {
  const record = host === undefined ? undefined : edit.host?.change(host.value);
  return {
    ...lists(edit),
    ...(edit.pin === undefined ? {} : { pin: edit.pin }),
    ...(edit.slots === undefined ? {} : { slots: edit.slots(snapshot.slots?.value ?? NO_SLOTS) }),
    ...(edit.rollouts === undefined ? {} : { rollouts: edit.rollouts(snapshot.rollouts?.value ?? NO_ROLLOUTS) }),
    ...(record === undefined || host === undefined ? {} : { host: { record, modRevision: host.modRevision } }),
    ...(edit.removeGroup ? { removeGroup: true as const } : {}),
    ...(edit.uid === undefined ? {} : { uid: edit.uid }),
    ...(edit.record === undefined ? {} : { record: edit.record }),
  };
}

/** Those of the edit that have something in them. */
function lists(
  edit: GroupEdit,
): Pick<GroupWrite, "putIntents" | "putInfos" | "removeContainers" | "openDrains" | "events"> {
  const { putIntents = [], putInfos = [], removeContainers = [], openDrains = [], events = [] } = edit;
  return {
    ...(putIntents.length === 0 ? {} : { putIntents }),
    ...(putInfos.length === 0 ? {} : { putInfos }),
    ...(removeContainers.length === 0 ? {} : { removeContainers }),
    ...(openDrains.length === 0 ? {} : { openDrains }),
    ...(events.length === 0 ? {} : { events }),
  };
}

/** What the snapshot became by a write of our own, so that a second write of the same keys need not read again. */
export function advanced(snapshot: GroupSnapshot, write: GroupWrite, revision: bigint): GroupSnapshot {
  const intents = new Map(snapshot.intents);
  const infos = new Map(snapshot.infos);
  const drains = new Map(snapshot.drains);
  for (const intent of write.putIntents ?? []) intents.set(intent.name, { value: intent, modRevision: revision });
  for (const [name, info] of write.putInfos ?? []) infos.set(name, { value: info, modRevision: revision });
  for (const name of write.removeContainers ?? []) {
    intents.delete(name);
    infos.delete(name);
    drains.delete(name);
  }
  // Whom the store has named is not known before it is read again; only the revision counts here.
  for (const { name, ...asked } of write.openDrains ?? []) {
    drains.set(name, { revision, record: { ...asked, servers: [] }, answers: new Map() });
  }
  const record = write.record === undefined ? snapshot.record : { value: write.record, modRevision: revision };
  return {
    ...snapshot,
    ...(write.uid === undefined ? {} : { uid: write.uid }),
    record,
    intents,
    infos,
    drains,
    ...(write.slots === undefined ? {} : { slots: { value: write.slots, modRevision: revision } }),
    ...(write.rollouts === undefined ? {} : { rollouts: { value: write.rollouts, modRevision: revision } }),
    ...(write.pin === undefined || record === undefined
      ? {}
      : { record: { value: { ...record.value, pin: write.pin }, modRevision: revision } }),
    revision,
  };
}

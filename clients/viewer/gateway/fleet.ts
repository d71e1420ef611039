// Everything that the gateway knows of the fleet, as rows. Fed by the watch, by listings and by polls; keeps what it knows
// while servers are away.

import type { Container } from "../../gen/theseus/v1/container.js";
import type { Group } from "../../gen/theseus/v1/group.js";
import type { Host } from "../../gen/theseus/v1/host.js";
import type { ContainerRef, GroupRef } from "../../gen/theseus/v1/reference.js";
import type { ContainerRow, GroupRow, HostRow, RolloutRow } from "../wire.js";
import { containerId, containerRow, groupId, groupRow, hostRow } from "./rows.js";
import { Table } from "./table.js";

/** Hears of containers as soon as they are known to have changed, in the order of that. */
export interface ContainerObserver {
  /** @param before undefined: it was not there. */
  saw(row: ContainerRow, before: ContainerRow | undefined): void;
  gone(row: ContainerRow): void;
}

export interface FleetListener extends ContainerObserver {
  /** There is something to tell readers. */
  changed(): void;
  /** Something of the group is another than it was: it has to be read again. */
  touched(ref: GroupRef): void;
}

export class Fleet {
  readonly groups = new Table<GroupRow>(({ id }) => id);
  readonly containers = new Table<ContainerRow>(({ id }) => id);
  readonly hosts = new Table<HostRow>(({ name }) => name);
  readonly #listener: FleetListener;
  /** Containers that the watch tells of. */
  readonly #watched = new Set<string>();
  /** Those that it does not: being made, or not to be understood; by group. */
  readonly #listed = new Map<string, Set<string>>();
  readonly #members = new Map<string, Set<string>>();
  readonly #refs = new Map<string, { readonly ref: GroupRef; readonly revision: bigint }>();
  #namespaces: readonly string[] = [];
  #areNamespacesNew = false;

  constructor(listener: FleetListener) {
    this.#listener = listener;
  }

  get namespaces(): readonly string[] {
    return this.#namespaces;
  }

  /** Of a group with this row id. */
  refOf(id: string): GroupRef | undefined {
    return this.#refs.get(id)?.ref;
  }

  /** The containers of a group, by the id of its row. */
  containersOf(group: string): ContainerRow[] {
    return [...(this.#members.get(group) ?? [])].flatMap((id) => this.containers.get(id) ?? []);
  }

  // --- what the watch tells

  watchedAll(containers: readonly Container[]): void {
    const rows = containers.map(containerRow);
    this.#watched.clear();
    // What was read before may be of another history of the store: whatever is read next is newer.
    for (const [id, { ref }] of this.#refs) this.#refs.set(id, { ref, revision: 0n });
    for (const { id } of rows) this.#watched.add(id);
    const present = new Set(rows.map(({ id }) => id));
    for (const row of [...this.containers.rows()])
      if (!present.has(row.id) && !this.#isListed(row)) this.#remove(row.id);
    for (const row of rows) this.#put(row);
    this.#listener.changed();
  }

  watchedSome(put: readonly Container[], removed: readonly ContainerRef[]): void {
    for (const container of put) {
      const row = containerRow(container);
      const before = this.containers.get(row.id);
      this.#watched.add(row.id);
      this.#listed.get(row.group)?.delete(row.id);
      this.#put(row);
      if (container.group !== undefined && !countsAsBefore(row, before)) this.#listener.touched(container.group);
    }
    for (const { group, which } of removed) {
      if (which?.$case !== "name") continue;
      const id = containerId(group, which.value);
      this.#watched.delete(id);
      this.#remove(id);
      if (group !== undefined) this.#listener.touched(group);
    }
    this.#listener.changed();
  }

  // --- what is read

  /** All containers of one group. The watch knows better of those that it tells of. */
  listedContainers(ref: GroupRef, containers: readonly Container[]): void {
    const id = groupId(ref);
    const others = containers.map(containerRow).filter((row) => !this.#watched.has(row.id));
    const before = this.#listed.get(id) ?? new Set();
    const present = new Set(others.map((row) => row.id));
    if (present.size > 0) this.#listed.set(id, present);
    else this.#listed.delete(id);
    for (const gone of before) if (!present.has(gone) && !this.#watched.has(gone)) this.#remove(gone);
    for (const row of others) this.#put(row);
    this.#listener.changed();
  }

  /** Some of its containers may change without a word of the watch. */
  hasListed(id: string): boolean {
    return this.#listed.has(id);
  }

  /** Nothing is changed by what is older than what is known. */
  readGroup(group: Group): void {
    const id = groupId(group.ref);
    const known = this.#refs.get(id);
    if (group.ref === undefined || (known !== undefined && known.revision > group.revision)) return;
    this.#refs.set(id, { ref: group.ref, revision: group.revision });
    this.groups.set(groupRow(group, this.groups.get(id)?.rollout ?? null));
    this.#listener.changed();
  }

  /** Every group that there was at that revision. */
  readGroups(groups: readonly Group[], revision: bigint): void {
    const present = new Set(groups.map(({ ref }) => groupId(ref)));
    for (const [id, known] of this.#refs) if (!present.has(id) && known.revision <= revision) this.groupGone(id);
    for (const group of groups) this.readGroup(group);
    this.#listener.changed();
  }

  groupGone(id: string): void {
    this.#refs.delete(id);
    this.groups.delete(id);
    for (const container of this.#listed.get(id) ?? []) if (!this.#watched.has(container)) this.#remove(container);
    this.#listed.delete(id);
    this.#listener.changed();
  }

  /** @param rollout null: nothing that says something. */
  readRollout(id: string, rollout: RolloutRow | null): void {
    const row = this.groups.get(id);
    if (row !== undefined && this.groups.set({ ...row, rollout })) this.#listener.changed();
  }

  readHosts(hosts: readonly Host[]): void {
    this.hosts.replaceAll(hosts.map(hostRow));
    this.#listener.changed();
  }

  readNamespaces(names: readonly string[]): void {
    const sorted = [...new Set(names)].sort();
    if (sorted.join(" ") === this.#namespaces.join(" ")) return;
    this.#namespaces = sorted;
    this.#areNamespacesNew = true;
    this.#listener.changed();
  }

  /** Undefined: they are as they were when that was last asked. */
  takeNamespaces(): readonly string[] | undefined {
    const fresh = this.#areNamespacesNew ? this.#namespaces : undefined;
    this.#areNamespacesNew = false;
    return fresh;
  }

  #isListed({ group, id }: ContainerRow): boolean {
    return this.#listed.get(group)?.has(id) === true;
  }

  #put(row: ContainerRow): void {
    const before = this.containers.get(row.id);
    if (!this.containers.set(row)) return;
    const members = this.#members.get(row.group);
    if (members === undefined) this.#members.set(row.group, new Set([row.id]));
    else members.add(row.id);
    this.#listener.saw(row, before);
  }

  #remove(id: string): void {
    const row = this.containers.get(id);
    if (row === undefined || !this.containers.delete(id)) return;
    const members = this.#members.get(row.group);
    members?.delete(id);
    if (members?.size === 0) this.#members.delete(row.group);
    this.#listener.gone(row);
  }
}

const COUNTED = ["state", "phase", "rev", "slot", "generation", "origin", "host", "problem"] as const;

/** Nothing of its group can be other than it was: where a container is reached is its own. */
function countsAsBefore(row: ContainerRow, before: ContainerRow | undefined): boolean {
  return before !== undefined && COUNTED.every((name) => row[name] === before[name]);
}

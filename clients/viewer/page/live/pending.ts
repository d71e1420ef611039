// Deltas that came since the last paint, as one: however many come, it holds each row once. Pure.

import type { ContainerRow, Delta, GroupRow, HostRow, Truth } from "../../wire.js";

/** Rows by id; null: it is gone. */
type Changed<Row> = Map<string, Row | null>;

export interface PendingChange {
  readonly truth: Truth | null;
  readonly namespaces: readonly string[] | null;
  readonly groups: Split<GroupRow>;
  readonly containers: Split<ContainerRow>;
  readonly hosts: Split<HostRow>;
}

interface Split<Row> {
  readonly put: readonly Row[];
  readonly gone: readonly string[];
}

export class Pending {
  #truth: Truth | null = null;
  #namespaces: readonly string[] | null = null;
  #groups: Changed<GroupRow> = new Map();
  #containers: Changed<ContainerRow> = new Map();
  #hosts: Changed<HostRow> = new Map();

  /** How many rows it holds. */
  get size(): number {
    return this.#groups.size + this.#containers.size + this.#hosts.size;
  }

  get isEmpty(): boolean {
    return this.size === 0 && this.#truth === null && this.#namespaces === null;
  }

  add(delta: Delta): void {
    this.#truth = delta.truth;
    this.#namespaces = delta.namespaces ?? this.#namespaces;
    fold(this.#groups, (row) => row.id, delta.groups, delta.goneGroups);
    fold(this.#containers, (row) => row.id, delta.containers, delta.goneContainers);
    fold(this.#hosts, (row) => row.name, delta.hosts, delta.goneHosts);
  }

  /** Newer than what was added. */
  hear(truth: Truth): void {
    if (this.#truth !== null) this.#truth = truth;
  }

  /** What came since the last call, and is forgotten here. */
  take(): PendingChange {
    const change = {
      truth: this.#truth,
      namespaces: this.#namespaces,
      groups: split(this.#groups),
      containers: split(this.#containers),
      hosts: split(this.#hosts),
    };
    this.clear();
    return change;
  }

  clear(): void {
    this.#truth = null;
    this.#namespaces = null;
    this.#groups = new Map();
    this.#containers = new Map();
    this.#hosts = new Map();
  }
}

/** One delta tells of rows that are gone and rows that are there; a row that is in both came back. */
function fold<Row>(
  into: Changed<Row>,
  idOf: (row: Row) => string,
  put: readonly Row[] = [],
  gone: readonly string[] = [],
): void {
  for (const id of gone) into.set(id, null);
  for (const row of put) into.set(idOf(row), row);
}

function split<Row>(changed: Changed<Row>): Split<Row> {
  const put: Row[] = [];
  const gone: string[] = [];
  for (const [id, row] of changed)
    if (row === null) gone.push(id);
    else put.push(row);
  return { put, gone };
}

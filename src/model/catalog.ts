// The mirror of /services as its readers see it. catalog/ implements it; grpc/ reads it.

import type { ContainerInfo, Intent } from "./container.js";
import type { Drain } from "./drain.js";
import type { ConfigRecord } from "./group.js";
import type { Cursor } from "./history.js";
import type { Instant, Milliseconds } from "./instant.js";
import type { ContainerRef, GroupRef, ServiceRef } from "./reference.js";
import type { NamespaceRecord, Scope } from "./store.js";

/** One container with all that is stored of it. */
export type ContainerEntry = {
  readonly ref: ContainerRef;
  readonly intent?: Intent;
  readonly info?: ContainerInfo;
  /** Of the newest of its keys. */
  readonly modRevision: bigint;
  /** What could not be understood: as if it were not there, so that a broken info is never served. */
  readonly problem?: string;
};

export type GroupEntry = {
  readonly ref: GroupRef;
  /** Undefined: only hand-written records imply this group. */
  readonly uid?: string;
  readonly created?: Instant;
  readonly record?: ConfigRecord;
  /** Sorted by slot (managed first), then name. */
  readonly containers: readonly ContainerEntry[];
  readonly problems: readonly string[];
  readonly modRevision: bigint;
};

export type ServiceEntry = {
  readonly ref: ServiceRef;
  readonly created?: Instant;
  readonly groups: readonly GroupEntry[];
};

/** An immutable state of /services and /namespaces at one revision. Lists are sorted by namespace, service, labels. */
export interface CatalogView {
  readonly revision: bigint;
  readonly clusterId: string;
  /** With "default", which always exists. */
  namespaces(): readonly NamespaceRecord[];
  /** All namespaces when none is named. */
  services(namespace?: string): readonly ServiceEntry[];
  groups(namespace?: string, service?: string): readonly GroupEntry[];
  group(ref: GroupRef): GroupEntry | undefined;
  /** Containers of the group that leave, by name. */
  drains(ref: GroupRef): ReadonlyMap<string, Drain>;
}

export interface Catalog {
  /** NOT_READY until the store has been read once. */
  view(): CatalogView;
  /** Resolves when the view is at or past the revision; rejects with the signal's reason. */
  reach(revision: bigint, signal: AbortSignal): Promise<void>;
  /**
   * Asks the store, and resolves when what the view shows of these groups is not older than this call. Fails as the store
   * does, or with the signal's reason.
   */
  confirm(scope: Scope, signal: AbortSignal): Promise<void>;
  /** The view at an older revision. PAGE_TOKEN_EXPIRED when the store has forgotten it. */
  viewAt(revision: bigint): Promise<CatalogView>;
  /** Undefined until the store has been read once. */
  cursor(): Cursor | undefined;
  /** How long ago the store was last heard from. */
  age(): Milliseconds;
  /** When the view was last known to be the store's state. */
  asOf(): Instant;
}

// What the gateway and the page say to each other, in JSON. Slim rows for lists, details when they are opened. Times are
// milliseconds since 1970 unless a name says otherwise; 0 or "" where there is none. The page trusts none of the texts.

import type { ContainerRow, GroupRow, HostRow } from "./wire-rows.js";

export type * from "./wire-details.js";
export type * from "./wire-rows.js";

/**
 * The truth bar: what stands behind everything on the page. Also event "truth", where nothing else has changed, and event
 * "ping", each 20 s.
 */
export interface Truth {
  /**
   * "ok"; "reading": everything is being read for the first time, and the rows may be a part of it; "behind": the server
   * answers, and does not tell the viewer what changes; "store-away": it answers and cannot read its store;
   * "server-away": it does not answer.
   */
  readonly state: "ok" | "reading" | "behind" | "store-away" | "server-away";
  /** Since when it has been that, by the gateway's clock. */
  readonly since: number;
  /** The store's revision that the rows are of, and when it was last known to be the present one. */
  readonly revision: string;
  readonly asOf: number;
  readonly server: string;
  readonly version: string;
  readonly leader: string;
  readonly servers: readonly string[];
  readonly problems: readonly string[];
  /** The gateway's clock, so that the page can count ages by it. */
  readonly now: number;
}

// --- GET /api/stream (server-sent events; resume by Last-Event-ID or ?cursor=) -----------------------------------------

/** Event "snapshot": everything; what was known before is forgotten. */
export interface Snapshot {
  readonly truth: Truth;
  readonly namespaces: readonly string[];
  readonly groups: readonly GroupRow[];
  readonly containers: readonly ContainerRow[];
  readonly hosts: readonly HostRow[];
  /** Set where the reader asked to go on from a place that is not kept any more: changes since then were missed. */
  readonly missedSince: number;
  /** Of the page's own files; another one than the page was loaded with: the server was updated. */
  readonly build: string;
}

/** Event "delta": whole rows by id, and ids that are gone. At most one each 250 ms. */
export interface Delta {
  readonly truth: Truth;
  readonly namespaces?: readonly string[];
  readonly groups?: readonly GroupRow[];
  readonly containers?: readonly ContainerRow[];
  readonly hosts?: readonly HostRow[];
  readonly goneGroups?: readonly string[];
  readonly goneContainers?: readonly string[];
  readonly goneHosts?: readonly string[];
}

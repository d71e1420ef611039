// What the viewer's page asks for when something is opened, and the streams of logs and stats. Times are milliseconds
// since 1970 unless a name says otherwise; 0 or "" where there is none. The page trusts none of the texts.

import type { ChangeRow, ContainerRow, ContainerState, GroupKey, GroupRow, RolloutRow } from "./wire-rows.js";

// --- details: GET /api/... , each answers JSON, or an ApiError with a status of 4xx or 5xx ------------------------------

/** The four lines of an error as the server says them. */
export interface ApiError {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly next: readonly string[];
    readonly why?: readonly string[];
    /** What is true now; "" where that is not known. */
    readonly now?: string;
  };
}

/** GET /api/group?ns=&ref= */
export interface GroupDetail {
  readonly row: GroupRow;
  readonly revisions: readonly RevisionDetail[];
  readonly evidence: readonly EvidenceDetail[];
}

export interface RevisionDetail {
  readonly rev: number;
  readonly image: string;
  readonly pinned: string;
  readonly change: ChangeRow;
  /** Null where none is kept of it. */
  readonly rollout: RolloutRow | null;
  /** Effective config, one line a field as in the group file ("env.LOG_LEVEL", "info"), sorted; secrets hidden. */
  readonly fields: readonly (readonly [path: string, value: string])[];
}

export interface EvidenceDetail {
  readonly container: string;
  readonly slot: number;
  readonly generation: number;
  readonly rev: number;
  readonly host: string;
  readonly time: number;
  readonly reason: string;
  readonly text: string;
  /** Null where it had not ended by itself. */
  readonly exitCode: number | null;
  readonly outOfMemory: boolean;
  readonly health: readonly string[];
  readonly lines: readonly { readonly time: number; readonly stderr: boolean; readonly text: string }[];
}

/** GET /api/rollout?ns=&ref=&rev= (0: the newest one) */
export interface RolloutDetail {
  readonly row: RolloutRow;
  /** Ready containers over time, each point valid until the next; as this gateway saw it. */
  readonly capacity: readonly { readonly time: number; readonly old: number; readonly new: number }[];
  /** Since when this gateway has looked at the group; before that `capacity` and `lanes` say nothing. */
  readonly seenFrom: number;
  /** Stretches since then in which the gateway did not hear of the group: nothing is known of them. Absent: none. */
  readonly blind?: readonly { readonly from: number; readonly to: number }[];
  readonly lanes: readonly Lane[];
  /** What changes, as in RevisionDetail.fields. */
  readonly changes: readonly { readonly path: string; readonly from: string; readonly to: string }[];
  readonly evidence: readonly EvidenceDetail[];
}

export interface Lane {
  readonly slot: number;
  readonly state: "waiting" | "starting" | "ready" | "done" | "failed" | "unknown";
  readonly text: string;
  /** Containers of this slot in the order of their generations, each with the stretches of its life. */
  readonly containers: readonly {
    readonly name: string;
    readonly generation: number;
    readonly rev: number;
    readonly host: string;
    /** `to` 0: still so. */
    readonly steps: readonly { readonly what: string; readonly from: number; readonly to: number }[];
  }[];
}

/** GET /api/container?ns=&ref=&name= */
export interface ContainerDetail {
  readonly row: ContainerRow;
  readonly ports: readonly {
    readonly name: string;
    readonly external: number;
    readonly exposed: number;
    readonly protocol: string;
  }[];
  readonly weight: number | null;
  /** Who has not acknowledged that it leaves; empty when nobody is waited for. */
  readonly awaited: readonly string[];
  readonly fields: readonly (readonly [path: string, value: string])[];
  readonly events: readonly EventRow[];
  /** The stretches of its life as this gateway saw them, as in a lane; absent where it did not watch. */
  readonly steps?: readonly { readonly what: string; readonly from: number; readonly to: number }[];
  readonly evidence: readonly EvidenceDetail[];
  /** Other containers of its slot, those that are gone with their end. */
  readonly siblings: readonly ContainerRow[];
}

export interface EventRow extends GroupKey {
  readonly time: number;
  readonly actor: string;
  readonly slot: number;
  readonly host: string;
  readonly rev: number;
  readonly kind: string;
  readonly text: string;
}

/** GET /api/events?ns=&ref=&since= (without ns: all; without ref: all of the namespace): oldest first, the newest 2,000. */
export interface EventsAnswer {
  readonly events: readonly EventRow[];
}

/** GET /api/lookup?ns=&service=&labels=&port= (labels: the selector grammar) */
export interface LookupAnswer {
  readonly endpoints: readonly {
    readonly container: ContainerRow;
    readonly address: string;
    readonly port: number;
    readonly portName: string;
    readonly weight: number;
  }[];
  readonly notReady: readonly {
    readonly ns: string;
    readonly ref: string;
    readonly name: string;
    readonly state: ContainerState;
    readonly why: string;
  }[];
  readonly nearMisses: readonly string[];
  /** "none-exist" "none-match" "no-such-port" "none-ready"; "" when something is ready. */
  readonly miss: string;
  readonly revision: string;
  readonly asOf: number;
  /** The answer in each format of `theseus discover`, by its name. */
  readonly formats: Readonly<Record<string, string>>;
  /** The last 20 changes of this answer that the gateway has seen, newest last. */
  readonly changes: readonly {
    readonly time: number;
    readonly revision: string;
    readonly put: readonly string[];
    readonly removed: readonly string[];
  }[];
  /** Who follows containers of this answer and has not acknowledged a leaving one yet; what the server can tell. */
  readonly watchers: readonly string[];
}

// --- more streams (server-sent events) ---------------------------------------------------------------------------------

/**
 * GET /api/logs?target=NS REF&target=...&slot=&host=&tail=&since=&follow=1, event "lines" (`since`: milliseconds since 1970).
 * Ends with event "end" when there is no more, or with event "failed" and an ApiError; what fails before the first line
 * is an ApiError with a status of 4xx or 5xx. Event "ping" each 20 s. The same holds for /api/stats.
 */
export interface LogLines {
  readonly sources: readonly {
    readonly number: number;
    readonly ns: string;
    readonly ref: string;
    readonly name: string;
    readonly slot: number;
    readonly rev: number;
    readonly host: string;
  }[];
  /** [source, time in nanoseconds since 1970 as decimal digits, 1 for stderr, text] */
  readonly lines: readonly (readonly [source: number, nanos: string, stderr: 0 | 1, text: string])[];
  readonly notes: readonly {
    readonly source: number;
    readonly kind: "joined" | "ended" | "missing";
    readonly text: string;
  }[];
}

/** GET /api/stats?target=NS REF&... : event "stats", one each second or so. Figures that cannot be had are null. */
export interface StatsSample {
  readonly time: number;
  readonly containers: readonly {
    readonly id: string;
    readonly cpu: number | null;
    readonly cpuLimit: number | null;
    readonly mem: number | null;
    readonly memLimit: number | null;
    readonly rxPerSecond: number | null;
    readonly txPerSecond: number | null;
    readonly restarts: number | null;
    readonly problem: string;
  }[];
}

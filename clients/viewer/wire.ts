// What the gateway and the page say to each other, in JSON. Slim rows for lists, details when they are opened. Times are
// milliseconds since 1970 unless a name says otherwise; 0 or "" where there is none. The page trusts none of the texts.

/** "service/label,label" in its canonical order; a group of another namespace is told apart by `ns`. */
export interface GroupKey {
  readonly ns: string;
  readonly ref: string;
}

export type GroupState = "steady" | "starting" | "rolling" | "degraded" | "failing" | "removing" | "unknown";
export type ContainerState =
  | "starting"
  | "ready"
  | "unhealthy"
  | "draining"
  | "stopped"
  | "failed"
  | "lost"
  | "stale"
  | "unknown";
export type RolloutState =
  | "running"
  | "paused"
  | "done"
  | "failed"
  | "rolling-back"
  | "rolled-back"
  | "rollback-failed"
  | "superseded"
  | "aborted"
  | "unknown";

export interface AttentionRow {
  /** UPPER_SNAKE. */
  readonly reason: string;
  readonly text: string;
  /** 0: the whole group. */
  readonly slot: number;
  readonly host: string;
  readonly since: number;
  readonly retry: number;
}

export interface ChangeRow {
  /** "user@machine" as claimed, or "theseus". */
  readonly actor: string;
  readonly message: string;
  readonly time: number;
}

/** One group. */
export interface GroupRow extends GroupKey {
  /** ns + " " + ref. */
  readonly id: string;
  readonly service: string;
  readonly labels: readonly string[];
  /** Config revision; 0: a group without a config. */
  readonly rev: number;
  readonly image: string;
  readonly pinned: string;
  readonly wanted: number;
  readonly ready: number;
  /** Started containers that are not of the present config. */
  readonly old: number;
  readonly state: GroupState;
  readonly attention: readonly AttentionRow[];
  readonly created: number;
  readonly last: ChangeRow;
  /** Of the newest rollout, as long as it says something: not over, or not done. */
  readonly rollout: RolloutRow | null;
}

/** One container, whoever runs it. */
export interface ContainerRow extends GroupKey {
  /** group id + " " + name. */
  readonly id: string;
  /** Id of its group. */
  readonly group: string;
  readonly name: string;
  /** 0: not managed by Theseus. */
  readonly slot: number;
  readonly generation: number;
  readonly rev: number;
  readonly state: ContainerState;
  /** "creating" "running" "draining" "stopping"; "" when it is not managed. */
  readonly phase: string;
  readonly origin: "managed" | "registered" | "docker" | "foreign" | "unknown";
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly since: number;
  readonly problem: string;
}

export interface HostRow {
  readonly name: string;
  readonly state: "ready" | "silent" | "unknown";
  readonly address: string;
  readonly engine: string;
  readonly labels: readonly string[];
  readonly cpu: number;
  readonly mem: number;
  readonly cpuReserved: number;
  readonly memReserved: number;
  readonly containers: number;
  readonly seen: number;
  readonly problem: string;
}

/** How a rollout stands. Its lanes and its capacity over time are read when it is opened. */
export interface RolloutRow {
  /** "r-42". */
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly state: RolloutState;
  readonly order: "auto" | "start-first" | "stop-first" | "";
  readonly maxParallel: number;
  readonly wanted: number;
  readonly readyNew: number;
  readonly readyOld: number;
  readonly promised: number;
  readonly started: number;
  readonly deadline: number;
  readonly ended: number;
  readonly change: ChangeRow;
  /** "asked" "canary" "step"; "" while it moves. */
  readonly pause: string;
  readonly failure: FailureRow | null;
  readonly rollbackRev: number;
  readonly rollbackOf: number;
  readonly supersededBy: number;
}

export interface FailureRow {
  readonly reason: string;
  readonly text: string;
  readonly slot: number;
  readonly host: string;
  readonly time: number;
  readonly container: string;
  readonly lines: readonly string[];
}

/** The truth bar: what stands behind everything on the page. */
export interface Truth {
  /** "ok"; "store-away": the server answers and cannot read its store; "server-away": the server does not answer. */
  readonly state: "ok" | "store-away" | "server-away";
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

/** Event "truth": nothing but how things stand changed. Event "ping" (each 20 s) carries one too. */
export type TruthEvent = Truth;

// --- details: GET /api/... , each answers JSON, or an ApiError with a status of 4xx or 5xx ------------------------------

/** The four lines of an error as the server says them. */
export interface ApiError {
  readonly error: { readonly code: string; readonly message: string; readonly next: readonly string[] };
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

/** GET /api/logs?target=NS REF&target=...&slot=&host=&tail=&since=&follow=1, event "lines". */
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

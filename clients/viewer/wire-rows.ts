// The slim rows of the viewer's lists. Times are milliseconds since 1970; 0 or "" where there is none.

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
  /** Those of its other named ports; absent where there are none. */
  readonly morePorts?: readonly number[];
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
  /** Image of revision `from`, so that lists can tell which versions run side by side; absent where it is not known. */
  readonly fromImage?: string;
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

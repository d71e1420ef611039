// What was asked of a group: the config as the user set it. Absent is absent; defaults are in defaults.ts.

import type { Change } from "./changed-by.js";
import type { Milliseconds } from "./instant.js";
import type { Steering } from "./steering.js";

export type { Change } from "./changed-by.js";

export type PullPolicy = "missing" | "always" | "never";
export type RestartPolicy = "always" | "on-failure" | "never";
export type Protocol = "tcp" | "udp";

export type Port = {
  readonly name: string;
  readonly container: number;
  /** Only where it must be fixed. */
  readonly host?: number;
  readonly protocol?: Protocol;
};

export type Check =
  | { readonly kind: "none" }
  | { readonly kind: "http"; readonly port: string; readonly path?: string }
  | { readonly kind: "tcp"; readonly port: string }
  | { readonly kind: "grpc"; readonly port: string; readonly service?: string }
  | { readonly kind: "exec"; readonly command: readonly string[] };

export type HealthCheck = {
  readonly check: Check;
  readonly interval?: Milliseconds;
  readonly timeout?: Milliseconds;
  readonly passes?: number;
  readonly fails?: number;
  readonly startPeriod?: Milliseconds;
  readonly startInterval?: Milliseconds;
};

export type Volume =
  | { readonly name: string; readonly at: string; readonly per?: "slot" | "group"; readonly readOnly?: boolean }
  | { readonly bind: string; readonly at: string; readonly readOnly?: boolean };

/** Content is base64, so that it survives JSON whatever it is. */
export type ConfigFile = { readonly at: string; readonly content: string; readonly mode?: string };

export type StopPolicy = {
  readonly signal?: string;
  readonly grace?: Milliseconds;
  readonly drainWait?: Milliseconds;
  readonly ackDeadline?: Milliseconds;
};

export type LostPolicy = {
  readonly after?: Milliseconds;
  readonly onReturn?: "keep_new" | "keep_old";
  readonly atMostOnce?: boolean;
};

export type UpdatePolicy = {
  /** A number, or a percentage like "25%". */
  readonly maxParallel?: string;
  readonly order?: "auto" | "start-first" | "stop-first";
  readonly wait?: Milliseconds;
  readonly minHealthyTime?: Milliseconds;
  readonly healthyDeadline?: Milliseconds;
  readonly progressDeadline?: Milliseconds;
  readonly onFailure?: "rollback" | "pause" | "continue";
  readonly canary?: number;
  readonly steps?: readonly string[];
};

export type Logging = { readonly driver?: string; readonly maxSize?: string; readonly maxFile?: number };

export type GroupConfig = {
  readonly image: string;
  readonly pull?: PullPolicy;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workdir?: string;
  readonly user?: string;
  readonly init?: boolean;
  readonly instances?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly ports?: readonly Port[];
  /** Cores. */
  readonly cpu?: number;
  /** Bytes. */
  readonly mem?: number;
  readonly health?: HealthCheck;
  readonly constraints?: string;
  readonly distinctHost?: boolean;
  readonly maxPerHost?: number;
  readonly spread?: string;
  readonly volumes?: readonly Volume[];
  readonly files?: readonly ConfigFile[];
  readonly networks?: readonly string[];
  readonly stop?: StopPolicy;
  readonly restart?: RestartPolicy;
  readonly lost?: LostPolicy;
  readonly weight?: number;
  readonly open?: boolean;
  readonly update?: UpdatePolicy;
  readonly profile?: "default" | "restricted";
  readonly logging?: Logging;
  readonly dockerLabels?: Readonly<Record<string, string>>;
};

/** The image as it is really run: a registry digest where there is one, else the id on the engine that answered. */
export type Pin = {
  /** The tag or reference that was asked for when this was pinned. */
  readonly asked: string;
  /** "name@sha256:..." or "sha256:...". */
  readonly pinned: string;
};

/** The config key of a group. */
export type ConfigRecord = {
  readonly config: GroupConfig;
  readonly configRevision: number;
  readonly change: Change;
  /** Set by the leader once the image is known on an engine. */
  readonly pin?: Pin;
  /** A restart was asked for with that config revision: containers of an earlier one are made anew. */
  readonly restart?: number;
  /** In the rollout of exactly that restart in place of `update.wait`; gone with the next config revision. */
  readonly restartWait?: Milliseconds;
  /** What people ask of its rollout. */
  readonly steering?: Steering;
  /** Removal was asked for; the volumes go too if it says so. */
  readonly removing?: { readonly volumes: boolean };
};

// Every effect the core may ask for, on one page. Adapters implement these; only main.ts builds adapters.

import type { ObservedContainer } from "./container.js";
import type { Probed } from "./defaults.js";
import type { Aftermath } from "./evidence.js";
import type { PullPolicy } from "./group.js";
import type { Instant, Milliseconds } from "./instant.js";
import type { LogLine, LogQuery } from "./logs.js";
import type { Usage } from "./stats.js";

// --- time, chance, log ---------------------------------------------------------------------------------------

export interface Clock {
  /** Wall clock: for records and display. */
  now(): Instant;
  /** Milliseconds that never go back: for every duration and deadline. */
  monotonic(): Milliseconds;
  /** Resolves after that long; rejects with the signal's reason when aborted. */
  sleep(length: Milliseconds, signal?: AbortSignal): Promise<void>;
}

export interface Rng {
  /** Lower-case hex text of that many random bytes. */
  hex(bytes: number): string;
  /** A number in [0, 1). */
  fraction(): number;
}

export interface Logger {
  /** False: what is told by debug() goes nowhere, so that it need not be put together. */
  readonly isDebugging?: boolean;
  debug(fields: Readonly<Record<string, unknown>>, text: string): void;
  info(fields: Readonly<Record<string, unknown>>, text: string): void;
  warn(fields: Readonly<Record<string, unknown>>, text: string): void;
  error(fields: Readonly<Record<string, unknown>>, text: string): void;
  child(fields: Readonly<Record<string, unknown>>): Logger;
}

// --- etcd's v3 API, as thin as it can be ------------------------------------------------------------------------

export type KeyValue = {
  readonly key: string;
  readonly value: string;
  readonly createRevision: bigint;
  readonly modRevision: bigint;
  readonly version: bigint;
  /** 0n without a lease. */
  readonly lease: bigint;
};

/** [key, end); without end exactly the key. */
export type KeyRange = { readonly key: string; readonly end?: string };

export type RangeRequest = KeyRange & {
  /** 0n or absent: the present. */
  readonly revision?: bigint;
  readonly limit?: number;
  readonly keysOnly?: boolean;
};
export type RangeResult = { readonly kvs: readonly KeyValue[]; readonly more: boolean; readonly revision: bigint };

export type Compare = KeyRange & {
  readonly target: "create" | "mod" | "version" | "lease";
  readonly op: "=" | "!=" | "<" | ">";
  readonly value: bigint;
};
export type Op =
  | { readonly op: "put"; readonly key: string; readonly value: string; readonly lease?: bigint }
  | ({ readonly op: "delete" } & KeyRange)
  | ({ readonly op: "range" } & RangeRequest);
export type OpResult =
  | { readonly op: "put" }
  | { readonly op: "delete"; readonly deleted: number }
  | ({ readonly op: "range" } & RangeResult);
export type TxnResult = {
  readonly succeeded: boolean;
  readonly revision: bigint;
  readonly results: readonly OpResult[];
};

export type WireEvent = { readonly type: "put" | "delete"; readonly kv: KeyValue; readonly previous?: KeyValue };
/** One raw message of a watch stream, as etcd sent it. */
export type WatchMessage = {
  readonly created: boolean;
  readonly canceled: boolean;
  /** Not 0n: history before it is gone. */
  readonly compactRevision: bigint;
  readonly cancelReason: string;
  /** More parts of the same revision follow. */
  readonly fragment: boolean;
  readonly headerRevision: bigint;
  readonly events: readonly WireEvent[];
};

/** One raw watch: messages as they come. Ends or throws when the connection does; nothing is retried here. */
export interface WatchStream extends AsyncIterable<WatchMessage> {
  /** Asks etcd for a progress notice. */
  requestProgress(): void;
  close(): void;
}

/** One raw keepalive stream. */
export interface KeepAliveStream extends AsyncIterable<{ readonly ttlSeconds: number }> {
  send(): void;
  /** @param unanswered it was asked in vain: the next stream is opened at another member, where there is one. */
  close(unanswered?: boolean): void;
}

export type StoreStatus = {
  readonly kind: "etcd" | "embedded";
  readonly version: string;
  readonly revision: bigint;
  /** Bytes taken up, and those of them that hold something. */
  readonly size: number;
  readonly sizeInUse: number;
  readonly alarms: readonly ("NOSPACE" | "CORRUPT")[];
  /** A problem: why the member cannot be used, in words. */
  readonly members: readonly { readonly endpoint: string; readonly problem?: string }[];
};

/**
 * Plain calls and raw streams to etcd, each with a deadline, nothing retried.
 * Fails with TheseusError STORE_UNREACHABLE (nothing was sent, or a read), OUTCOME_UNKNOWN (a write whose answer was
 * lost), STORE_FULL, or PAGE_TOKEN_EXPIRED (the asked revision is compacted).
 */
export interface EtcdWire {
  range(request: RangeRequest): Promise<RangeResult>;
  txn(compares: readonly Compare[], success: readonly Op[], failure?: readonly Op[]): Promise<TxnResult>;
  compact(revision: bigint): Promise<void>;
  leaseGrant(ttlSeconds: number): Promise<{ readonly lease: bigint; readonly ttlSeconds: number }>;
  leaseRevoke(lease: bigint): Promise<void>;
  leaseKeepAlive(lease: bigint): KeepAliveStream;
  watch(request: KeyRange & { readonly startRevision: bigint; readonly previous?: boolean }): WatchStream;
  /** Asks every member; a member that does not answer is a problem of its own. Fails when none answers. */
  status(): Promise<StoreStatus>;
  /** The whole store as the bytes of one file that it can be restored from. STORE_UNREACHABLE when it breaks midway. */
  backup(): AsyncIterable<Uint8Array>;
  close(): void;
}

// --- one Docker Engine ----------------------------------------------------------------------------------------------

export type EngineInfo = {
  readonly engineId: string;
  readonly version: string;
  readonly cpu: number;
  readonly mem: number;
  /** Of Docker's default bridge, read from the interface; undefined where there is none. */
  readonly bridgeAddress: string | undefined;
};

/** A container that is not ours: only what may stand in our way. */
export type Stranger = { readonly id: string; readonly name: string; readonly hostPorts: readonly number[] };

export type EngineListing = {
  readonly engineId: string;
  /** Containers with our cluster id, verdict "untried". */
  readonly ours: readonly ObservedContainer[];
  readonly strangers: readonly Stranger[];
};

/** Everything a container is created from; docker/create-options.ts turns it into the engine's words. */
export type ContainerSpec = {
  readonly name: string;
  readonly hostname: string;
  readonly image: string;
  readonly owner: ObservedContainer["owner"];
  readonly config: import("./group.js").GroupConfig;
  /** The address that ports are published on. */
  readonly address: string;
  readonly hostPorts: Readonly<Record<string, number>>;
  /** Injected environment, over the config's own. */
  readonly env: Readonly<Record<string, string>>;
  /** The config as the container is to carry it; absent: it is too long. */
  readonly configText?: string;
};

export type ImageFacts = { readonly pinned: string; readonly hasHealthcheck: boolean };

export type EngineEvent =
  | { readonly kind: "connected" }
  | { readonly kind: "container"; readonly id: string; readonly action: string; readonly cluster: string | undefined };

/** For how long somebody may go on with what takes several steps, of which each is one more effect. */
export type Mandate = {
  /** Aborted when it is over. */
  readonly end: AbortSignal;
  /** CANCELLED when it is over at this very moment; asked right before each step. */
  assertMayAct(): void;
};

/**
 * One Docker Engine. Every call has a deadline. A call whose deadline passed fails with HOST_UNREACHABLE and
 * its effect may still happen. "Already so" is success.
 */
export interface Runtime {
  readonly host: string;
  info(): Promise<EngineInfo>;
  list(): Promise<EngineListing>;
  /**
   * Finds the image, pulling as the policy says, until the signal. IMAGE_NOT_FOUND, IMAGE_DENIED, IMAGE_PLATFORM,
   * REGISTRY_UNREACHABLE.
   */
  resolveImage(image: string, policy: PullPolicy, signal?: AbortSignal): Promise<ImageFacts>;
  /**
   * What resolveImage would pin, without pulling anything: as the engine has it, else as the registry says. In a few
   * seconds, with the same failures.
   */
  findImage(image: string, policy: PullPolicy): Promise<{ readonly pinned: string }>;
  /**
   * CONTAINER_EXISTS when a stranger holds the name, CONFLICT when one of exactly this owner does that was started; else
   * that counts as created. What was begun and failed is removed again, unless the mandate is over: then somebody else may have taken it up.
   */
  create(spec: ContainerSpec, mandate?: Mandate): Promise<{ readonly id: string }>;
  /**
   * Creates a container like this, without its volumes, its name and its owner, looks whether it has its command, and
   * removes it; then whether the host ports of these of its ports can be had. IMAGE_NOT_FOUND, COMMAND_NOT_FOUND,
   * CONTAINER_REFUSED, NETWORK_NOT_FOUND, PORT_TAKEN.
   */
  tryOut(spec: ContainerSpec, newPorts: readonly string[]): Promise<void>;
  /** Removes what could not be removed when it was tried out; while something is tried out it does nothing. */
  removeTrials(): Promise<void>;
  /** PORT_TAKEN, COMMAND_NOT_FOUND, CONTAINER_REFUSED, NETWORK_NOT_FOUND. */
  start(id: string): Promise<void>;
  /**
   * By the signal it was made with (its config's, else its image's, else SIGTERM). Returns when it has ended. At the end of
   * the mandate it is not waited for any more, and not killed.
   */
  stop(id: string, grace: Milliseconds, mandate?: Mandate): Promise<void>;
  remove(id: string): Promise<void>;
  setRestartPolicy(id: string, policy: "no" | "unless-stopped"): Promise<void>;
  /** Named volumes with this group uid on them, as long as the mandate lasts. */
  removeVolumes(groupUid: string, mandate?: Mandate): Promise<void>;
  /** How it stands now; undefined of one that is gone. */
  aftermath(id: string): Promise<Aftermath | undefined>;
  /** What it uses now; undefined of one that is gone or does not run. Few at once for each engine, the others wait. */
  usage(id: string): Promise<Usage | undefined>;
  /**
   * Its lines as the engine has them, as many at a time as came together. Ends with the container when it is followed, else
   * where its log ends now; empty when it is gone, or its log driver cannot be read. With `until`, or followed, `tail` does
   * not cut it.
   */
  logLines(id: string, query: LogQuery, signal: AbortSignal): AsyncIterable<readonly LogLine[]>;
  /** Reconnects by itself; says "connected" after each connect, since events in between are lost. */
  events(signal: AbortSignal): AsyncIterable<EngineEvent>;
}

// --- probes ------------------------------------------------------------------------------------------------------------

/** One attempt from outside; never throws. */
export interface Probe {
  attempt(
    probed: Probed,
    address: string,
    port: number,
    timeout: Milliseconds,
    signal: AbortSignal,
  ): Promise<ProbeSeen>;
}

/** What one attempt saw, and where there was an answer that alone, without how long it took. */
export type ProbeSeen = { readonly passed: boolean; readonly text: string; readonly said?: string };

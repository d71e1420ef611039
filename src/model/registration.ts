// Registrations: containers that Theseus does not run, put into discovery by programs that have to keep saying that they
// live. Words and the ports of those who keep them; etcd/ implements both.

import type { ContainerState, PortMapping } from "./container.js";
import { type Instant, type Milliseconds, SECOND } from "./instant.js";
import type { ContainerRef, GroupRef } from "./reference.js";
import type { Fence, FencedResult, Written } from "./store.js";

/** What a program may say of itself. */
export const ASKED_STATES = ["starting", "ready", "unhealthy", "draining"] as const satisfies readonly ContainerState[];
export type AskedState = (typeof ASKED_STATES)[number];

/** Kept: its heartbeat is there. Stale: it is not, for a reason that may well be ours. Lost: it is not. */
export const STANDINGS = ["kept", "stale", "lost"] as const;
export type Standing = (typeof STANDINGS)[number];

/** Etcd makes a lease of less than 2 s longer by itself. */
export const SHORTEST_TTL: Milliseconds = 2 * SECOND;
export const LONGEST_TTL: Milliseconds = 3600 * SECOND;
export const USUAL_TTL: Milliseconds = 15 * SECOND;

/** Who holds a registration, and how: lives as long as the record. */
export type Holder = {
  /** One-way from the secret that the program made for itself. */
  readonly id: string;
  /** Name of its host; absent: unknown. */
  readonly host?: string;
  readonly since: Instant;
  readonly ttlSeconds: number;
  /** What the program says of itself, whatever is told of it. */
  readonly state: AskedState;
  readonly standing: Standing;
  /** When it became lost, so that a later leader knows for how long; absent: it is not lost. */
  readonly lostAt?: Instant;
};

export type NamedPorts = Readonly<Record<string, PortMapping>>;

/** What a program asks for. */
export type Registration = {
  readonly group: GroupRef;
  /** Absent: made of the secret, so the same for the same caller. */
  readonly name?: string;
  readonly secret: string;
  readonly address: string;
  readonly host?: string;
  readonly ports: NamedPorts;
  readonly weight?: number;
  readonly ttl: Milliseconds;
  readonly state: AskedState;
};

export type RegistrationChange = {
  readonly state?: AskedState;
  readonly weight?: number;
  readonly ports?: NamedPorts;
};

export type Kept = Written & {
  readonly container: ContainerRef;
  readonly ttl: Milliseconds;
  /** As others may be told it. */
  readonly holderId: string;
  /** It had run out, and was made again just now. */
  readonly madeAgain: boolean;
};

/** For the programs themselves. Any server may be asked: nothing of a registration is in one server's memory alone. */
export interface RegistrationStore {
  /**
   * The same holder again: as asked now. CONTAINER_EXISTS (somebody else has the name, and is not lost), GROUP_CLOSED,
   * NO_SUCH_NAMESPACE.
   */
  register(registration: Registration): Promise<Kept>;
  /** NO_SUCH_CONTAINER when there is no such registration any more; CONTAINER_EXISTS when it is another's. */
  renew(container: ContainerRef, secret: string): Promise<Kept>;
  /** A renewal with a change; fails like one. */
  updateRegistration(container: ContainerRef, secret: string, change: RegistrationChange): Promise<Kept>;
  /** One that is not there is no error. CONTAINER_EXISTS when it is another's. */
  deregister(container: ContainerRef, secret: string): Promise<Written>;
}

/** One registration as the leader finds it. */
export type SeenRegistration = {
  readonly ref: ContainerRef;
  readonly holder: Holder;
  readonly modRevision: bigint;
  /** Its heartbeat is there, under a lease. */
  readonly alive: boolean;
};

/** What is to become of a registration; gone: its record is removed. */
export type StandingChange = { readonly seen: SeenRegistration; readonly to: Standing | "gone" };

/** For the leader. */
export interface StandingStore {
  /** All at one revision, linearizable. One that cannot be understood is left out and logged once. */
  readRegistrations(): Promise<readonly SeenRegistration[]>;
  /**
   * Writes what still holds: one that was renewed or written meanwhile is left as it is.
   * @param written hears of those that are stored, as soon as they are, whatever comes of the others.
   */
  writeStandings(
    fence: Fence,
    changes: readonly StandingChange[],
    written: (changes: readonly StandingChange[]) => void,
  ): Promise<FencedResult>;
}

// The record /theseus/slots/{ns}/{group uid}: what reality cannot tell about the slots of a group.

import type { Reason } from "./errors.js";
import type { Instant } from "./instant.js";

/** One thing that keeps a group from being as asked, kept so that every server can tell it. */
export type Attention = {
  readonly reason: Reason;
  readonly text: string;
  /** Absent: the whole group. */
  readonly slot?: number;
  readonly host?: string;
  readonly since: Instant;
  /** When it is tried again by itself, if a clock decides that. */
  readonly retryAt?: Instant;
};

export type SlotRecord = {
  /** Generation of the newest container this slot has had; 0 before the first. */
  readonly generation: number;
  /** Host of that container: a slot's volume is there. */
  readonly host?: string;
  /** Failures in a row since it was last stable; decides the back-off. */
  readonly failures: number;
  /** No new container before this time. */
  readonly notBefore?: Instant;
  /** The failure behind the back-off. */
  readonly attention?: Attention;
};

export type SlotsRecord = {
  readonly slots: Readonly<Record<number, SlotRecord>>;
  /** Group-wide: image cannot be had, no host fits, host silent. */
  readonly attention: readonly Attention[];
};

export const NO_SLOTS: SlotsRecord = { slots: {}, attention: [] };

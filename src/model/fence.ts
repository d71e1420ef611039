// What every write of the scheduler carries and comes to. Types only.

/** Proof of leadership: compared in every transaction of the scheduler. */
export type Fence = {
  readonly key: string;
  readonly createRevision: bigint;
  /** The lease of the key: in a store that was put back the same revision may come again, the same lease does not. */
  readonly lease: bigint;
  /** The epoch of this term, once it is written: it has to be there still, and none may be newer. */
  readonly epoch?: { readonly id: string; readonly createRevision: bigint };
  /** Aborted when the term is over, maybe by its own will: what takes many transactions stops between two of them. */
  readonly end?: AbortSignal;
};

/** "stale": somebody else wrote meanwhile, look again. "fenced": we are not the leader any more. */
export type FencedResult =
  | { readonly ok: true; readonly revision: bigint }
  | { readonly ok: false; readonly why: "stale" | "fenced" };

/** The fence that holds from now on: it compares the epoch too. */
export type EpochWritten =
  | { readonly ok: true; readonly revision: bigint; readonly fence: Fence }
  | Extract<FencedResult, { ok: false }>;

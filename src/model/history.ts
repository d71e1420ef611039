// The store's timeline: epochs and cursors, contracts.md 2.

/** A resume point: a revision is only meaningful within its stretch of history. */
export type Cursor = { readonly epoch: string; readonly revision: bigint };

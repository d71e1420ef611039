// What anybody may see: the history up to the last revision that is on the disk, and who waits for more.

import type { ResponseHeader } from "./gen/etcd.js";
import type { History } from "./history.js";
import type { Identity } from "./records.js";

/** One member that is always the leader: there is only one term. */
export const RAFT_TERM = 1n;

export class Visible {
  readonly history: History;
  readonly identity: Identity;
  readonly #followers = new Set<() => void>();
  #revision: number;

  constructor(history: History, identity: Identity) {
    this.history = history;
    this.identity = identity;
    this.#revision = history.head;
  }

  get revision(): number {
    return this.#revision;
  }

  publish(revision: number): void {
    if (revision === this.#revision) return;
    this.#revision = revision;
    for (const follower of this.#followers) follower();
  }

  /** Calls at each new revision, until the answer is called. */
  follow(follower: () => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  header(revision: number | bigint = this.#revision): ResponseHeader {
    const { clusterId, memberId } = this.identity;
    return { clusterId, memberId, revision: BigInt(revision), raftTerm: RAFT_TERM };
  }
}

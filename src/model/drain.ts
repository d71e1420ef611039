// What has to be known before a container that left discovery may be stopped: which servers are asked, what each says,
// and what follows from that. Values only.

import type { Instant, Milliseconds } from "./instant.js";

/** A container leaves. Written in the transaction that takes it out; its own revision is that of the leaving. */
export type DrainRecord = {
  /**
   * Ids of the servers that have to answer: those registered at that revision, and those that were gone without signing
   * off not long before. Sorted.
   */
  readonly servers: readonly string[];
  /** How long a watcher whose connection broke is waited for, and after which nobody is. */
  readonly ackDeadline: Milliseconds;
  readonly asked: Instant;
};

/** A watcher that was sent the container and has not acknowledged that it left. */
export type AwaitedWatcher = {
  /** Its own name; may be empty. */
  readonly watcherId: string;
  readonly peer: string;
  readonly connected: boolean;
};

/** What one server says of one drain, in its own key below the record. */
export type DrainAnswer = {
  /** None: it has the revision, and every watcher it expects has answered. That is final. */
  readonly awaits: readonly AwaitedWatcher[];
};

/** A drain as it stands in the store. */
export type Drain = {
  /** That took the container out. */
  readonly revision: bigint;
  readonly record: DrainRecord;
  /** By server id; a server without one has not said anything. */
  readonly answers: ReadonlyMap<string, DrainAnswer>;
};

/** Servers that have not answered, and what is known of why. Sorted; empty: the drain is answered. */
export function unansweredOf({ record, answers }: Drain): readonly UnansweredServer[] {
  return record.servers.flatMap((server) => {
    const answer = answers.get(server);
    return answer !== undefined && answer.awaits.length === 0 ? [] : [{ server, awaits: answer?.awaits }];
  });
}

export type UnansweredServer = {
  readonly server: string;
  /** Undefined: the server itself is not heard. */
  readonly awaits: readonly AwaitedWatcher[] | undefined;
};

/** For people: which server, and whom it waits for. */
export function unansweredText({ server, awaits }: UnansweredServer): string {
  if (awaits === undefined) return `server ${server} (it has not said anything)`;
  return `${awaits.map(watcherText).join(", ")} (at server ${server})`;
}

function watcherText({ watcherId, peer, connected }: AwaitedWatcher): string {
  const who = watcherId === "" ? "a watcher without a name" : `watcher ${watcherId}`;
  return `${who} on ${peer}${connected ? "" : ", whose connection is broken"}`;
}

/** A drain as the leader decides by it. */
export type DrainState = {
  /** Of the container. */
  readonly name: string;
  /** When this leader first saw it: a new leader starts the deadline anew. */
  readonly since: Instant;
  readonly ackDeadline: Milliseconds;
  /** When this leader saw the last answer; undefined: some are open. */
  readonly answeredAt: Instant | undefined;
  readonly unanswered: readonly UnansweredServer[];
};

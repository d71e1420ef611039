// When this term first saw each open drain, and when it saw the last answer: a new leader starts the deadline anew. Kept
// for the term. Must not know what follows from it.

import { type Drain, type DrainState, unansweredOf, unansweredText } from "../model/drain.js";
import type { Instant, Milliseconds } from "../model/instant.js";
import type { Clock, Logger } from "../model/ports.js";
import { groupId } from "../model/reference.js";
import type { GroupSnapshot } from "../model/store.js";

/** By the monotonic clock, so that setting the other one makes nobody wait longer, or less. */
type Seen = {
  /** A drain that was asked for again is another one. */
  readonly revision: bigint;
  readonly since: Milliseconds;
  answeredAt: Milliseconds | undefined;
  isTold: boolean;
};

export class DrainMemory {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #log: Pick<Logger, "warn">;
  /** By group, then by container. */
  readonly #groups = new Map<string, ReadonlyMap<string, Seen>>();

  constructor({ clock, log }: { readonly clock: Pick<Clock, "monotonic">; readonly log: Pick<Logger, "warn"> }) {
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * The group's drains as they stand at `now`; those that are over are forgotten. Logs once for each whose deadline has
   * passed who did not answer.
   */
  states(snapshot: GroupSnapshot, now: Instant): readonly DrainState[] {
    const id = groupId(snapshot.ref);
    const before = this.#groups.get(id);
    const open = [...snapshot.drains].map(([name, drain]) => ({
      name,
      drain,
      seen: this.#seen(before?.get(name), drain),
    }));
    if (open.length === 0) this.#groups.delete(id);
    else this.#groups.set(id, new Map(open.map(({ name, seen }) => [name, seen])));
    return open.map(({ name, drain, seen }) => {
      const state = this.#state(name, drain, seen, now);
      this.#tell(snapshot, state, seen, now);
      return state;
    });
  }

  #seen(before: Seen | undefined, { revision }: Drain): Seen {
    if (before?.revision === revision) return before;
    return { revision, since: this.#clock.monotonic(), answeredAt: undefined, isTold: false };
  }

  #state(name: string, drain: Drain, seen: Seen, now: Instant): DrainState {
    const present = this.#clock.monotonic();
    const unanswered = unansweredOf(drain);
    if (unanswered.length === 0) seen.answeredAt ??= present;
    const { since, answeredAt } = seen;
    return {
      name,
      since: now - (present - since),
      ackDeadline: drain.record.ackDeadline,
      answeredAt: answeredAt === undefined ? undefined : now - (present - answeredAt),
      unanswered,
    };
  }

  /** Where the stop was decided before, that was told then. */
  #tell({ ref, intents }: GroupSnapshot, state: DrainState, seen: Seen, now: Instant): void {
    const { name, since, ackDeadline, answeredAt, unanswered } = state;
    if (answeredAt !== undefined || seen.isTold || now < since + ackDeadline) return;
    if (intents.get(name)?.value.phase !== "draining") return;
    seen.isTold = true;
    const fields = { group: groupId(ref), container: name, why: unanswered.map(unansweredText) };
    this.#log.warn(fields, "a container is stopped although not everybody has acknowledged that it left");
  }
}

// Rollouts as the commands about them need them: the one that is meant, followed to its end, and a change of mind.

import type { GroupRef } from "../gen/theseus/v1/reference.js";
import type { Revision, Rollout } from "../gen/theseus/v1/rollout.js";
import { Failure, hasReason } from "./failure.js";
import { formatGroup } from "./references.js";
import type { Server } from "./server.js";
import type { Goal, Reached, Waiting } from "./wait/goal.js";
import { progressFor } from "./wait/progress.js";
import { waitFor } from "./wait/wait.js";

/** The rollout of that config revision, else the newest one. @throws the server's NO_SUCH_GROUP, NO_SUCH_REVISION. */
export async function rolloutOf({ theseus, call }: Server, ref: GroupRef, configRevision = 0n): Promise<Rollout> {
  const { rollout } = await theseus.getRollout({ group: ref, configRevision }, call);
  if (rollout !== undefined) return rollout;
  throw new Failure("NO_ROLLOUT", { what: `${formatGroup(ref)} has no rollout`, now: "nothing was changed" });
}

/** The newest one that a person asked for: of a way back the one that it takes back. */
export async function askedRollout(server: Server, ref: GroupRef): Promise<Rollout> {
  const newest = await rolloutOf(server, ref);
  if (newest.rollbackOf === 0n) return newest;
  try {
    return await rolloutOf(server, ref, newest.rollbackOf);
  } catch (error) {
    if (hasReason(error, "NO_SUCH_REVISION")) return newest;
    throw error;
  }
}

/** With progress on stderr. @throws what a wait can end with. */
export async function followRollout(waiting: Waiting, goal: Goal): Promise<Reached> {
  const progress = progressFor(waiting.context);
  try {
    return await waitFor({ ...waiting, progress }, goal);
  } finally {
    progress.end(Date.now());
  }
}

/** What is kept of a group, and the store's revision at which it was read. */
export async function revisionsOf(
  { theseus, call }: Server,
  ref: GroupRef,
): Promise<{ readonly revisions: readonly Revision[]; readonly revision: bigint }> {
  return theseus.listRevisions({ group: ref }, call);
}

/** Names those that there are. */
export function noSuchRevision(ref: GroupRef, asked: bigint, kept: readonly Revision[], target: string): Failure {
  const name = formatGroup(ref);
  const numbers = kept.map(({ configRevision }) => configRevision);
  return new Failure("NO_SUCH_REVISION", {
    what: `nothing is kept of ${name}@${asked}`,
    why: [numbers.length === 0 ? "no revision of it is kept" : `kept are ${numbers.join(" ")}`],
    now: "nothing was changed",
    next: [`theseus rollout history ${name}${target}`],
  });
}

// Following a list that the servers only read out: it is read again after each change that Discovery tells of, and every
// few seconds for what Discovery does not tell of, like a change of a config.

import type { Follower } from "../follower.js";
import { Backoff, pause } from "../pause.js";
import type { Target as WatchedTarget } from "../watch-target.js";
import type { Context } from "./context.js";
import type { ExitCode } from "./exit-codes.js";
import { toFailure } from "./failure.js";
import { following } from "./following.js";
import type { Listed } from "./lists.js";
import { type Server, withServer } from "./server.js";
import { type Told, ToldChanges } from "./told-changes.js";

/** Several changes within so many milliseconds are one reading. */
const TOGETHER = 200;
const AT_THE_LATEST = 2_000;

export interface FollowedList<Item> {
  /** Where changes come from that matter to the list. */
  readonly target: WatchedTarget;
  readonly told: Told<Item>;
  readonly read: (server: Server) => Promise<Listed<Item>>;
}

/**
 * Until the person ends it; servers that are away are waited for.
 * @throws Failure USAGE for a format that cannot follow; what read throws and will throw again.
 */
export function followList<Item>(context: Context, { target, told, read }: FollowedList<Item>): Promise<ExitCode> {
  const changes = new ToldChanges(context, told);
  const asked = { includeNotReady: true, lost: () => changes.lost(), back: () => changes.back() };
  return withServer(context, (server) =>
    following(context, target, asked, async (follower: Follower) => {
      for (;;) {
        // Before it is read: what changes meanwhile is read again.
        const seen = follower.latest;
        const { items, revision } = await sometime(() => read(server), context.io.interrupted);
        await changes.now(items, revision);
        await pause(TOGETHER, context.io.interrupted);
        await follower.changedWithin(AT_THE_LATEST, seen);
      }
    }),
  );
}

/** Again after each failure that may pass. */
async function sometime<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const backoff = new Backoff(TOGETHER, AT_THE_LATEST);
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!toFailure(error).parts.retryable) throw error;
      await pause(backoff.next(), signal);
    }
  }
}

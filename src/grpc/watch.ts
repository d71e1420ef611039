// DiscoveryService.Watch: one stream from its first message to its end, and its page in the book.

import { type WatchRequest, WatchResponse } from "../../clients/gen/theseus/v1/discovery_service.js";
import type { Follower } from "../model/discovery.js";
import { isReason } from "../model/errors.js";
import type { Cursor } from "../model/history.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { PushHandler } from "./adapter.js";
import { type AskedWatch, readWatch } from "./asked.js";
import type { CallContext } from "./call.js";
import type { DiscoveryDeps } from "./discovery-deps.js";
import type { Outlet } from "./outlet.js";
import { FailedCall } from "./status.js";
import { newWatchId } from "./watch-id.js";

/** reliability.md 4.3. */
const MOST_WATCHES = 10_000;
/** For how long a watch that has seen more than this server waits for it to catch up. */
const CATCH_UP: Milliseconds = 2 * SECOND;

type WatchDeps = Pick<DiscoveryDeps, "catalog" | "answers" | "book" | "serverId" | "clock" | "rng">;

export function watchHandler(deps: WatchDeps): PushHandler<WatchRequest> {
  return { push: (request, context, outlet) => watch(deps, readWatch(request), { context, outlet }) };
}

type Stream = { readonly context: CallContext; readonly outlet: Outlet };

/** Ends only with the call. LIMIT_REACHED. */
async function watch(deps: WatchDeps, asked: AskedWatch, { context, outlet }: Stream): Promise<void> {
  const { answers, book, serverId, rng } = deps;
  if (asked.from !== undefined) await caughtUp(deps, asked.from, context.signal);
  if (answers.followers >= MOST_WATCHES) throw tooMany();
  const watchId = newWatchId(serverId, rng);
  outlet.endNextWith(nameOf(watchId));
  const follower = answers.follow(asked.question, outlet, asked.from);
  const { acknowledges, watcherId, lastWatchId } = asked;
  book.opened({ watchId, watcherId, acknowledges, lastWatchId, peer: context.peer }, follower);
  outlet.onDrain(() => follower.drained());
  await ended(context, follower);
  // A deadline that has passed or a server that stops is not the watcher's will to end.
  const broken = !isReason(context.signal.reason, "CANCELLED") || outlet.isLost();
  book.closed(watchId, broken ? "broken" : "cleanly");
}

/** A server that is a little behind the one that gave the cursor does not go back in time; one that is cut off does. */
async function caughtUp(
  { catalog, clock }: WatchDeps,
  { epoch, revision }: Cursor,
  signal: AbortSignal,
): Promise<void> {
  if (catalog.cursor()?.epoch !== epoch) return;
  const over = new AbortController();
  clock.sleep(CATCH_UP, over.signal).then(
    () => over.abort(),
    () => undefined,
  );
  await catalog.reach(revision, AbortSignal.any([signal, over.signal])).catch(() => undefined);
  over.abort();
  signal.throwIfAborted();
}

/** The part of a first message that names the watch. */
const nameOf = (watchId: string): Uint8Array => WatchResponse.encode(WatchResponse.fromPartial({ watchId })).finish();

/** Resolves when the call is over; a server that stops says first how far it has come. */
function ended({ signal }: CallContext, follower: Follower): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      if (isReason(signal.reason, "NOT_READY")) follower.bookmark();
      follower.close();
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}

function tooMany(): FailedCall {
  return new FailedCall("LIMIT_REACHED", {
    what: `this server has ${MOST_WATCHES} watches open, and takes no more`,
    now: "the watches that are open go on",
    next: ["watch at another server, or use one watch for all of a program"],
    metadata: { limit: String(MOST_WATCHES) },
    retryable: true,
  });
}

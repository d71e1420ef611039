// What is wrong with a drain, by what was seen of it: who answered when, what watchers had said by then, and when the
// engine was told to end the container.

import type { SeenDrain } from "./drain-log.js";
import type { Said } from "./watchers.js";

/** One clock tells both, but not to the same program: nothing is punctual to the millisecond. */
const BLUR_MS = 20;
/** After the deadline it may take so long until the engine is told. */
const SLACK_MS = 10_000;
export const STOPPED_EARLY = "before the deadline";

export type Seen = {
  readonly drain: SeenDrain;
  readonly killedAt: number | undefined;
  readonly deadlineMs: number;
  /** Each watcher that answers, with the server that it watched at when the container left. */
  readonly watchers: readonly { readonly name: string; readonly server: string; readonly said: readonly Said[] }[];
  /** A server that may not answer; and the watcher that it has to name, if it is able to name any. */
  readonly missing: { readonly server: string; readonly watcher: string | undefined } | undefined;
};

export function wrongWith(seen: Seen): string[] {
  const { drain, missing } = seen;
  const faults = [
    ...drain.servers.filter((server) => server !== missing?.server).flatMap((server) => answeredBadly(seen, server)),
    ...(missing === undefined ? stoppedBadly(seen) : [...notMissed(seen, missing), ...notWaitedFor(seen)]),
  ];
  return faults.map((fault) => `${drain.container}: ${fault}`);
}

const finalOf = ({ answers }: SeenDrain, server: string): number | undefined =>
  answers.find((answer) => answer.server === server && answer.awaits.length === 0)?.at;

/** When a watcher first said that it knew; a later word is none of this drain. */
const saidAt = (said: readonly Said[], revision: bigint): number | undefined =>
  said.find((one) => one.revision >= revision)?.at;

function answeredBadly({ drain, watchers, deadlineMs }: Seen, server: string): string[] {
  const at = finalOf(drain, server);
  if (at === undefined) return [`${server} has not answered`];
  const late = at - drain.at > deadlineMs ? [`${server} answered ${at - drain.at} ms late`] : [];
  const early = watchers
    .filter((watcher) => watcher.server === server)
    .filter(({ said }) => at < (saidAt(said, drain.revision) ?? Number.POSITIVE_INFINITY) - BLUR_MS)
    .map(({ name }) => `${server} answered before ${name} did`);
  return [...late, ...early];
}

/** Everybody answered: stopped after the last word, and not only at the deadline. */
function stoppedBadly({ drain, killedAt, watchers, deadlineMs }: Seen): string[] {
  if (killedAt === undefined) return ["nobody saw it stopped"];
  const last = Math.max(...watchers.map(({ said }) => saidAt(said, drain.revision) ?? Number.POSITIVE_INFINITY));
  const early = killedAt < last - BLUR_MS ? ["it was stopped before everybody had acknowledged"] : [];
  return killedAt - drain.asked >= deadlineMs ? [...early, "it waited for the deadline although all answered"] : early;
}

function notMissed({ drain, killedAt = Number.POSITIVE_INFINITY }: Seen, missing: NonNullable<Seen["missing"]>) {
  const { server, watcher } = missing;
  if (!drain.servers.includes(server)) return [`${server} was not asked`];
  const at = finalOf(drain, server);
  const answered = at !== undefined && at < killedAt ? [`${server} answered, although it could not`] : [];
  const named = drain.answers.some(
    (answer) => answer.server === server && answer.awaits.some((one) => one.watcher_id === watcher && one.connected),
  );
  return watcher === undefined || named ? answered : [...answered, `${server} does not name ${watcher}`];
}

function notWaitedFor({ drain, killedAt, deadlineMs }: Seen): string[] {
  if (killedAt === undefined) return ["nobody saw it stopped"];
  const waited = Math.round(killedAt - drain.asked);
  if (waited < deadlineMs - BLUR_MS) return [`it was stopped after ${waited} ms, ${STOPPED_EARLY}`];
  return waited > deadlineMs + SLACK_MS ? [`it was stopped only after ${waited} ms`] : [];
}

// What intents hold, from the mirror where it is up to date, else from the store.

import type { RunningCatalog } from "../catalog/catalog.js";
import { reservationsIn } from "../catalog/reservations.js";
import { within } from "../etcd/within.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock } from "../model/ports.js";
import type { GroupReservations } from "../model/reservations.js";
import { byGroup } from "../model/reservations.js";
import type { SchedulerStore } from "../model/store.js";

/** A mirror that is further behind is cut off: then the store is asked, which may take long where there is much. */
const PATIENCE: Milliseconds = 1 * SECOND;

/** Everything up to that revision is in it. Fails as the store does. */
export async function readReservations(
  {
    catalog,
    store,
    clock,
  }: {
    readonly catalog: RunningCatalog;
    readonly store: Pick<SchedulerStore, "readReservations">;
    readonly clock: Clock;
  },
  atLeast: bigint,
): Promise<readonly GroupReservations[]> {
  const waiting = new AbortController();
  const reached = await within(clock, PATIENCE, catalog.reach(atLeast, waiting.signal));
  if (reached.kind === "done") return reservationsIn(catalog.view());
  waiting.abort(new Error("the mirror is behind"));
  return byGroup(await store.readReservations());
}

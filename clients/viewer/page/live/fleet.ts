// The one store of this page, its stream, and hooks that read it.

import { computed, signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { ContainerRow } from "../../wire.js";
import { clockText } from "../parts/time-text.js";
import { navigate } from "../view.js";
import { browserPorts, followAttention } from "./browser.js";
import { gatewayNow, second, startClock, syncClock } from "./clock.js";
import { linkWord } from "./link-word.js";
import { notify, sayAtOnce, sayPolitely } from "./notices.js";
import type { Rows } from "./rows.js";
import { type SeenState, seenState } from "./seen-state.js";
import { LiveStore } from "./store.js";
import { Stream, type StreamState } from "./stream.js";

export const LIVE_PATH = "/api/stream";

export const fleet = new LiveStore({
  now: () => performance.now(),
  after: browserPorts.after,
  clock: syncClock,
  news: (news) => {
    const urgent = news.filter((one) => one.urgent !== "");
    const polite = news.filter((one) => one.polite !== "");
    if (urgent.length > 0) sayAtOnce(urgent.map((one) => one.urgent).join("; "));
    if (polite.length > 0) sayPolitely(polite.map((one) => one.polite).join("; "));
  },
  missed: (since) =>
    notify(`missed changes between ${clockText(since)} and ${clockText(gatewayNow())} — see Events`, {
      stays: true,
      action: { label: "events", run: () => navigate("/events") },
    }),
  updated: () =>
    notify("server was updated, reload", { stays: true, action: { label: "reload", run: () => location.reload() } }),
});

/** Of the stream itself, by this browser's clock. */
const connection = signal<StreamState>({ state: "connecting", lostAt: Date.now(), nextTry: 0 });

/** What the truth bar and the page's bar say of the connection; ux states, counted each second. */
export const link = computed(() => {
  // Read for its tick: how long something has been lost grows by itself.
  second.value;
  return linkWord({ stream: connection.value, truth: fleet.truth.value, loaded: fleet.loaded.value, now: Date.now() });
});
/** What is shown is not known to be so now: it is hatched, and "no problems" is not said. */
export const isStale = computed(() => link.value.stale);

/** Up to when is known what is shown: now, or when something was last heard, or when a person stopped it. */
export const knownUntil = computed(() => {
  const asOf = fleet.truth.value?.asOf ?? 0;
  return fleet.pausedAt.value || (isStale.value && asOf > 0 ? asOf : second.value);
});

/** Stops the rows where they are, or lets them follow again. */
export function togglePause(): void {
  if (fleet.pausedAt.peek() > 0) fleet.goOn();
  else fleet.pause(knownUntil.peek());
}

let stream: Stream | undefined;

/** Opens the page's one stream. @returns how to stop. */
export function startFleet(): () => void {
  const stopClock = startClock();
  stream = new Stream(
    () => LIVE_PATH,
    {
      event: (event) => fleet.receive(event),
      state: (state) => {
        connection.value = state;
      },
    },
    browserPorts,
  );
  const unfollow = followAttention(() => stream?.wake());
  stream.start();
  return () => {
    stopClock();
    unfollow();
    stream?.close();
  };
}

export const retryNow = (): void => stream?.wake();

/** One row by its id; draws the component anew only when that row changes. */
export function useRow<Row>(rows: Rows<Row>, id: string): Row | undefined {
  // Another row is another computed one: that of before would hold its row until rows change.
  const row = useMemo(
    () =>
      computed(() => {
        rows.version.value;
        return rows.get(id);
      }),
    [rows, id],
  );
  return row.value;
}

/** Of this moment; a component that shows it reads the version of the hosts, or takes useSeenState. */
export const seenNow = (row: ContainerRow): SeenState => seenState(row, fleet.hosts.get(row.host));

export const useSeenState = (row: ContainerRow): SeenState => seenState(row, useRow(fleet.hosts, row.host));

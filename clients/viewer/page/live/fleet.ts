// The one store of this page, its stream, and hooks that read it.

import { computed, signal, useComputed } from "@preact/signals";
import { clockText } from "../parts/time-text.js";
import { navigate } from "../view.js";
import { browserPorts, followAttention } from "./browser.js";
import { gatewayNow, second, startClock, syncClock } from "./clock.js";
import { linkWord } from "./link-word.js";
import { notify, sayAtOnce, sayPolitely } from "./notices.js";
import type { Rows } from "./rows.js";
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
  const row = useComputed(() => {
    rows.version.value;
    return rows.get(id);
  });
  return row.value;
}

// Below everything: whether this is the truth, of when, and the totals for the filter.

import { useComputed } from "@preact/signals";
import { containerCounts, shownGroups, shownHosts } from "../filter/lists.js";
import { useSettled } from "../filter/settled.js";
import { fleet, isStale, link, togglePause } from "../live/fleet.js";
import { groupRank } from "../live/order.js";
import { clockText } from "../parts/time-text.js";

export function TruthBar() {
  return (
    <footer class="truth">
      <Connection />
      <Paused />
      <Totals />
    </footer>
  );
}

const LOOKS = {
  reading: ["◌", "muted", "reading…"],
  live: ["●", "ok", "live"],
  reconnecting: ["◐", "warn", "reconnecting"],
  disconnected: ["✗", "bad", "not connected"],
  behind: ["▲", "warn", "not followed"],
  "store-away": ["▲", "warn", "store away"],
  "server-away": ["✗", "bad", "server away"],
} as const;

function Connection() {
  const word = useComputed(() => link.value.word).value;
  const truth = fleet.shownTruth.value;
  const [glyph, tone, text] = LOOKS[word];
  const at = truth === null ? "" : clockText(truth.asOf);
  return (
    <span class="connection" data-link={word}>
      <span role="status">
        <span class={`glyph ${tone}`} aria-hidden="true">
          {glyph}
        </span>{" "}
        {text}
      </span>
      {truth === null || word === "reading"
        ? null
        : word === "live" && fleet.pausedAt.value === 0
          ? ` · rev ${truth.revision} · ${at}`
          : `, showing ${at}`}
    </span>
  );
}

function Paused() {
  if (fleet.pausedAt.value === 0) return null;
  const waiting = fleet.waiting.value;
  return (
    <button type="button" class="small" onClick={togglePause}>
      ‖ paused, {waiting === Number.POSITIVE_INFINITY ? "all rows were read anew" : `${waiting} rows have changed`},
      press <kbd>p</kbd> to go on
    </button>
  );
}

function Totals() {
  const groups = shownGroups.value;
  const ranks = [0, 0, 0];
  for (const row of groups) ranks[groupRank(row)] = (ranks[groupRank(row)] ?? 0) + 1;
  const [trouble = 0, moving = 0, steady = 0] = ranks;
  const counts = useSettled(containerCounts);
  const hosts = useSettled(shownHosts);
  if (!fleet.loaded.value) return null;
  return (
    <span class="totals">
      <span>{counted(groups.length, "group")}</span>
      {isStale.value ? (
        <span class="muted">state unknown</span>
      ) : (
        <>
          <Count glyph="✓" tone="ok" count={steady} what="as wanted" />
          <Count glyph="◐" tone="busy" count={moving} what="moving" />
          <Count glyph="✗" tone="bad" count={trouble} what="in trouble" />
        </>
      )}
      <span>
        {counts === undefined ? "" : counted(counts.shown, "container")}
        {hosts === undefined ? "" : `, ${counted(hosts.length, "host")}`}
      </span>
    </span>
  );
}

function Count({ glyph, tone, count, what }: { glyph: string; tone: string; count: number; what: string }) {
  if (count === 0) return null;
  return (
    <span>
      {count.toLocaleString("en")}{" "}
      <span class={`glyph ${tone}`} role="img" aria-label={what} title={what}>
        {glyph}
      </span>
    </span>
  );
}

const counted = (count: number, what: string): string =>
  `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;

// Hosts as cards with a square for each container. One square is looked at: its group's squares stay lit on all hosts.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { HostRow } from "../../wire.js";
import { passesContainer } from "../filter/lists.js";
import { fleet, isStale, seenNow } from "../live/fleet.js";
import { Chips } from "../parts/chip.js";
import { containerRef } from "../parts/commands.js";
import { navigate } from "../view.js";
import { containerHref } from "../view-url.js";
import { Bars } from "./bars.js";
import { HostState, Used } from "./columns.js";
import { HostMoves } from "./moving.js";
import { inPlace, type Square, squareOf } from "./squares.js";
import { percentText } from "./units.js";

/** From here on one square for each is no picture any more. */
const MOST_SQUARES = 1_500;

/** The square that is pointed at, or has the focus. */
const looked = signal<Square | null>(null);
/** Id of the container whose square had the focus last. */
const stop = signal("");

export function Picture({ hosts }: { hosts: readonly HostRow[] }) {
  fleet.containers.version.value;
  const asBars = fleet.containers.size > MOST_SQUARES;
  const cards = hosts.map((host) => ({ host, squares: squaresOf(host) }));
  const drawn = asBars ? [] : cards.flatMap(({ squares }) => squares.map(({ row }) => row.id));
  const tabStop = drawn.includes(stop.value) ? stop.value : (drawn[0] ?? "");
  useEffect(() => () => leave(), []);
  return (
    <>
      <p class="shapes">
        {LEGEND.map(([glyph, tone, word]) => (
          <span key={word}>
            <span class={`glyph ${tone}`} aria-hidden="true">
              {glyph}
            </span>{" "}
            {word}
          </span>
        ))}
        {asBars ? <span class="muted">each mark a group and how many of it</span> : <Looked />}
      </p>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the squares in it are links */}
      <div class="picture" onKeyDown={moveFocus} onPointerLeave={leave} onFocusOut={leave}>
        {cards.map(({ host, squares }) => (
          <HostCard key={host.name} host={host} squares={squares} asBars={asBars} tabStop={tabStop} />
        ))}
      </div>
    </>
  );
}

/** Nothing is looked at any more. */
function leave(): void {
  looked.value = null;
}

const squaresOf = (host: HostRow): readonly Square[] =>
  inPlace(fleet.containers.of("host", host.name).filter(passesContainer)).map((row) =>
    squareOf(row, fleet.groups.get(row.group), seenNow(row).isOld || isStale.value),
  );

const LEGEND = [
  ["■", "ok", "ready"],
  ["□", "ok", "ready, old"],
  ["◐", "busy", "starting"],
  ["▲", "warn", "unhealthy"],
  ["✗", "bad", "failed"],
  ["▨", "muted", "unknown"],
] as const;

function Looked() {
  const square = looked.value;
  if (square === null) return <span class="muted">point at a square: its group stays lit</span>;
  return (
    <span class="looked">
      <b>{containerRef(square.row)}</b> <span class={square.tone}>{square.glyph}</span> {square.word}
      {square.row.problem === "" ? "" : `: ${square.row.problem.slice(0, 120)}`}
    </span>
  );
}

interface HostCardProps {
  readonly host: HostRow;
  readonly squares: readonly Square[];
  readonly asBars: boolean;
  /** Id of the container whose square has the tab stop of all. */
  readonly tabStop: string;
}

function HostCard({ host, squares, asBars, tabStop }: HostCardProps) {
  const isSilent = host.state !== "ready";
  return (
    <section class={`host${isSilent ? " stale" : ""}`} data-row={host.name} aria-label={host.name}>
      <h2>
        {host.name} <HostState host={host} />
      </h2>
      <p class="host-holds">
        {host.labels.length === 0 ? null : <Chips labels={host.labels} />}
        <span class="muted">{squares.length === 1 ? "1 container" : `${squares.length} containers`}</span>
      </p>
      <p class="uses">
        <span>
          cpu{" "}
          <Used used={host.cpuReserved} all={host.cpu} text={percentText(host.cpuReserved, host.cpu)} what="cores" />
        </span>
        <span>
          mem{" "}
          <Used used={host.memReserved} all={host.mem} text={percentText(host.memReserved, host.mem)} what="memory" />
        </span>
      </p>
      <HostMoves host={host.name} />
      {asBars ? <Bars squares={squares} /> : <Squares squares={squares} tabStop={tabStop} />}
    </section>
  );
}

function Squares({ squares, tabStop }: Pick<HostCardProps, "squares" | "tabStop">) {
  const lit = looked.value?.row.group;
  return (
    <div class={`squares${lit === undefined ? "" : " dim"}`}>
      {squares.map((square) => {
        const { row, glyph, tone, word } = square;
        const to = containerHref(row);
        return (
          <a
            key={row.id}
            href={to}
            class={`square ${tone}${row.group === lit ? " lit" : ""}`}
            data-state={word}
            data-row={row.id}
            tabIndex={row.id === tabStop ? 0 : -1}
            aria-label={`${containerRef(row)} ${word}`}
            onPointerEnter={() => (looked.value = square)}
            onFocus={() => {
              looked.value = square;
              stop.value = row.id;
            }}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              navigate(to);
            }}
          >
            {glyph}
          </a>
        );
      })}
    </div>
  );
}

/** Arrows go from square to square, up and down from host to host. */
function moveFocus(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const here = document.activeElement;
  if (!(here instanceof HTMLElement) || !here.classList.contains("square")) return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>(".square")];
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const host = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  let next: HTMLElement | null | undefined;
  if (step !== undefined) next = all[all.indexOf(here) + step];
  else if (host === "nextElementSibling" || host === "previousElementSibling")
    next = here.closest(".host")?.[host]?.querySelector<HTMLElement>(".square");
  else return;
  event.preventDefault();
  next?.focus();
}

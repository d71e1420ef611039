// One slot of a rollout: its name, the life of its containers over time, and how it stands. A failure unfolds below it.

import type { ComponentChildren } from "preact";
import type { Lane } from "../../wire.js";
import { State } from "../parts/state.js";
import { lastedText } from "../parts/time-text.js";
import type { Span } from "../plot/axis.js";
import type { Measured } from "../plot/use-width.js";
import { link } from "../view.js";
import { containerHref } from "../view-url.js";
import { type Strip, type Track, tracksOf } from "./strips.js";
import { laneText, laneWord, newestOf, tookText } from "./words.js";

export interface LaneProps {
  readonly lane: Lane;
  readonly group: { readonly ns: string; readonly ref: string };
  readonly rev: number;
  /** An older revision with the same config, so that its containers count as new; 0: none. */
  readonly alike: number;
  readonly span: Span;
  readonly plot: Measured;
  readonly now: number;
  /** What unfolds in place. */
  readonly children?: ComponentChildren;
}

/** Of the text size. */
const TRACK = 1.45;

export function LaneRow({ group, children, ...picture }: LaneProps) {
  const { lane, rev, now } = picture;
  const newest = newestOf(lane);
  const step = newest?.steps.at(-1)?.what ?? "";
  return (
    <li class="lane" data-lane={lane.slot} data-state={lane.state} data-step={step}>
      <div class="swim">
        <div class="lane-name">
          {newest === undefined ? (
            <b>slot {lane.slot}</b>
          ) : (
            <a {...link(containerHref({ ...group, name: newest.name }))}>slot {lane.slot}</a>
          )}
          <span class="muted">{newest?.host ?? ""}</span>
        </div>
        <LanePicture {...picture} />
        <div class="lane-end">
          {/* Of one that is over nobody tells any more how it stood. */}
          {lane.state === "unknown" && lane.containers.length > 0 ? null : (
            <>
              <State word={laneWord(lane.state)} text={lane.state} />
              <Took text={tookText(lane, rev, now)} />
            </>
          )}
          {lane.text === "" ? null : <span class="lane-text">{lane.text}</span>}
        </div>
      </div>
      {children}
    </li>
  );
}

function Took({ text }: { text: string }) {
  return text === "" ? null : <span class="took">{text}</span>;
}

function LanePicture({ lane, rev, alike, span, plot: { width, em }, now }: Omit<LaneProps, "group" | "children">) {
  const { rows, tracks } = tracksOf(lane, span, width, now);
  const track = Math.round(TRACK * em);
  return (
    <svg class="lane-plot" width={width} height={rows * (track + 2)} role="img" aria-label={laneText(lane)}>
      {tracks.map((one) => (
        <g
          key={one.name}
          class={one.rev === rev || one.rev === alike ? "of-new" : "of-old"}
          data-generation={one.generation}
        >
          {one.strips.map((strip) => (
            <StripMark key={`${strip.what} ${strip.from}`} track={one} strip={strip} size={{ track, em, width }} />
          ))}
        </g>
      ))}
    </svg>
  );
}

interface MarkProps {
  readonly track: Track;
  readonly strip: Strip;
  readonly size: { readonly track: number; readonly em: number; readonly width: number };
}

/** Its word stands in it only where there is room for it. */
function StripMark({ track: { rev, row }, strip, size: { track, em } }: MarkProps) {
  const { label, kind } = strip.look;
  const y = row * (track + 2) + 1;
  const text = kind === "serve" ? `rev ${rev}` : label;
  const fits = strip.width > (text.length * 0.62 + 0.8) * em;
  const long = strip.to === 0 ? "" : ` ${lastedText(strip.to - strip.from)}`;
  return (
    <g class={`strip ${kind}`} data-step={strip.what}>
      <title>{`rev ${rev}: ${label}${long}`}</title>
      <rect x={strip.x} y={y} width={strip.width} height={track} />
      {fits ? (
        <text x={strip.x + 0.4 * em} y={y + track / 2} dominant-baseline="central">
          {text}
        </text>
      ) : null}
    </g>
  );
}

// Of a host with very many containers: one mark for each group, and how many of it there are.

import { fleet } from "../live/fleet.js";
import { Bar } from "../parts/bar.js";
import { link } from "../view.js";
import { groupHref } from "../view-url.js";
import { groupBars, type Square } from "./squares.js";

/** The rest of a host's groups is counted. */
const MOST = 40;

export function Bars({ squares }: { squares: readonly Square[] }) {
  const bars = groupBars(squares);
  return (
    <>
      <Whole squares={squares} />
      <div class="bars">
        {bars.slice(0, MOST).map(({ group, squares: ours, worst }) => {
          const row = fleet.groups.get(group) ?? worst.row;
          const { href, onClick } = link(groupHref(row));
          const name = `${row.ref}: ${ours.length}, ${worst.word}`;
          return (
            <a
              key={group}
              href={href}
              onClick={onClick}
              class="group-bar"
              data-state={worst.word}
              title={name}
              aria-label={name}
            >
              <span class={worst.tone} aria-hidden="true">
                {worst.glyph}
              </span>
              {ours.length}
            </a>
          );
        })}
        {bars.length > MOST ? <span class="muted">and {bars.length - MOST} more groups</span> : null}
      </div>
    </>
  );
}

const TONES = ["bad", "warn", "busy", "muted", "ok"] as const;

/** All containers of the host in one bar, in words beside it. */
function Whole({ squares }: { squares: readonly Square[] }) {
  const words = new Map<string, { glyph: string; tone: Square["tone"]; count: number }>();
  for (const { word, glyph, tone } of squares)
    words.set(word, { glyph, tone, count: (words.get(word)?.count ?? 0) + 1 });
  const parts = TONES.map((tone) => ({ tone, value: squares.filter((square) => square.tone === tone).length }));
  const label = [...words].map(([word, { count }]) => `${count} ${word}`).join(", ");
  return (
    <p class="whole">
      <Bar parts={parts.filter(({ value }) => value > 0)} most={squares.length} label={label} />
      {[...words].map(([word, { glyph, tone, count }]) => (
        <span key={word} title={word}>
          <span class={tone} aria-hidden="true">
            {glyph}
          </span>{" "}
          {count}
        </span>
      ))}
    </p>
  );
}

// Each container as a square of its host: shape and colour by how it is. Pure.

import type { ContainerRow, GroupRow } from "../../wire.js";
import { compareText } from "../live/order.js";
import { lookOf, type Tone } from "../parts/state-look.js";

export interface Square {
  readonly row: ContainerRow;
  readonly glyph: string;
  readonly tone: Tone;
  /** "ready", "old", "starting": the shape in a word. */
  readonly word: string;
}

const SHAPES: Readonly<Record<string, string>> = { starting: "◐", draining: "↓", stopped: "–", unhealthy: "▲" };

export function squareOf(row: ContainerRow, group: GroupRow | undefined, isSilent: boolean): Square {
  if (isSilent || row.state === "unknown" || row.state === "stale")
    return { row, glyph: "▨", tone: "muted", word: "unknown" };
  if (row.state === "ready") {
    const isOld = row.rev > 0 && group !== undefined && group.rev > 0 && row.rev !== group.rev;
    return isOld ? { row, glyph: "□", tone: "ok", word: "old" } : { row, glyph: "■", tone: "ok", word: "ready" };
  }
  return { row, glyph: SHAPES[row.state] ?? "✗", tone: lookOf(row.state).tone, word: row.state };
}

/** Of one host, those of a group side by side. */
export const inPlace = (rows: readonly ContainerRow[]): ContainerRow[] =>
  [...rows].sort((a, b) => compareText(a.group, b.group) || a.slot - b.slot || compareText(a.id, b.id));

export interface GroupBar {
  readonly group: string;
  readonly squares: readonly Square[];
  /** The one that needs somebody most. */
  readonly worst: Square;
}

const WORST: readonly Tone[] = ["bad", "warn", "busy", "muted", "ok"];

/** Squares of a host put together by group, trouble first, then the largest. */
export function groupBars(squares: readonly Square[]): GroupBar[] {
  const byGroup = new Map<string, Square[]>();
  for (const square of squares) {
    const known = byGroup.get(square.row.group);
    if (known === undefined) byGroup.set(square.row.group, [square]);
    else known.push(square);
  }
  const weight = ({ tone }: Square) => WORST.indexOf(tone);
  return [...byGroup]
    .flatMap(([group, list]) => {
      const [worst] = [...list].sort((a, b) => weight(a) - weight(b));
      return worst === undefined ? [] : [{ group, squares: list, worst }];
    })
    .sort(
      (a, b) =>
        weight(a.worst) - weight(b.worst) || b.squares.length - a.squares.length || compareText(a.group, b.group),
    );
}

// What of a log's list is in sight: follows its end until somebody scrolls up, goes where it is told to, and remembers how
// high the blocks were that it has drawn.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { BLOCK, type Heights, topOf, type Window, windowOf } from "./blocks.js";

export interface SightWishes {
  readonly lines: number;
  readonly wraps: boolean;
  readonly follows: boolean;
  /** Somebody scrolls away from the end, or back to it. */
  readonly follow: (follows: boolean) => void;
  /** Index of a line to be brought into sight, its key, and which wish of that kind it is. */
  readonly goTo: { readonly index: number; readonly wish: number } | undefined;
  readonly line: string;
}

/** Pixels that are drawn out of sight. */
const BEYOND = 500;
const AT_END = 6;

export interface Sight {
  readonly scroller: { current: HTMLDivElement | null };
  readonly window: Window;
  readonly scrolled: () => void;
}

export function useSight({ lines, wraps, follows, follow, goTo, line }: SightWishes): Sight {
  const scroller = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  const [sight, setSight] = useState({ top: 0, height: 800 });
  const heights = useHeights(scroller, wraps);
  const look = (element: HTMLElement) => {
    lastTop.current = element.scrollTop;
    setSight({ top: element.scrollTop, height: element.clientHeight });
  };
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    measure(element, heights, lines);
    if (!follows) return;
    element.scrollTop = element.scrollHeight;
    lastTop.current = element.scrollTop;
  });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null || goTo === undefined || isInSight(element, line)) return;
    const within = (goTo.index % BLOCK) * heights.line;
    element.scrollTop = topOf(goTo.index, lines, heights) + within - element.clientHeight / 3;
    look(element);
  }, [goTo?.wish]);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => look(element));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const scrolled = () => {
    const element = scroller.current;
    if (element === null) return;
    const atEnd = element.scrollHeight - element.clientHeight - element.scrollTop <= AT_END;
    const moved = element.scrollTop - lastTop.current;
    look(element);
    // What was brought into sight may stand at the end: only who scrolls down there wants to follow again.
    if (follows && !atEnd && moved < -1) follow(false);
    else if (!follows && atEnd && moved > 1) follow(true);
  };
  return {
    scroller,
    window: windowOf(lines, heights, drawn(sight, follows, topOf(lines + BLOCK, lines, heights))),
    scrolled,
  };
}

function drawn({ top, height }: { top: number; height: number }, follows: boolean, whole: number) {
  if (follows) return { from: whole - height - 2 * BEYOND, to: whole + BEYOND };
  return { from: top - BEYOND, to: top + height + BEYOND };
}

type Measured = { line: number; measured: Map<number, number> } & Heights;

/** Forgotten when lines break elsewhere. */
function useHeights(scroller: { current: HTMLElement | null }, wraps: boolean): Measured {
  const heights = useRef<Measured>({ line: 20, measured: new Map() });
  const shape = useRef("");
  const now = `${wraps} ${scroller.current?.clientWidth ?? 0}`;
  if (shape.current !== now) heights.current.measured.clear();
  shape.current = now;
  return heights.current;
}

/** Notes how high the blocks are that are drawn; the last one grows, and tells how high a line is. */
function measure(scroller: Element, heights: Measured, lines: number): void {
  for (const element of scroller.querySelectorAll<HTMLElement>("[data-block]")) {
    const block = Number(element.dataset["block"]);
    const count = Math.min(BLOCK, lines - block * BLOCK);
    if (count === BLOCK) heights.measured.set(block, element.offsetHeight);
    else if (count > 0 && element.offsetHeight > 0) heights.line = Math.max(14, element.offsetHeight / count);
  }
}

function isInSight(scroller: Element, line: string): boolean {
  const shown = [...scroller.querySelectorAll<HTMLElement>("[data-line]")].find((one) => one.dataset["line"] === line);
  if (shown === undefined) return false;
  const [inner, outer] = [shown.getBoundingClientRect(), scroller.getBoundingClientRect()];
  return inner.top >= outer.top && inner.bottom <= outer.bottom;
}

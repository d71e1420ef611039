// Follows the scrolling of a region, and says which rows are in it.

import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import { rowsInSight, scrollFor } from "./window.js";

export interface Sight {
  readonly from: number;
  readonly to: number;
  readonly follow: () => void;
  /** Scrolls until a row is in sight. */
  readonly reveal: (at: number) => void;
}

/** Rows are 1.75 rem high, as the style sheet has them: text of twice the size has rows of twice the height. */
const ROW_REM = 1.75;

const rowHeight = () => ROW_REM * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);

export function useSight(region: RefObject<HTMLDivElement | null>, count: number): Sight {
  const [place, setPlace] = useState({ top: 0, height: 0, row: 28 });
  const stretch = rowsInSight(count, place.top, place.height, place.row);
  const follow = () => {
    const element = region.current;
    if (element === null) return;
    const next = { top: element.scrollTop, height: element.clientHeight, row: rowHeight() };
    const drawn = rowsInSight(count, next.top, next.height, next.row);
    if (drawn.from !== stretch.from || drawn.to !== stretch.to) setPlace(next);
  };
  useLayoutEffect(() => {
    follow();
    const element = region.current;
    if (element === null) return;
    const observer = new ResizeObserver(follow);
    observer.observe(element);
    return () => observer.disconnect();
  }, [count, stretch.from, stretch.to]);
  const reveal = (at: number) => {
    const element = region.current;
    if (element === null) return;
    const top = scrollFor(at, element.scrollTop, element.clientHeight, rowHeight());
    if (top !== undefined) element.scrollTop = top;
    follow();
  };
  return { ...stretch, follow, reveal };
}

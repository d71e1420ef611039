// The lines that can be seen of a long log. Follows its end until somebody scrolls up; then it rests as it is.

import { BLOCK } from "./blocks.js";
import type { Chooser } from "./chosen.js";
import { type Entry, isMarker } from "./line.js";
import { LogRow } from "./row.js";
import { type SightWishes, useSight } from "./use-sight.js";

interface ListProps extends Omit<SightWishes, "lines"> {
  readonly entries: readonly Entry[];
  readonly chooser: Chooser;
  readonly namesGroup: boolean;
  readonly hostColours: ReadonlyMap<string, number>;
}

export function LogList(props: ListProps) {
  const { entries, wraps, follows } = props;
  const { scroller, window, scrolled } = useSight({ ...props, lines: entries.length });
  const { first, end, above, below } = window;
  return (
    <div
      ref={scroller}
      class={`log-list ${wraps ? "wraps" : ""} ${follows ? "follows" : ""}`}
      role="log"
      aria-live="off"
      aria-label="log lines"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys.
      tabIndex={0}
      onScroll={scrolled}
      onKeyDown={(event) => {
        if (!moveAmongLines(event)) return;
        event.preventDefault();
        // Lines that are gone through one by one stay where they are.
        if (follows) props.follow(false);
      }}
    >
      <div style={{ height: `${above}px` }} />
      {Array.from({ length: Math.max(0, end - first) }, (_, at) => (
        <Block key={first + at} block={first + at} {...props} />
      ))}
      <div style={{ height: `${below}px` }} />
    </div>
  );
}

/** Enter goes from the list to the link of the last line in sight, arrows from link to link, Esc back to the list. */
function moveAmongLines({ key, target, currentTarget: list }: KeyEventOf<HTMLElement>): boolean {
  const links = [...list.querySelectorAll<HTMLElement>("a.log-time")];
  const at = target instanceof HTMLElement ? links.indexOf(target) : -1;
  const bottom = list.getBoundingClientRect().bottom;
  const ways: Readonly<Record<string, () => HTMLElement | undefined>> =
    at === -1
      ? { Enter: () => links.findLast((one) => one.getBoundingClientRect().bottom <= bottom) }
      : { ArrowUp: () => links[at - 1], ArrowDown: () => links[at + 1], Escape: () => list };
  const to = Object.hasOwn(ways, key) ? ways[key]?.() : undefined;
  to?.focus();
  return to !== undefined;
}

type KeyEventOf<Element> = KeyboardEvent & { readonly currentTarget: Element };

function Block({ block, entries, chooser, line, namesGroup, hostColours }: ListProps & { block: number }) {
  return (
    <div data-block={block}>
      {entries.slice(block * BLOCK, (block + 1) * BLOCK).map((entry) => (
        <LogRow
          key={entry.key}
          entry={entry}
          found={chooser.found(entry)}
          isPointedAt={entry.key === line}
          namesGroup={namesGroup}
          hostColour={isMarker(entry) ? 0 : (hostColours.get(entry.source.host) ?? 0)}
        />
      ))}
    </div>
  );
}

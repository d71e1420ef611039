// The frame of a table that is part of a page: what it is, titles, rows. It does not scroll by itself; on a narrow screen each
// row is a block, and its cells say their title themselves (`data-title`).

import type { ComponentChildren } from "preact";

interface ShortTableProps {
  /** What it is, for those who hear it. */
  readonly caption: ComponentChildren;
  readonly titles: readonly string[];
  /** How its columns share the width. */
  readonly look: "slots" | "slots with-use" | "history" | "figures";
  readonly children: ComponentChildren;
}

export function ShortTable({ caption, titles, look, children }: ShortTableProps) {
  return (
    <table class={`short ${look}`}>
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          {titles.map((title) => (
            <th key={title} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

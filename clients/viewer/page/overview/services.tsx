// Services, and their groups beneath them. Which versions run side by side can be seen without opening anything.

import { useMemo } from "preact/hooks";
import type { GroupRow } from "../../wire.js";
import { shownGroups } from "../filter/lists.js";
import { namespace } from "../filter/state.js";
import { fleet } from "../live/fleet.js";
import { type ImageCount, imageCounts, tagOf } from "../live/images.js";
import { servingText, stateWords } from "../live/summary.js";
import { Age } from "../parts/age.js";
import { Chip } from "../parts/chip.js";
import { shortened } from "../parts/shortened.js";
import { Glyph, State } from "../parts/state.js";
import { link, queryText, setQuery } from "../view.js";
import { groupHref, href } from "../view-url.js";
import { type ServiceRow, serviceRows } from "./service-rows.js";

/** The first so many: the rest is in the list of groups. */
const MOST = 100;

export function Services() {
  const groups = shownGroups.value;
  const rows = useMemo(() => serviceRows(groups), [groups]);
  const open = new Set(queryText("open").value.split(" "));
  const toggle = (id: string) => {
    if (!open.delete(id)) open.add(id);
    setQuery({ open: [...open].join(" ").trim() });
  };
  return (
    <section aria-labelledby="services">
      <h2 id="services">Services ({rows.length})</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls where the screen is narrow */}
      <section class="table-region" tabIndex={0} aria-label="table of services">
        <table class="services">
          <thead>
            <tr>
              <th scope="col">service</th>
              <th scope="col">state</th>
              <th scope="col" class="end">
                groups
              </th>
              <th scope="col" class="end">
                ready
              </th>
              <th scope="col">images</th>
              <th scope="col">last change</th>
            </tr>
          </thead>
          {rows.slice(0, MOST).map((row) => (
            <Service key={row.id} row={row} open={open.has(encodeURIComponent(row.id))} toggle={toggle} />
          ))}
        </table>
      </section>
      {rows.length <= MOST ? null : (
        <p>
          <a {...link(href("groups"))}>and {rows.length - MOST} more services</a>
        </p>
      )}
    </section>
  );
}

function Service({ row, open, toggle }: { row: ServiceRow; open: boolean; toggle: (id: string) => void }) {
  return (
    <tbody>
      <tr data-row={row.id} class="service">
        <td>
          <button
            type="button"
            class="fold"
            aria-expanded={open}
            aria-label={`groups of ${row.service}`}
            onClick={() => toggle(encodeURIComponent(row.id))}
          >
            {open ? "▾" : "▸"}
          </button>
          <Chip term={`svc:${row.service}`}>{row.service}</Chip>
          {namespace.value === "" ? <span class="muted"> {row.ns}</span> : null}
        </td>
        <td>
          {row.states.map(({ word, count }) => (
            <span key={word} class="counted">
              {count > 1 || row.states.length > 1 ? `${count} ` : ""}
              <State word={word} />
            </span>
          ))}
        </td>
        <td class="end">{row.groups.length}</td>
        <td class="end">
          {row.ready}/{row.wanted}
        </td>
        <td>
          <Images counts={mergedImages(row.groups)} />
        </td>
        <td>
          <Age at={row.changed} />
        </td>
      </tr>
      {open ? row.groups.map((group) => <Group key={group.id} row={group} />) : null}
    </tbody>
  );
}

function Group({ row }: { row: GroupRow }) {
  const { word, text } = stateWords(row);
  return (
    <tr data-row={row.id}>
      <td class="inner">
        <Glyph word={word} />{" "}
        <a {...link(groupHref(row))} title={row.ref}>
          {row.labels.length === 0 ? "-" : shortened(row.labels.join(","))}
        </a>
      </td>
      <td>{text}</td>
      <td />
      <td class="end" title={servingText(row)}>
        {row.ready}/{row.wanted}
      </td>
      <td>
        <Images counts={imageCounts(row, fleet.containers.of("group", row.id))} asked={tagOf(row.image)} />
      </td>
      <td>
        <Age at={row.last.time} />
      </td>
    </tr>
  );
}

/** `asked`: what stands there while none of them runs. */
function Images({ counts, asked = "" }: { counts: readonly ImageCount[]; asked?: string }) {
  if (counts.length === 0) return <span class="mono muted">{shortened(asked, 40) || "–"}</span>;
  const alone = counts.length === 1;
  return (
    <span class={alone ? "mono" : "mono mixed"}>
      {counts.map(({ name, count }, index) => (
        <span key={name}>
          {index === 0 ? "" : " · "}
          {shortened(name, 40)}
          {alone ? "" : ` ×${count}`}
        </span>
      ))}
      {counts.length > 1 ? <span class="unseen"> mixed versions</span> : null}
    </span>
  );
}

function mergedImages(groups: readonly GroupRow[]): ImageCount[] {
  const byName = new Map<string, number>();
  for (const row of groups)
    for (const { name, count } of imageCounts(row, fleet.containers.of("group", row.id)))
      byName.set(name, (byName.get(name) ?? 0) + count);
  return [...byName].map(([name, count]) => ({ name, count }));
}

// The head of a container's page: which it is, its state with its age and why, where it runs, and its ports as links.

import type { ContainerDetail, ContainerRow } from "../../wire.js";
import { commandLine, slotRef } from "../detail/command.js";
import { useSeenState } from "../live/fleet.js";
import { Age } from "../parts/age.js";
import { CopyLine } from "../parts/copy.js";
import { State } from "../parts/state.js";
import { link } from "../view.js";
import { groupHref, href, rolloutHref } from "../view-url.js";
import { portLink } from "./port-link.js";

interface HeaderProps {
  readonly detail: ContainerDetail;
  readonly row: ContainerRow;
  /** It is not there any more. */
  readonly isGone: boolean;
}

export function ContainerHeader({ detail: { ports, weight, awaited }, row, isGone }: HeaderProps) {
  const { ns, ref, slot, problem, address } = row;
  return (
    <div class="detail-head">
      <HeadLine row={row} weight={weight} isGone={isGone} />
      {problem === "" ? null : (
        <p class="asked">
          <span class="glyph bad" aria-hidden="true">
            ✗
          </span>{" "}
          <b class="breaks">{problem}</b>
        </p>
      )}
      {awaited.length === 0 ? null : <p class="asked">leaves when these know it: {awaited.join(", ")}</p>}
      <ul class="ports" aria-label="ports">
        {ports.map((port) => (
          <li key={`${port.name} ${port.external}`} data-port={port.external}>
            <span class="muted">{port.name}</span> <PortLink address={address} port={port} />
            <span class="muted">
              {" "}
              → {port.exposed} {port.protocol}
            </span>
          </li>
        ))}
      </ul>
      <div class="offers">
        {slot > 0 ? (
          <CopyLine line={commandLine(ns, "logs", slotRef(row, slot), isGone ? "--previous" : "-f")} />
        ) : null}
        <CopyLine line={commandLine(ns, "describe", slotRef(row, slot))} />
        <a {...link(href("logs", { ns, ref, slot: slot || undefined }))}>logs</a>
      </div>
    </div>
  );
}

function HeadLine({ row, weight, isGone }: Pick<HeaderProps, "row" | "isGone"> & Pick<ContainerDetail, "weight">) {
  const { ref, slot, origin, host, rev, generation, since } = row;
  const { word, text, isOld } = useSeenState(row);
  return (
    <div class={isOld ? "head-line stale" : "head-line"}>
      <h1>
        <a {...link(groupHref(row))}>{ref}</a>
        {slot > 0 ? `:${slot}` : ""} <span class="container-name breaks">{row.name}</span>
      </h1>
      <State word={word} text={isGone ? `${text}, gone` : text} />
      <span class="fact">
        for <Age at={since} long />
      </span>
      {host === "" ? null : (
        <a {...link(href("hosts", { host }))} class="fact">
          {host}
        </a>
      )}
      {rev === 0 ? null : (
        <a {...link(rolloutHref(row, rev))} class="fact">
          rev {rev}
        </a>
      )}
      {generation === 0 ? null : <span class="fact">generation {generation}</span>}
      {weight === null ? null : <span class="fact">weight {weight}</span>}
      {origin === "managed" ? null : <span class="fact">{origin}</span>}
    </div>
  );
}

function PortLink({ address, port }: { address: string; port: ContainerDetail["ports"][number] }) {
  const to = portLink(address, port);
  const text = `${address}:${port.external}`;
  if (to === undefined) return <b>{text}</b>;
  return (
    <a href={to} target="_blank" rel="noopener noreferrer">
      {to} ↗
    </a>
  );
}

// What needs somebody: groups in trouble with their cause and last line, hosts that do not answer.

import type { GroupRow, HostRow } from "../../wire.js";
import { passesContainer, shownGroups, shownHosts } from "../filter/lists.js";
import { fleet, isStale, seenNow } from "../live/fleet.js";
import { groupRank } from "../live/order.js";
import { lastLineOf, reasonOf, servingText, stateWords, troubleSince } from "../live/summary.js";
import { Age, Clock } from "../parts/age.js";
import { groupCommand, hostCommand } from "../parts/commands.js";
import { CopyButton } from "../parts/copy.js";
import { GroupLink } from "../parts/group-link.js";
import { Glyph } from "../parts/state.js";
import { link, view } from "../view.js";
import { groupHref, href, keptQuery } from "../view-url.js";

/** More than a screen of trouble is a list. */
const MOST = 30;

export function Attention() {
  fleet.containers.version.value;
  const groups = shownGroups.value.filter((row) => groupRank(row) === 0);
  const hosts = shownHosts.value.filter(({ state }) => state !== "ready");
  const count = groups.length + hosts.length;
  return (
    <section aria-labelledby="attention">
      <h2 id="attention">Needs attention {isStale.value ? "" : `(${count})`}</h2>
      {count > 0 ? null : <Nothing />}
      <ul class="cards">
        {hosts.slice(0, MOST).map((host) => (
          <SilentHost key={host.name} host={host} />
        ))}
        {groups.slice(0, MOST).map((row) => (
          <Trouble key={row.id} row={row} />
        ))}
      </ul>
      {hosts.length <= MOST ? null : (
        <p>
          <a {...link(href("hosts", keptQuery(view.value.query)))}>and {hosts.length - MOST} more hosts</a>
        </p>
      )}
      {groups.length <= MOST ? null : (
        <p>
          <a {...link(href("groups", keptQuery(view.value.query)))}>and {groups.length - MOST} more groups</a>
        </p>
      )}
    </section>
  );
}

/** Nothing is known to be wrong only as long as something is known. */
function Nothing() {
  return isStale.value ? (
    <p class="muted">? unknown</p>
  ) : (
    <p>
      <span class="ok" aria-hidden="true">
        ✓
      </span>{" "}
      nothing
    </p>
  );
}

function Trouble({ row }: { row: GroupRow }) {
  const { word, text } = stateWords(row);
  const since = troubleSince(row);
  const line = lastLineOf(row);
  const more = row.attention.length - 1;
  return (
    <li data-row={row.id}>
      <Glyph word={word} />
      <p class="card-line">
        <GroupLink row={row} />
        <span>
          {text}: {servingText(row)}
          {since === 0 ? null : (
            <>
              {" "}
              for <Age at={since} long />
            </>
          )}
        </span>
        <span class="why">
          {reasonOf(row)}
          {more > 0 ? <span class="muted"> and {more} more</span> : null}
        </span>
      </p>
      <p class="card-end">
        <a class="button" {...link(groupHref(row))}>
          why
        </a>
        <a class="button" {...link(href("logs", { ns: row.ns, of: row.ref }))}>
          logs
        </a>
        <CopyButton text={groupCommand(row)} what={groupCommand(row)} />
      </p>
      {line === "" ? null : <pre>{line}</pre>}
    </li>
  );
}

function SilentHost({ host }: { host: HostRow }) {
  const containers = fleet.containers.of("host", host.name);
  const lonely = containers.filter((one) => !hasSibling(one.group, host.name)).length;
  const shown = containers.filter(passesContainer).length;
  const places = href("containers", { filter: `host:${host.name}` });
  return (
    <li data-row={host.name} class="stale">
      <Glyph word={host.state} />
      <p class="card-line">
        <a class="ref" {...link(href("hosts"))}>
          {host.name}
        </a>
        <span>
          {host.state} <Age at={host.seen} long />
        </span>
        <span class="why">
          <a {...link(places)}>
            {containers.length} {containers.length === 1 ? "container" : "containers"}
          </a>{" "}
          last seen <Clock at={host.seen} />
          {shown === 0 ? null : ` · ${containers.length - lonely} of them have a ready sibling, ${lonely} do not`}
          {host.problem === "" ? null : ` · ${host.problem}`}
        </span>
      </p>
      <p class="card-end">
        <CopyButton text={hostCommand(host)} what={hostCommand(host)} />
      </p>
    </li>
  );
}

const hasSibling = (group: string, host: string): boolean =>
  fleet.containers.of("group", group).some((one) => one.host !== host && seenNow(one).word === "ready");

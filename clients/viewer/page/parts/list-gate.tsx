// What stands in the place of a list while it is read, when nothing was ever made, and when the filter hides all.

import { effect, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { withoutClause } from "../../../filter/edit.js";
import { lastRemoval } from "../../../filter/explain.js";
import type { Subject } from "../../../filter/match.js";
import { activeFilter, filterText, isFiltered, namespace } from "../filter/state.js";
import { kept } from "../kept.js";
import { fleet, link } from "../live/fleet.js";
import { setQuery } from "../view.js";
import { CopyLine } from "./copy.js";
import { Empty, Loading } from "./empty.js";
import { standIn } from "./stand-in.js";
import { State } from "./state.js";

/** So many there were when this browser looked the last time. */
const lastCount = kept("containers", signal(""));
effect(() => {
  // Read for its changes.
  fleet.containers.version.value;
  if (fleet.loaded.value) lastCount.value = String(fleet.containers.size);
});

interface ListGateProps {
  /** "groups" */
  readonly what: string;
  readonly here: number;
  readonly shown: number;
  /** What the filter was asked about, for naming the term that took the last one. */
  readonly subjects: () => Iterable<Subject>;
  readonly children: ComponentChildren;
}

export function ListGate({ what, here, shown, subjects, children }: ListGateProps) {
  const isUnread = fleet.truth.value?.state !== "ok" && fleet.groups.size === 0;
  switch (standIn({ loaded: fleet.loaded.value, here, shown, isFiltered: isFiltered.value, isUnread })) {
    case "reading":
      return <Reading />;
    case "list":
      return <>{children}</>;
    case "hidden":
      return <Hidden what={what} here={here} subjects={subjects} />;
    case "unread":
      return <Empty title="Nothing is known yet: it could not be read since this viewer was started." />;
    case "first-run":
      return <FirstRun what={what} />;
  }
}

function Reading() {
  const count = Number(lastCount.value);
  return <Loading what={`reading ${count > 0 ? `${count.toLocaleString("en")} ` : ""}containers…`} />;
}

function Hidden({ what, here, subjects }: Pick<ListGateProps, "what" | "here" | "subjects">) {
  const removal = lastRemoval(
    activeFilter.value.filter(({ isOff }) => !isOff),
    subjects(),
  );
  const count = `0 of ${here.toLocaleString("en")} ${what}`;
  if (removal === undefined) return <Empty title={`${count} pass the filter.`} />;
  const { clause, removed } = removal;
  return (
    <Empty
      title={
        <>
          {count}: <code>{clause.text}</code> removed the last {removed === 1 ? "one" : removed.toLocaleString("en")}.
        </>
      }
    >
      <button type="button" onClick={() => setQuery({ filter: withoutClause(filterText.value, clause) })}>
        drop that term
      </button>
    </Empty>
  );
}

const FIRST_LINES = [
  "theseus create hello/dev --image busybox --cmd 'httpd -f -p 8080' -p http=8080",
  "theseus get groups",
  "theseus discover hello -o host:port",
];

function FirstRun({ what }: { what: string }) {
  const ns = namespace.value;
  const inNamespace = ns === "" || ns === "default" ? "" : ` -n ${ns}`;
  const place = ns === "" ? (fleet.groups.size === 0 ? "default" : "any namespace") : ns;
  const nothing = fleet.groups.size === 0 || what === "groups" ? "groups" : what;
  return (
    <Empty
      title={
        <>
          No {nothing} yet in <code>{place}</code>.
        </>
      }
    >
      <p>Create one, look at it, find it:</p>
      {FIRST_LINES.map((line) => (
        <CopyLine key={line} line={`${line}${inNamespace}`} />
      ))}
      <Health />
    </Empty>
  );
}

/** What `theseus server status` would say, as far as the page knows. */
function Health() {
  const truth = fleet.truth.value;
  if (truth === null) return null;
  const hosts = [...fleet.hosts.all()];
  const answering = hosts.filter(({ state }) => state === "ready").length;
  return (
    <ul class="health" aria-label="theseus server status">
      <li>
        <State word={link.value.stale ? "unknown" : "ready"} text={`server ${truth.server} ${truth.version}`} />
      </li>
      <li>
        <State word={truth.state === "ok" ? "ready" : "unknown"} text={`store at revision ${truth.revision}`} />
      </li>
      <li>
        <State
          word={answering === hosts.length ? "ready" : "degraded"}
          text={`${answering} of ${hosts.length} hosts answer`}
        />
      </li>
    </ul>
  );
}

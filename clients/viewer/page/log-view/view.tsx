// A merged log with what one does with it: search, level, one slot, a moment, wrapped lines, and the newest lines again.

import { useMemo, useRef, useState } from "preact/hooks";
import { fleet, isStale } from "../live/fleet.js";
import { CopyLine } from "../parts/copy.js";
import { Empty, ErrorBox, Loading } from "../parts/empty.js";
import { clockText } from "../parts/time-text.js";
import { setQuery, view } from "../view.js";
import { type LogQuestion, logsLine, type Shown, shownOf, stillAsked } from "./asked.js";
import { type Chooser, chooserOf } from "./chosen.js";
import type { Entry } from "./line.js";
import { millisOf, nanosOf } from "./line.js";
import { LogList } from "./list.js";
import { indexAt, type LogRing } from "./ring.js";
import { rolloutMarkers } from "./rollout-markers.js";
import { LogTools } from "./tools.js";
import { type FollowedLog, useLog } from "./use-log.js";

/** @param question whose log; what of it is shown stands in the address. */
export function LogView({ question: next }: { question: LogQuestion }) {
  const shown = shownOf(view.value.query);
  const before = useRef<{ question: LogQuestion; line: string; ring: LogRing } | undefined>(undefined);
  const isThere = before.current?.line === shown.line || before.current?.ring.has(shown.line);
  const question = stillAsked(before.current?.question, next, shown.line !== "" && isThere === true);
  const log = useLog(question);
  before.current = { question, line: shown.line, ring: log.ring };
  const chooser = useMemo(() => chooserOf(shown.grep, shown.level), [shown.grep, shown.level]);
  // Read for its change: lines came.
  log.version.value;
  useRolloutMarkers(question, log);
  if (question.targets.length === 0)
    return <Empty title="No group is chosen: open the logs of a group, or choose containers and merge theirs." />;
  if (log.refused.value !== undefined) return <ErrorBox error={log.refused.value} />;
  return <Lines key={JSON.stringify(question)} question={question} log={log} shown={shown} chooser={chooser} />;
}

interface LinesProps {
  readonly question: LogQuestion;
  readonly log: FollowedLog;
  readonly shown: Shown;
  readonly chooser: Chooser;
}

function Lines({ question, log, shown, chooser }: LinesProps) {
  const { all, fresh, rests, follow, moment, wish, jump } = useRest(log, shown);
  const entries = useMemo(() => chooser.choose(all), [chooser, all]);
  const goTo = useGoTo({ entries, line: shown.line, moment, at: question.at, wish });
  // A line that is pointed at is looked at in peace.
  if (goTo?.isNew && !rests) queueMicrotask(() => follow(false));
  const hosts = log.sources.value.map(({ host }) => host);
  const hostColours = new Map([...new Set(hosts)].sort().map((host, at) => [host, at]));
  return (
    <div class="log-view" data-lines={entries.length} data-follows={!rests}>
      <LogTools question={question} shown={shown} problem={chooser.problem} sources={log.sources.value} jump={jump} />
      <div class="log-frame">
        {entries.length === 0 ? (
          <NoLines all={all.length} log={log} />
        ) : (
          <LogList
            entries={entries}
            chooser={chooser}
            wraps={shown.wraps}
            line={shown.line}
            namesGroup={question.targets.length > 1}
            hostColours={hostColours}
            follows={!rests}
            follow={follow}
            goTo={goTo}
          />
        )}
        {rests ? (
          <button type="button" class="fresh-lines" onClick={() => follow(true)} data-fresh={fresh}>
            {fresh} new ↓
          </button>
        ) : null}
      </div>
      <p class="log-foot muted">
        <Standing log={log} rests={rests} />
        {entries.length === all.length ? ` · ${all.length} lines` : ` · ${entries.length} of ${all.length} lines`}
        {log.isRead.value ? <Missing entries={all} at={question.at} /> : null}
        {log.ring.dropped === 0 ? "" : ` · ${log.ring.dropped} older ones were let go`}
      </p>
      <CopyLine line={logsLine(question, shown)} />
    </div>
  );
}

/** While a person reads, the lines rest as they were; those that come meanwhile are counted. */
function useRest({ ring }: FollowedLog, shown: Shown) {
  const [rest, setRest] = useState<{ entries: readonly Entry[]; added: number }>();
  const [moment, setMoment] = useState<number>();
  const wish = useRef(0);
  const follow = (follows: boolean) => {
    setRest(follows ? undefined : { entries: ring.entries, added: ring.added });
    if (!follows) return;
    setMoment(undefined);
    if (shown.line !== "") setQuery({ line: undefined, at: undefined });
  };
  /** What is older than all that was read is read first. */
  const jump = (time: number) => {
    const [first] = ring.entries;
    if (first !== undefined && time < millisOf(first.nanos)) return setQuery({ at: Math.floor(time), line: undefined });
    wish.current += 1;
    setRest({ entries: ring.entries, added: ring.added });
    setMoment(time);
  };
  const fresh = rest === undefined ? 0 : ring.added - rest.added;
  return { all: rest?.entries ?? ring.entries, fresh, rests: rest !== undefined, follow, moment, wish, jump };
}

interface GoTo {
  readonly entries: readonly Entry[];
  readonly line: string;
  readonly moment: number | undefined;
  readonly at: number;
  readonly wish: { current: number };
}

/** Where the list has to be: at the line of the address, once it has come, or at the moment that was asked for last. */
function useGoTo({ entries, line, moment, at, wish }: GoTo) {
  const done = useRef("");
  if (moment !== undefined) return { index: indexAt(entries, nanosOf(moment)), wish: wish.current, isNew: false };
  const sign = line === "" ? (at > 0 ? String(at) : "") : line;
  if (sign === "" || entries.length === 0) return undefined;
  const index = line === "" ? indexAt(entries, nanosOf(at)) : entries.findIndex(({ key }) => key === line);
  if (index < 0 || index >= entries.length) return undefined;
  const isNew = done.current !== sign;
  if (isNew) wish.current += 1;
  done.current = sign;
  return { index, wish: wish.current, isNew };
}

/** The moment that was asked for is older than what is there: nothing was written then, or it is not kept. */
function Missing({ entries: [first], at }: { entries: readonly Entry[]; at: number }) {
  if (at === 0 || first === undefined || millisOf(first.nanos) <= at) return null;
  return (
    <span role="status">{` · nothing of ${clockText(at)} is here: the first line is of ${clockText(millisOf(first.nanos))}`}</span>
  );
}

function NoLines({ all, log }: { all: number; log: FollowedLog }) {
  if (all > 0) return <Empty title={`None of ${all} lines is of that level and has that text.`} />;
  const why = log.failed.value;
  if (why !== "") return <Empty title={`The log cannot be read now, and is tried again: ${why}`} />;
  if (log.isRead.value) return <Empty title="Nothing has been written yet; new lines appear here." />;
  return <Loading what="reading the log…" />;
}

function Standing({ log, rests }: { log: FollowedLog; rests: boolean }) {
  const lost = log.state.value !== "live";
  if (lost || isStale.value) {
    const why = log.failed.value;
    const reason = why === "" || log.ring.entries.length === 0 ? "" : `: ${why}`;
    return <span class="warn">? not connected: new lines are not seen{reason}</span>;
  }
  return rests ? <span>‖ resting, new lines wait</span> : <span>● following</span>;
}

/** What the page's store says of rollouts of these groups stands among the lines, at its own time. */
function useRolloutMarkers({ targets }: LogQuestion, { ring }: FollowedLog): void {
  const markers = targets.flatMap((target) => {
    const row = fleet.groups.get(`${target.ns} ${target.ref}`);
    return row?.rollout ? rolloutMarkers(target, row.rollout) : [];
  });
  const first = ring.entries[0];
  if (first !== undefined)
    ring.add(markers.filter(({ nanos }) => nanos.length >= first.nanos.length && nanos >= first.nanos));
}

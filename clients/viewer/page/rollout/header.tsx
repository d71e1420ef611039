// The head of a rollout: which it is, how far, who asked for it and why, what changes, and what could be done.

import type { GroupKey, RolloutDetail, RolloutRow } from "../../wire.js";
import { SecretOr } from "../config-diff/diff.js";
import { Age, Clock } from "../parts/age.js";
import { CopyLine } from "../parts/copy.js";
import { Fact, State } from "../parts/state.js";
import { durationText, lastedText } from "../parts/time-text.js";
import { link } from "../view.js";
import { groupHref, rolloutHref } from "../view-url.js";
import { goesOn, offersOf, policyText } from "./story.js";

interface HeaderProps {
  readonly group: GroupKey;
  readonly row: RolloutRow;
  readonly changes: RolloutDetail["changes"];
  readonly now: number;
}

export function RolloutHeader({ group, row, changes, now }: HeaderProps) {
  return (
    <div class="detail-head">
      <div class="head-line">
        <h1>
          {row.id} <a {...link(groupHref(group))}>{group.ref}</a>
        </h1>
        <span class="revs">{row.from > 0 ? `${row.from} → ${row.to}` : `rev ${row.to}`}</span>
        <State word={row.state} text={stateText(row)} />
        <Fact value={`${row.readyNew} of ${row.wanted}`}>new ready</Fact>
        <Fact value={row.readyOld}>old ready</Fact>
        <Fact value={row.promised}>promised</Fact>
        <span class="fact">{timeText(row, now)}</span>
      </div>
      <p class="asked">
        started <Clock at={row.started} /> (<Age at={row.started} long /> ago) by{" "}
        <b class="breaks">{row.change.actor || "theseus"}</b>
        {row.change.message === "" ? null : <q class="breaks">{row.change.message}</q>}
      </p>
      <p class="asked">{row.from === 0 ? <First changes={changes} /> : <Changes changes={changes} />}</p>
      <p class="asked muted">{policyText(row)}</p>
      <Relations group={group} row={row} />
      <div class="offers">
        {offersOf(group, row).map(({ label, line }) => (
          <CopyLine key={label} label={label} line={line} />
        ))}
      </div>
    </div>
  );
}

function stateText({ state, pause }: RolloutRow): string {
  const words: Record<string, string> = { asked: "by a person", canary: "canaries wait", step: "at a step" };
  const by = state === "paused" ? (words[pause] ?? "") : "";
  return `${state.replaceAll("-", " ")}${by === "" ? "" : `: ${by}`}`;
}

function timeText(row: RolloutRow, now: number): string {
  const { started, ended, deadline } = row;
  if (ended > 0) return `took ${lastedText(ended - started)}`;
  const so = `${durationText(now - started)}`;
  return goesOn(row) && deadline > 0 ? `${so}, fails without progress in ${durationText(deadline - now)}` : so;
}

const MOST_CHANGES = 6;

function Changes({ changes }: Pick<HeaderProps, "changes">) {
  if (changes.length === 0) return <span class="muted">no field differs</span>;
  return (
    <>
      {changes.slice(0, MOST_CHANGES).map(({ path, from, to }) => (
        <span key={path} class="change">
          <b class="breaks">{path}</b> <Side text={from} /> → <Side text={to} />
        </span>
      ))}
      {changes.length > MOST_CHANGES ? <span class="muted">and {changes.length - MOST_CHANGES} more</span> : null}
    </>
  );
}

/** Everything is new in the first revision: only what runs is said. */
function First({ changes }: Pick<HeaderProps, "changes">) {
  const image = changes.find(({ path }) => path === "image")?.to ?? "";
  return <span class="change breaks">nothing ran before{image === "" ? "" : `: ${image}`}</span>;
}

function Side({ text }: { text: string }) {
  return text === "" ? <span class="muted">unset</span> : <SecretOr text={text} />;
}

/** What took it back, what it takes back, and what took its place. */
function Relations({ group, row: { rollbackRev, rollbackOf, supersededBy } }: Pick<HeaderProps, "group" | "row">) {
  const others = [
    { rev: rollbackRev, text: "taken back by" },
    { rev: rollbackOf, text: "takes back" },
    { rev: supersededBy, text: "its place was taken by" },
  ].filter(({ rev }) => rev > 0);
  if (others.length === 0) return null;
  return (
    <p class="asked">
      {others.map(({ rev, text }) => (
        <span key={text}>
          {text} <a {...link(rolloutHref(group, rev))}>r-{rev}</a>{" "}
        </span>
      ))}
    </p>
  );
}

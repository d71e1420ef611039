// The head of a group's page: its state in words and figures, its labels, why it is not as asked, and what could be done.

import type { AttentionRow, GroupRow } from "../../wire.js";
import { commandLine, groupLine, slotRef } from "../detail/command.js";
import { useContainersOf } from "../detail/live-group.js";
import { Age } from "../parts/age.js";
import { Chips } from "../parts/chip.js";
import { CopyLine } from "../parts/copy.js";
import { Fact, Glyph, State } from "../parts/state.js";
import { goesOn } from "../rollout/story.js";
import { link } from "../view.js";
import { rolloutHref } from "../view-url.js";

export function GroupHeader({ row }: { row: GroupRow }) {
  const { rollout } = row;
  const moves = rollout !== null && rollout.from > 0 && row.state === "rolling";
  return (
    <div class="detail-head">
      <div class="head-line">
        <h1>{row.ref}</h1>
        <State word={row.state} text={moves ? `rolling ${rollout.from} → ${rollout.to}` : row.state} />
        {row.rev > 0 ? <Fact value={row.wanted}>wanted</Fact> : null}
        <Fact value={row.ready}>ready</Fact>
        {row.old > 0 ? <Fact value={row.old}>old</Fact> : null}
        {row.rev > 0 ? (
          <span class="fact">
            rev <b>{row.rev}</b>
          </span>
        ) : null}
        <Endpoints row={row} />
        {rollout === null || !goesOn(rollout) ? null : (
          <a {...link(rolloutHref(row, rollout.to))}>
            {rollout.id} {rollout.readyNew} of {rollout.wanted}
          </a>
        )}
      </div>
      <p class="asked">
        <Chips labels={row.labels} /> <span class="muted">namespace</span> <span class="change">{row.ns}</span>{" "}
        {row.image === "" ? (
          <span class="muted">registered by programs, not run by Theseus</span>
        ) : (
          <>
            <span class="muted">image</span> <code class="breaks">{row.image}</code>
          </>
        )}
      </p>
      <div class="offers">
        <LastChange row={row} />
        <CopyLine line={groupLine(row, "describe")} />
      </div>
      {row.attention.length === 0 ? null : (
        <ul class="attention" aria-label="why it is not as asked">
          {row.attention.map((one) => (
            <Attention key={`${one.reason} ${one.slot} ${one.host}`} row={row} attention={one} />
          ))}
        </ul>
      )}
    </div>
  );
}

/** How many containers a client could be given now. */
function Endpoints({ row }: { row: GroupRow }) {
  const ready = useContainersOf(row).filter(({ state, port }) => state === "ready" && port > 0).length;
  return ready === 0 ? null : <Fact value={ready}>{ready === 1 ? "endpoint" : "endpoints"}</Fact>;
}

function LastChange({ row: { last } }: { row: GroupRow }) {
  if (last.time === 0) return null;
  return (
    <p class="asked muted">
      last change <Age at={last.time} long /> ago by <b class="breaks">{last.actor || "theseus"}</b>
      {last.message === "" ? null : <q class="breaks">{last.message}</q>}
    </p>
  );
}

function Attention({ row, attention }: { row: GroupRow; attention: AttentionRow }) {
  const { reason, text, slot, host, since, retry } = attention;
  return (
    <li data-attention={reason}>
      <Glyph word={row.state === "failing" ? "failing" : "degraded"} />
      <span class="attention-text breaks">
        {slot > 0 ? <b>:{slot} </b> : null}
        {host === "" ? null : <span class="muted">{host} </span>}
        {text === "" ? reason : text} <code class="code">[{reason}]</code>
        <span class="muted">
          {" "}
          for <Age at={since} long />
          {retry > 0 ? <RetryIn at={retry} /> : null}
        </span>
      </span>
      {slot > 0 ? <CopyLine line={commandLine(row.ns, "logs", slotRef(row, slot), "--previous")} /> : null}
    </li>
  );
}

function RetryIn({ at }: { at: number }) {
  return (
    <>
      , tried again at <time dateTime={new Date(at).toISOString()}>{new Date(at).toTimeString().slice(0, 8)}</time>
    </>
  );
}

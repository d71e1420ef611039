// The answer to a lookup as a client gets it now: endpoints, what is not in it and why, all formats, and how it changed.

import { useEffect, useRef, useState } from "preact/hooks";
import type { LookupAnswer } from "../../wire.js";
import { DetailState } from "../detail/detail-state.js";
import { useDetail } from "../detail/use-detail.js";
import { Clock } from "../parts/age.js";
import { CopyButton, CopyLine } from "../parts/copy.js";
import { ShortTable } from "../parts/short-table.js";
import { State } from "../parts/state.js";
import { link, queryText, setQuery } from "../view.js";
import { containerHref, groupHref } from "../view-url.js";
import { discoverLine, type LookupQuestion, lookupPath, missText } from "./asked.js";

interface LookupProps {
  readonly question: LookupQuestion;
  /** Another value whenever the answer may be another. */
  readonly sign: unknown;
}

export function LookupView({ question, sign }: LookupProps) {
  const settled = useSettled(question);
  const detail = useDetail<LookupAnswer>(lookupPath(settled), sign);
  const last = useRef<Answered | undefined>(undefined);
  if (detail.value !== undefined) last.current = { answer: detail.value, at: detail.at, question: settled };
  const { answer, at, question: answered } = last.current ?? {};
  return (
    <DetailState detail={{ ...detail, value: answer, at: at ?? detail.at }} what="asking discovery…">
      {(value) => (
        <div class={answered !== undefined && lookupPath(answered) === lookupPath(question) ? undefined : "is-old"}>
          <Answer answer={value} question={answered ?? question} />
        </div>
      )}
    </DetailState>
  );
}

/** The last answer stays until the next one has come. */
interface Answered {
  readonly answer: LookupAnswer;
  readonly at: number;
  readonly question: LookupQuestion;
}

const SETTLE = 250;

/** Who types is asked for when the typing rests. The same object as long as it is the same question. */
function useSettled(question: LookupQuestion): LookupQuestion {
  const [settled, setSettled] = useState(question);
  const isSame = JSON.stringify(settled) === JSON.stringify(question);
  useEffect(() => {
    if (isSame) return;
    const timer = setTimeout(() => setSettled(question), SETTLE);
    return () => clearTimeout(timer);
  }, [JSON.stringify(question), isSame]);
  return settled;
}

function Answer({ answer, question }: { answer: LookupAnswer; question: LookupQuestion }) {
  const { endpoints, notReady, nearMisses, miss, revision, asOf } = answer;
  return (
    <div class="lookup" data-endpoints={endpoints.length} data-miss={miss}>
      <p class="verdict">
        <span role="status">
          {endpoints.length > 0 ? (
            <State word="ready" text={`${endpoints.length} ${endpoints.length === 1 ? "endpoint" : "endpoints"}`} />
          ) : (
            <State word="failing" text={`nothing: ${missText(miss)}`} />
          )}
        </span>
        <span class="muted">
          {notReady.length > 0 ? ` ${notReady.length} not ready · ` : " "}
          revision {revision} · as of <Clock at={asOf} />
        </span>
      </p>
      {endpoints.length === 0 ? null : <Endpoints endpoints={endpoints} />}
      <div class="lookup-more">
        {nearMisses.length === 0 ? null : (
          <section>
            <h2>near misses</h2>
            <ul class="plain-list" data-near-misses>
              {nearMisses.map((text) => (
                <li key={text} class="breaks">
                  ≈ {text}
                </li>
              ))}
            </ul>
          </section>
        )}
        {notReady.length === 0 ? null : <NotReady notReady={notReady} />}
        <Waiting watchers={answer.watchers} />
        <Changes changes={answer.changes} />
      </div>
      <Formats formats={answer.formats} question={question} />
    </div>
  );
}

/** More rows would take the browser seconds. */
const MOST_ROWS = 100;

const TITLES = ["group", "endpoint", "port", "host", "rev", "weight"];

function Endpoints({ endpoints }: Pick<LookupAnswer, "endpoints">) {
  return (
    <ShortTable caption="endpoints" titles={TITLES} look="slots">
      {endpoints.slice(0, MOST_ROWS).map(({ container, address, port, portName, weight }) => (
        <tr key={`${container.id} ${port}`} data-endpoint={`${address}:${port}`}>
          <th scope="row">
            <a {...link(containerHref(container))}>
              {container.ref}
              {container.slot > 0 ? `:${container.slot}` : ""}
            </a>
          </th>
          <td data-title="endpoint">
            {address}:{port}
          </td>
          <td data-title="port">{portName || "–"}</td>
          <td data-title="host">{container.host || "–"}</td>
          <td data-title="rev">{container.rev || "–"}</td>
          <td data-title="weight">{weight}</td>
        </tr>
      ))}
      {endpoints.length <= MOST_ROWS ? null : (
        <tr>
          <td colSpan={6} class="muted">
            and {endpoints.length - MOST_ROWS} more: name a service or labels, or read them below
          </td>
        </tr>
      )}
    </ShortTable>
  );
}

function NotReady({ notReady }: Pick<LookupAnswer, "notReady">) {
  return (
    <section>
      <h2>not in the answer</h2>
      <ul class="plain-list" data-not-ready>
        {notReady.map((one) => (
          <li key={`${one.ref} ${one.name}`}>
            <State word={one.state} /> <a {...link(groupHref(one))}>{one.ref}</a> <span class="breaks">{one.name}</span>{" "}
            <span class="muted breaks">{one.why}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Waiting({ watchers }: Pick<LookupAnswer, "watchers">) {
  return (
    <section>
      <h2>waited for</h2>
      {watchers.length === 0 ? (
        <p class="muted">Nobody: every watcher knows which containers leave.</p>
      ) : (
        <ul class="plain-list" data-watchers>
          {watchers.map((who) => (
            <li key={who} class="breaks">
              ◌ {who}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Changes({ changes }: Pick<LookupAnswer, "changes">) {
  return (
    <section>
      <h2>last changes of this answer</h2>
      {changes.length === 0 ? <p class="muted">None was seen since this viewer watches.</p> : null}
      <ol class="plain-list" data-changes={changes.length}>
        {[...changes].reverse().map(({ time, revision, put, removed }) => (
          <li key={`${revision} ${time}`}>
            <Clock at={time} /> <span class="muted">{revision}</span>{" "}
            <span class="breaks">
              {put.length === 0 ? null : <span class="ok">+ {put.join(", ")} </span>}
              {removed.length === 0 ? null : <span class="bad">− {removed.join(", ")}</span>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Formats({ formats, question }: Pick<LookupAnswer, "formats"> & { question: LookupQuestion }) {
  const names = Object.keys(formats);
  const asked = queryText("format").value;
  const [first = ""] = names;
  const chosen = names.includes(asked) ? asked : first;
  if (chosen === "") return null;
  const text = formats[chosen] ?? "";
  return (
    <section class="formats">
      <div class="tools">
        <h2>as a program reads it</h2>
        <label>
          format{" "}
          <select value={chosen} onChange={(event) => setQuery({ format: event.currentTarget.value })}>
            {names.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <CopyButton text={text} what={`the answer as ${chosen}`} />
      </div>
      <pre class="wraps" data-format={chosen}>
        {text === "" ? <span class="muted">(an empty answer)</span> : text}
      </pre>
      <CopyLine line={discoverLine(question, chosen)} />
    </section>
  );
}

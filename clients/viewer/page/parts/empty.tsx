// What stands where there is nothing: why, and what to do; and errors in their four lines.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { isFinal, Refused, type Told } from "../live/ports.js";
import { CopyLine } from "./copy.js";

export function Empty({ title, children }: { title: ComponentChildren; children?: ComponentChildren }) {
  return (
    <div class="empty" role="status">
      <p>{title}</p>
      {children}
    </div>
  );
}

/** An error in the lines that its server made: what, why, now, next. `retry`: what asks again. */
export function ErrorBox({ error, retry }: { error: unknown; retry?: () => void }) {
  const told = error instanceof Refused ? error.told : undefined;
  return (
    <div class="error-box" role="alert">
      <p>
        <span class="bad glyph" aria-hidden="true">
          ✗
        </span>
        <b>{told?.message ?? (error instanceof Error ? error.message : String(error))}</b>
        {told === undefined ? null : <code class="code">[{told.code}]</code>}
      </p>
      {told === undefined ? null : <ErrorLines told={told} />}
      {retry === undefined || isFinal(error) ? null : (
        <button type="button" onClick={retry}>
          try again
        </button>
      )}
    </div>
  );
}

function ErrorLines({ told: { why, now, next } }: { told: Told }) {
  if (why.length === 0 && now === "" && next.length === 0) return null;
  return (
    <dl>
      <ErrorLine name="why" lines={why} />
      <ErrorLine name="now" lines={now === "" ? [] : [now]} />
      <ErrorLine name="next" lines={next} />
    </dl>
  );
}

function ErrorLine({ name, lines }: { name: string; lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {lines.map((line) => (
          <NextLine key={line} line={line} />
        ))}
      </dd>
    </>
  );
}

/** Commands can be copied, advice is read. */
function NextLine({ line }: { line: string }) {
  return line.startsWith("theseus ") ? <CopyLine line={line} /> : <p>{line}</p>;
}

const SKELETON_AFTER = 150;
const WORDS_AFTER = 1_000;

/** Nothing at first, rows without words after 150 ms, words after a second. `what`: "reading 10,000 containers…". */
export function Loading({ what }: { what: string }) {
  const [stage, setStage] = useState(0);
  useEffect(() => {
    const timers = [setTimeout(() => setStage(1), SKELETON_AFTER), setTimeout(() => setStage(2), WORDS_AFTER)];
    return () => timers.forEach(clearTimeout);
  }, []);
  return (
    <div class="loading" aria-busy="true">
      {stage < 2 ? null : <p role="status">{what}</p>}
      {stage < 1 ? null : (
        <div class="skeleton" aria-hidden="true">
          {[72, 58, 80, 64, 49, 70].map((width) => (
            <span key={width} class="skeleton-row" style={{ width: `${width}%` }} />
          ))}
        </div>
      )}
    </div>
  );
}

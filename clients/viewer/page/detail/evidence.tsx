// What is kept of a container that failed: why, its end, the last answers of its checks, and its last lines.

import type { EvidenceDetail, GroupKey } from "../../wire.js";
import { Age, Clock } from "../parts/age.js";
import { CopyLine } from "../parts/copy.js";
import { link } from "../view.js";
import { containerHref } from "../view-url.js";
import { commandLine, slotRef } from "./command.js";

const MOST_LINES = 20;

/** "exit code 1", "killed: out of memory", "did not end by itself" */
export function endText({ exitCode, outOfMemory }: Pick<EvidenceDetail, "exitCode" | "outOfMemory">): string {
  if (outOfMemory) return `out of memory${exitCode === null ? "" : `, exit code ${exitCode}`}`;
  return exitCode === null ? "had not ended by itself" : `exit code ${exitCode}`;
}

interface EvidenceProps {
  readonly group: GroupKey;
  readonly evidence: EvidenceDetail;
  /** Of the image it was made from, where it is known. */
  readonly image?: string;
  /** How many others of the same slot and revision failed before it. */
  readonly before?: number;
  /** Its command line stands elsewhere on the page. */
  readonly isOffered?: boolean;
}

export function Evidence({ group, evidence, image = "", before = 0, isOffered = false }: EvidenceProps) {
  const { container, slot, rev, host, time, reason, text, exitCode } = evidence;
  return (
    <section
      class="evidence"
      aria-label={`why ${container} failed`}
      data-evidence={container}
      data-exit={exitCode ?? ""}
    >
      <p class="evidence-what">
        <span class="glyph bad" aria-hidden="true">
          ✗
        </span>{" "}
        <b class="breaks">{text === "" ? reason : text}</b> <code class="code">[{reason}]</code>
      </p>
      <dl class="facts">
        <Fact name="end">{endText(evidence)}</Fact>
        <Fact name="when">
          <Clock at={time} /> (<Age at={time} long /> ago)
        </Fact>
        <Fact name="where">
          slot {slot} · rev {rev} · {host} · <a {...link(containerHref({ ...group, name: container }))}>{container}</a>
        </Fact>
        {image === "" ? null : <Fact name="image">{image}</Fact>}
        {before === 0 ? null : <Fact name="others">{before} more of this slot and revision failed</Fact>}
      </dl>
      <Answers health={evidence.health} />
      <LastLines lines={evidence.lines} />
      {isOffered ? null : <CopyLine line={commandLine(group.ns, "logs", slotRef(group, slot), "--previous")} />}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Answers({ health }: { health: readonly string[] }) {
  if (health.length === 0) return null;
  return (
    <div>
      <p class="muted">last answers of its health check</p>
      <ul class="lines">
        {repeated(health).map(({ answer, count }, at) => (
          <li key={`${at} ${answer}`}>
            <span class="line-text">{answer}</span>
            {count === 1 ? null : <span class="muted">×{count}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The same answer again and again is one with a count. */
function repeated(answers: readonly string[]): { readonly answer: string; readonly count: number }[] {
  const runs: { answer: string; count: number }[] = [];
  for (const answer of answers) {
    const last = runs.at(-1);
    if (last?.answer === answer) last.count += 1;
    else runs.push({ answer, count: 1 });
  }
  return runs;
}

function LastLines({ lines }: Pick<EvidenceDetail, "lines">) {
  if (lines.length === 0) return <p class="muted">It had written nothing that could be kept.</p>;
  const shown = lines.slice(-MOST_LINES);
  return (
    <div>
      <p class="muted">
        last {shown.length === 1 ? "line" : `${shown.length} lines`}{" "}
        {shown.length < lines.length ? `of ${lines.length}` : ""}
      </p>
      <ol class="lines" data-last-lines>
        {shown.map(({ time, stderr, text }, at) => (
          <li key={`${time} ${at}`} class={stderr ? "stderr" : ""}>
            <Clock at={time} /> <span class="line-text">{text}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

// What is kept of containers that failed, in words and as an object.

import type { Evidence } from "../../gen/theseus/v1/rollout.js";
import { formatGroup } from "../references.js";
import { compact } from "./config-object.js";
import { reasonCode } from "./words.js";

type Json = Record<string, unknown>;

const NANOS = 1_000_000n;
/** Of one container, where they stand among other things. */
const LINES_SHOWN = 5;

/** ":1 rev 3 on local: web.dev.1.3-k3f9x2 ended by itself with exit code 1   [CONTAINER_EXITED]" */
export function endText(evidence: Evidence): string {
  const { group, slot, configRevision, host, container, text, reason, lines } = evidence;
  const name = `${group === undefined ? "" : formatGroup(group)}:${slot}`;
  const what = text.startsWith(container) ? text : `${container}: ${text}`;
  const nothing = lines.length === 0 ? "; no lines of it are kept" : "";
  return `${name} rev ${configRevision} on ${host}: ${plain(what)}${exitText(evidence)}${nothing} [${reasonCode(reason)}]`;
}

/** Where the text does not say it. */
function exitText({ exitCode, text }: Evidence): string {
  return exitCode === undefined || text.includes(`exit code ${exitCode}`) ? "" : ` (exit code ${exitCode})`;
}

/** "last lines:  12:03:09  Error: ..." with the lines below each other; nothing of one that has written nothing. */
export function lastLinesText({ lines }: Evidence): readonly string[] {
  const title = "last lines:  ";
  return lines.slice(-LINES_SHOWN).map(({ timeUnixNanos, text }, i) => {
    const at = new Date(Number(timeUnixNanos / NANOS)).toISOString().slice(11, 19);
    return `${i === 0 ? title : " ".repeat(title.length)}${at}  ${plain(text)}`;
  });
}

/** A line of a program as it may stand among our own: nothing in it moves the cursor or colours what follows. */
function plain(text: string): string {
  return text
    .replace(/\p{Cc}\[[\d;?]*[A-Za-z]/gu, "")
    .replace(/\t/g, "  ")
    .replace(/\p{Cc}/gu, "");
}

export function evidenceObject(evidence: Evidence): Json {
  const { container, slot, generation, configRevision, host, time, reason, text, exitCode, lines } = evidence;
  return compact({
    container,
    slot,
    generation: Number(generation),
    configRevision: Number(configRevision),
    host,
    time: time?.toISOString(),
    code: reasonCode(reason),
    text,
    exitCode,
    outOfMemory: evidence.outOfMemory,
    health: evidence.health,
    lines: lines.map(({ timeUnixNanos: at, stderr, text: line }) => ({
      t: `${new Date(Number(at / NANOS)).toISOString().slice(0, -1)}${String(at % NANOS).padStart(6, "0")}Z`,
      stream: stderr ? "stderr" : "stdout",
      line,
    })),
  });
}

// One line of a log as it is printed, and what is said in between of containers that come and go.

import type { LogLine, LogNote, LogSource } from "../../gen/theseus/v1/theseus_service.js";
import { LogNoteKind } from "../../gen/theseus/v1/theseus_service.js";
import { type Context, isSet, optionalText } from "../context.js";
import { usage } from "../failure.js";
import { formatGroup } from "../references.js";

export interface Lines {
  line(line: LogLine, source: LogSource): string;
  /** For stderr. */
  note(note: LogNote, source: LogSource): string;
}

const STAMPS = ["full", "short", "none"] as const;
const NANOS = 1_000_000n;

/** @param isOneGroup then its name is not repeated on each line. @throws Failure USAGE. */
export function linesOf(context: Context, isOneGroup: boolean): Lines {
  const { format } = context.globals;
  if (format === "jsonl" || format === "json") return { line: jsonLine, note: noteText };
  if (format !== "table" && format !== "wide" && format !== "tsv")
    throw usage(`logs are not printed as ${format}`, ["-o jsonl gives an object a line"]);
  const stamp = stampOf(context);
  const prefixed = !isSet(context, "noPrefix") && context.options["prefix"] !== false;
  return {
    line: (line, source) => {
      const parts = [stamp(line.timeUnixNanos), prefixed ? prefixOf(source, isOneGroup) : ""];
      return `${[...parts.filter((part) => part !== ""), line.text].join(" ")}\n`;
    },
    note: noteText,
  };
}

function prefixOf({ group, slot, host }: LogSource, isOneGroup: boolean): string {
  const name = isOneGroup || group === undefined ? "" : formatGroup(group);
  return `${name}:${slot} ${host} `;
}

function stampOf(context: Context): (at: bigint) => string {
  const asked = optionalText(context, "timestamps") ?? "short";
  const known = STAMPS.find((stamp) => stamp === asked);
  switch (known) {
    case "full":
      return (at) => `${isoOf(at).slice(0, -1)}${String(at % NANOS).padStart(6, "0")}Z`;
    case "short":
      return (at) => isoOf(at).slice(11, -1);
    case "none":
      return () => "";
    case undefined:
      throw usage(`"${asked}" is not a way to show times`, [STAMPS.join(" ")]);
  }
}

function isoOf(at: bigint): string {
  return new Date(Number(at / NANOS)).toISOString();
}

function jsonLine({ timeUnixNanos: at, stderr, text }: LogLine, source: LogSource): string {
  const { group, slot, host, name, configRevision } = source;
  const t = `${isoOf(at).slice(0, -1)}${String(at % NANOS).padStart(6, "0")}Z`;
  const ref = group === undefined ? "" : formatGroup(group);
  const stream = stderr ? "stderr" : "stdout";
  const object = { t, ref, slot, host, container: name, rev: Number(configRevision), stream, line: text };
  return `${JSON.stringify(object)}\n`;
}

function noteText({ kind, text }: LogNote, { group, slot, host, configRevision }: LogSource): string {
  const name = `${group === undefined ? "" : formatGroup(group)}:${slot}`;
  switch (kind) {
    case LogNoteKind.JOINED:
      return `-- ${name} rev ${configRevision} on ${host} --\n`;
    case LogNoteKind.ENDED:
      return `-- ${name} rev ${configRevision} on ${host} is gone --\n`;
    case LogNoteKind.MISSING:
      return `-- lines of ${name} on ${host} are missing: ${text} --\n`;
    default:
      return "";
  }
}

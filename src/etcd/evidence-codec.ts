// The stored form of an evidence.

import { REASONS } from "../model/errors.js";
import type { Evidence } from "../model/evidence.js";
import type { LogLine, Nanoseconds } from "../model/logs.js";
import { type Codec, flag, instant, list, may, must, oneOf, record, text, whole } from "./json-codec.js";

const NANOS_OF_SECOND = 1_000_000_000n;
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{9})Z$/;

/** As RFC 3339 text with nine digits after the point: the order of lines hangs on them. */
const nanoseconds: Codec<Nanoseconds> = {
  write(at) {
    const seconds = new Date(Number(at / 1_000_000n)).toISOString().slice(0, 19);
    return `${seconds}.${String(at % NANOS_OF_SECOND).padStart(9, "0")}Z`;
  },
  read(json, at, problems) {
    const [, seconds = "", rest = ""] = (typeof json === "string" && TIME.exec(json)) || [];
    const millis = Date.parse(`${seconds}Z`);
    if (!Number.isNaN(millis)) return BigInt(millis / 1000) * NANOS_OF_SECOND + BigInt(rest);
    problems.push(`${at} is not a time with nanoseconds`);
    return 0n;
  },
  carry: (_, next) => next,
};

const lineCodec = record<LogLine>({
  at: must("at", nanoseconds),
  stream: must("stream", oneOf("stdout", "stderr")),
  text: must("text", text),
});

/** /theseus/evidence/{ns}/{group uid}/{config revision}/{slot}/{name} */
export const evidenceCodec = record<Evidence>({
  container: must("container", text),
  slot: must("slot", whole),
  generation: must("generation", whole),
  configRevision: must("config_revision", whole),
  host: must("host", text),
  at: must("at", instant),
  reason: must("reason", oneOf(...REASONS)),
  text: must("text", text),
  exitCode: may("exit_code", whole),
  outOfMemory: must("out_of_memory", flag),
  health: must("health", list(text)),
  lines: must("lines", list(lineCodec)),
  unread: may("unread", text),
});
